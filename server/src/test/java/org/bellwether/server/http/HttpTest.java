package org.bellwether.server.http;

import static org.bellwether.server.http.HttpNode.header;
import static org.bellwether.server.http.HttpNode.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The HTTP API as docs/http.md describes it, over real sockets, against a real node.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTest {
    private HttpNode node;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        node = new HttpNode(folder, Limits.DEFAULT);
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    // Keys and values.

    @Test
    void aPutCreatesThenReplacesAndTellsTheRevision() throws Exception {
        var created = node.put("life", "1");
        assertEquals(201, created.statusCode());
        assertTrue(text(created).endsWith("\"created\":true}"), text(created));
        var replaced = node.put("life", "2");
        assertEquals(200, replaced.statusCode());
        assertFalse(header(created, "ETag").equals(header(replaced, "ETag")));
        var read = node.get("life");
        assertEquals("2", text(read));
        assertEquals(header(replaced, "ETag"), header(read, "ETag"));
        assertEquals("application/octet-stream", header(read, "Content-Type"));
        assertEquals("nosniff", header(read, "X-Content-Type-Options"));
        assertEquals("sandbox", header(read, "Content-Security-Policy"));
    }

    @Test
    void deletingSaysWhetherThereWasSomething() throws Exception {
        node.put("gone", "x");
        assertTrue(text(node.send("DELETE", "/v1/kv/gone", null)).endsWith("\"deleted\":1}"));
        assertTrue(text(node.send("DELETE", "/v1/kv/gone", null)).endsWith("\"deleted\":0}"));
        var read = node.get("gone");
        assertEquals(404, read.statusCode());
        assertEquals("application/problem+json", header(read, "Content-Type"));
        assertFalse(header(read, "KV-Revision").equals("(none)"));
    }

    @Test
    void everyByteMayBeInAKey() throws Exception {
        var key = new StringBuilder();
        for (int b = 0; b < 256; b++)
            key.append("%%%02x".formatted(b));
        assertEquals(201, node.put(key.toString(), "all bytes").statusCode());
        assertEquals("all bytes", text(node.get(key.toString())));
        assertEquals("all bytes", text(node.send("GET", "/v1/kv?key=" + key, null)));
    }

    /// consul#22822: a server that normalises keys breaks its users.
    @Test
    void keysAreNotNormalised() throws Exception {
        var keys = new String[]{"a//b", "a/b", "a/", "a/%2e%2e/b", "a%2Fb/", "A/b", "a+b", "a%20b",
                "/"};
        for (var key : keys) {
            assertTrue(
                    node.raw("PUT /v1/kv/" + key + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            + "Content-Length: " + key.length() + "\r\n\r\n" + key)
                            .startsWith("HTTP/1.1 201"),
                    key);
        }
        for (var key : keys) {
            var answer = node
                    .raw("GET /v1/kv/" + key + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertTrue(answer.endsWith("\r\n\r\n" + key), answer);
        }
    }

    @Test
    void valuesAreAnyBytes() throws Exception {
        byte[] value = new byte[100_000];
        new SplittableRandom(1).nextBytes(value);
        assertEquals(201, node.send("PUT", "/v1/kv/binary", value).statusCode());
        assertArrayEquals(value, node.get("binary").body());
        assertEquals(201, node.send("PUT", "/v1/kv/empty", new byte[0]).statusCode());
        assertEquals(0, node.get("empty").body().length);
    }

    @Test
    void jsonOnRequest() throws Exception {
        node.put("json", "v\"1");
        var read = text(node.get("json", "Accept", "application/json"));
        assertTrue(read.startsWith("{\"key\":\"json\",\"value\":\"v\\\"1\",\"revision\":"), read);
        assertTrue(read.contains("\"version\":1"), read);
        node.send("PUT", "/v1/kv/json%ff", new byte[]{(byte) 0xff});
        read = text(node.get("json%ff", "Accept", "application/json"));
        assertTrue(read.startsWith("{\"key_b64\":\"anNvbv8=\",\"value_b64\":\"/w==\""), read);
    }

    @Test
    void headIsGetWithoutTheBody() throws Exception {
        node.put("head", "12345");
        var head = node.send("HEAD", "/v1/kv/head", null);
        assertEquals(200, head.statusCode());
        assertEquals("5", header(head, "Content-Length"));
        assertEquals(0, head.body().length);
    }

    // Conditions.

    @Test
    void aPutMayBeBoundToARevision() throws Exception {
        var tag = header(node.put("cas", "1"), "ETag");
        var swapped = node.put("cas", "2", "If-Match", tag);
        assertEquals(200, swapped.statusCode());
        var failed = node.put("cas", "3", "If-Match", tag);
        assertEquals(412, failed.statusCode());
        assertEquals(header(swapped, "ETag"), header(failed, "ETag"));
        assertEquals("2", text(node.get("cas")));
        assertEquals(412, node.put("cas-absent", "1", "If-Match", "*").statusCode());
        assertEquals(412, node.put("cas", "4", "If-None-Match", "*").statusCode());
        assertEquals(201, node.put("cas-new", "1", "If-None-Match", "*").statusCode());
        assertEquals(412, node.send("DELETE", "/v1/kv/cas", null, "If-Match", tag).statusCode());
        assertEquals(200,
                node.send("DELETE", "/v1/kv/cas", null, "If-Match", header(failed, "ETag"))
                        .statusCode());
    }

    @Test
    void aReadMayBeConditional() throws Exception {
        var tag = header(node.put("etag", "1"), "ETag");
        assertEquals(304, node.get("etag", "If-None-Match", tag).statusCode());
        assertEquals(304, node.get("etag", "If-None-Match", "\"999999\", " + tag).statusCode());
        assertEquals(304, node.get("etag", "If-None-Match", "*").statusCode());
        assertEquals(200, node.get("etag", "If-None-Match", "\"999999\"").statusCode());
        assertEquals(412, node.get("etag", "If-Match", "\"999999\"").statusCode());
        assertEquals(200, node.get("etag", "If-Match", tag).statusCode());
    }

    @Test
    void malformedConditionsAreExplained() throws Exception {
        for (var tag : new String[]{"17", "\"x\"", "\"-1\"", "\"\"", "\"1\", \"2\""}) {
            var answer = node.put("c", "v", "If-Match", tag);
            assertEquals(400, answer.statusCode(), tag);
            assertTrue(text(answer).contains("If-Match takes a revision in quotes"), text(answer));
        }
        assertEquals(400, node.put("c", "v", "If-None-Match", "\"1\"").statusCode());
        assertEquals(400, node.put("c", "v", "If-None-Match", "*", "If-Match", "*").statusCode());
    }

    @Test
    void preferReturnMinimalSparesTheBody() throws Exception {
        var answer = node.put("minimal", "v", "Prefer", "return=minimal");
        assertEquals(204, answer.statusCode());
        assertFalse(header(answer, "ETag").equals("(none)"));
    }

    // Parameters and headers.

    @Test
    void everyResponseTellsWhoAnsweredAndHowFresh() throws Exception {
        node.put("who", "v");
        for (var consistency : new String[]{"linearizable", "lease", "local"}) {
            var read = node.send("GET", "/v1/kv/who?consistency=" + consistency + "&timeout=500ms",
                    null);
            assertEquals(200, read.statusCode());
            assertEquals(consistency, header(read, "KV-Consistency"));
            assertEquals("leader", header(read, "KV-Role"));
            assertEquals("n1", header(read, "KV-Node"));
            assertEquals("http://127.0.0.1:1", header(read, "KV-Leader"));
            assertTrue(Long.parseLong(header(read, "KV-Revision")) > 0);
            assertTrue(Long.parseLong(header(read, "KV-Applied")) > 0);
            assertTrue(Long.parseLong(header(read, "KV-Staleness")) >= 0);
        }
    }

    @Test
    void unknownAndMalformedParametersAreNamed() throws Exception {
        for (var query : new String[]{"ttl=3s", "consistency=strong", "timeout=5", "timeout=0s",
                "timeout=61s", "timeout=99999999999999999999s", "key=x", "timeout=1s&timeout=2s"}) {
            var answer = node.send("GET", "/v1/kv/p?" + query, null);
            assertEquals(400, answer.statusCode(), query);
            assertTrue(text(answer).contains(query.substring(0, query.indexOf('=')))
                    || query.startsWith("key"), text(answer));
        }
        assertEquals(400, node.send("PUT", "/v1/kv/p?consistency=local", new byte[1]).statusCode());
    }

    @Test
    void theListOfNodesAndTheHealth() throws Exception {
        var cluster = text(node.send("GET", "/v1/cluster", null));
        for (var part : new String[]{"\"cluster_id\":\"00000000-0000-0000-0000-000000000002\"",
                "\"leader\":\"00000000-0000-0000-0000-000000000001\"", "\"name\":\"n1\"",
                "\"role\":\"leader\"", "\"voter\":true", "\"peer\":\"memory:1\"", "\"lag\":0",
                "\"heard_ms\":0"}) {
            assertTrue(cluster.contains(part), part + " in " + cluster);
        }
        assertEquals("ok\n", text(node.send("GET", "/livez", null)));
        assertEquals("ready\n", text(node.send("GET", "/readyz", null)));
        assertEquals(200, node.send("GET", "/healthz", null).statusCode());
        assertEquals("{\"version\":\"test\"}", text(node.send("GET", "/version", null)));
    }

    // Connections.

    @Test
    void pipelinedRequestsAreAnsweredInOrderAndSeeTheirOwnWrites() throws Exception {
        var requests = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            requests.append("PUT /v1/kv/pipe HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
                    .append("%03d".formatted(i));
            requests.append("GET /v1/kv/pipe").append(i % 2 == 0 ? "" : "?consistency=local")
                    .append(" HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        requests.append("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var answers = node.raw(requests.toString());
        int at = 0;
        for (int i = 0; i < 200; i++) {
            at = answers.indexOf("\r\n\r\n%03dHTTP".formatted(i), at);
            assertTrue(at > 0, "no answer " + i + " in its place");
        }
        assertTrue(answers.endsWith("ok\n"));
    }

    @Test
    void http10AndConnectionClose() throws Exception {
        var old = node.raw("GET /livez HTTP/1.0\r\n\r\n");
        assertTrue(old.startsWith("HTTP/1.1 200"), old);
        assertTrue(old.toLowerCase(Locale.ROOT).contains("connection: close"), old);
        var first = "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        var kept = node.raw(first + "GET /livez HTTP/1.0\r\n\r\n");
        assertEquals(2, kept.split("ok\n", -1).length - 1);
    }

    @Test
    void expectContinueIsAnswered() throws Exception {
        var answer = node.raw("PUT /v1/kv/expect HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nContent-Length: 1\r\n\r\nv");
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201"), answer);
    }

    @Test
    void anAbsoluteTargetIsItsPath() throws Exception {
        assertTrue(node.raw(
                "GET http://elsewhere:1/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .endsWith("ok\n"));
    }

}
