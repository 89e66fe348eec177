package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The finer points of the API, against a real node; HttpTest has the main road.
@Timeout(120)
class KeyValueApiTest {
    @TempDir
    Path dir;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void assertAnswer(int status, String body, HttpResponse<String> response) {
        assertEquals(body, response.body());
        assertEquals(status, response.statusCode());
    }

    @Test
    void everyResponseSaysWhoAnsweredAndHowFresh() throws Exception {
        server.put("/v1/kv/k", "v");
        for (var path : new String[]{"/v1/kv/k", "/v1/kv/absent", "/v1/cluster", "/livez",
                "/readyz", "/nowhere", "/v1/kv/k?ttl=1s"}) {
            var response = server.get(path);
            assertEquals("1", header(response, "KV-Revision"), path);
            assertTrue(Long.parseLong(header(response, "KV-Applied")) > 1, path);
            assertEquals("leader", header(response, "KV-Role"), path);
            assertEquals("n1", header(response, "KV-Node"), path);
            assertEquals("http://127.0.0.1:1", header(response, "KV-Leader"), path);
            assertTrue(Long.parseLong(header(response, "KV-Staleness")) >= 0, path);
        }
    }

    @Test
    void aReadSaysHowConsistentItWas() throws Exception {
        server.put("/v1/kv/k", "v");
        assertEquals("linearizable", header(server.get("/v1/kv/k"), "KV-Consistency"));
        assertEquals("linearizable",
                header(server.get("/v1/kv/k?consistency=linearizable"), "KV-Consistency"));
        var local = server.get("/v1/kv/k?consistency=local&timeout=500ms");
        assertAnswer(200, "v", local);
        assertEquals("local", header(local, "KV-Consistency"));
        assertEquals("local",
                header(server.get("/v1/kv/absent?consistency=local"), "KV-Consistency"));
        assertEquals("", header(server.put("/v1/kv/k", "v"), "KV-Consistency"));
    }

    @Test
    void aValueIsNothingThatABrowserRuns() throws Exception {
        server.put("/v1/kv/k", "<script>alert(1)</script>");
        var read = server.get("/v1/kv/k");
        assertEquals("application/octet-stream", header(read, "Content-Type"));
        assertEquals("nosniff", header(read, "X-Content-Type-Options"));
        assertEquals("sandbox", header(read, "Content-Security-Policy"));
        assertEquals("no-cache", header(read, "Cache-Control"));
    }

    @Test
    void anEmptyValueIsAValue() throws Exception {
        assertEquals(201, server.put("/v1/kv/k", "").statusCode());
        var read = server.get("/v1/kv/k");
        assertAnswer(200, "", read);
        assertEquals("application/octet-stream", header(read, "Content-Type"));
        try (var client = server.connect()) {
            // As curl sends it: "if none of the above are true, the body length is zero" (RFC 9112 §6.3).
            client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(200, client.read().status());
            client.send("PUT /v1/kv/k HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
            assertEquals(200, client.read().status());
        }
    }

    @Test
    void valuesAreBytes_upToTheLimit() throws Exception {
        var all = new StringBuilder();
        for (int i = 0; i < server.limits.valueBytesMax(); i++)
            all.append((char) (i * 31 >> 3 & 0xff));
        try (var client = server.connect()) {
            client.put("/v1/kv/k", all.toString());
            assertEquals(201, client.read().status());
            assertEquals(all.toString(), client.get("/v1/kv/k").read().body());
        }
    }

    @Test
    void chunksMakeOneValue() throws Exception {
        try (var client = server.connect()) {
            client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "3\r\nabc\r\n", "A;x=y\r\n0123456789\r\n", "0\r\nTrailer: t\r\n\r\n");
            assertEquals(201, client.read().status());
            assertEquals("abc0123456789", client.get("/v1/kv/k").read().body());
        }
    }

    /// A key goes in by one spelling and is found by another, byte for byte the same.
    private void assertSameKey(String spelling, String other) throws Exception {
        try (var client = server.connect()) {
            assertEquals(201, client.put(spelling, spelling).read().status(), spelling);
            assertEquals(spelling, client.get(other).read().body(), other);
            client.send("DELETE " + other + " HTTP/1.1\r\nHost: h\r\n\r\n");
            assertTrue(client.read().body().contains("\"deleted\":1"), other);
        }
    }

    @Test
    void keysAreBytes_asTheyStandInThePath() throws Exception {
        assertSameKey("/v1/kv/a/b//c/", "/v1/kv/a%2fb%2F%2Fc%2f");
        assertSameKey("/v1/kv/../x/./y", "/v1/kv/%2e%2E/x/%2e/y");
        assertSameKey("/v1/kv//", "/v1/kv/%2F");
        assertSameKey("/v1/kv/a+b", "/v1/kv/a%2Bb");
        assertSameKey("/v1/kv/%00%ff%80", "/v1/kv?key=%00%FF%80");
        assertSameKey("/v1/kv/\u00e9", "/v1/kv/%e9");
        assertSameKey("/v1/kv/a&b=c;d", "/v1/kv?key=a%26b=c;d");
        assertSameKey("/v1/kv/a%3Fb%23", "/v1/kv?timeout=1s&key=a?b#");
        assertSameKey("http://anyone:7/v1/kv/a", "/v1/kv/a");
    }

    @Test
    void theLongestKeyFits_everyByteEscaped() throws Exception {
        int longest = server.limits.keyBytesMax();
        assertSameKey("/v1/kv/" + "%6b".repeat(longest), "/v1/kv?key=" + "k".repeat(longest));
    }

    @Test
    void conditionsOfWrites() throws Exception {
        assertEquals(412, server.put("/v1/kv/k", "v", "If-Match", "*").statusCode());
        assertEquals(412, server.put("/v1/kv/k", "v", "If-Match", "\"1\"").statusCode());
        assertEquals(201, server.put("/v1/kv/k", "v", "If-None-Match", "*").statusCode());
        var exists = server.put("/v1/kv/k", "w", "If-None-Match", "*");
        assertEquals(412, exists.statusCode());
        assertEquals("\"1\"", header(exists, "ETag"));
        assertTrue(exists.body().contains("condition_failed"), exists.body());
        assertEquals(200, server.put("/v1/kv/k", "w", "If-Match", "\"1\"").statusCode());
        var moved = server.put("/v1/kv/k", "x", "If-Match", "\"1\"");
        assertEquals(412, moved.statusCode());
        assertEquals("\"2\"", header(moved, "ETag"));
        assertEquals(200, server.put("/v1/kv/k", "x", "If-Match", "*").statusCode());
        assertEquals(412, server.delete("/v1/kv/k", "If-Match", "\"2\"").statusCode());
        assertAnswer(200, "x", server.get("/v1/kv/k"));
        assertEquals(200, server.delete("/v1/kv/k", "If-Match", "\"3\"").statusCode());
        var absent = server.delete("/v1/kv/k", "If-Match", "\"3\"");
        assertEquals(412, absent.statusCode());
        assertEquals("", header(absent, "ETag"));
    }

    @Test
    void conditionsOfReads() throws Exception {
        server.put("/v1/kv/other", "v");
        server.put("/v1/kv/k", "v");
        for (var matching : new String[]{"\"2\"", "*", "W/\"2\"", "\"1\", \"2\"", "\"2\",\"9\""}) {
            var same = server.get("/v1/kv/k", "If-None-Match", matching);
            assertAnswer(304, "", same);
            assertEquals("\"2\"", header(same, "ETag"), matching);
        }
        assertAnswer(200, "v", server.get("/v1/kv/k", "If-None-Match", "\"1\""));
        assertAnswer(200, "v", server.get("/v1/kv/k", "If-Match", "\"1\", \"2\""));
        var other = server.get("/v1/kv/k", "If-Match", "\"1\"");
        assertEquals(412, other.statusCode());
        assertEquals("\"2\"", header(other, "ETag"));
        assertEquals(412, server.get("/v1/kv/absent", "If-Match", "*").statusCode());
        assertEquals(404, server.get("/v1/kv/absent", "If-None-Match", "*").statusCode());
        assertEquals(400, server.get("/v1/kv/k", "If-None-Match", "2").statusCode());
        try (var client = server.connect()) {
            client.get("/v1/kv/k", "If-None-Match: \"1\"", "If-None-Match: \"2\"");
            assertEquals(304, client.read().status());
        }
    }

    /// "A client MUST NOT interpret an entity tag": what is no revision is a tag all the same — RFC 9110 §8.8.3,
    /// §13.1.1 (strong comparison), §13.1.2 (weak), §5.6.1.2 (empty elements)
    @Test
    void tagsOfReadsAreOpaque() throws Exception {
        for (int i = 1; i <= 8; i++)
            server.put("/v1/kv/k", "v");
        for (var same : new String[]{"\"1\",,\"8\"", "\"8\",", ", W/\"8\" ,", "\"a,b\", \"8\""})
            assertEquals(304, server.get("/v1/kv/k", "If-None-Match", same).statusCode(), same);
        for (var other : new String[]{"\"abc\"", "\"8-gzip\"", "\"08\"", "\"\"", "\"+8\"",
                "\"x,\"", "W/\"08\"", "\"99999999999999999999\""}) {
            assertAnswer(200, "v", server.get("/v1/kv/k", "If-None-Match", other));
            assertEquals(412, server.get("/v1/kv/k", "If-Match", other).statusCode(), other);
        }
        assertEquals(412, server.get("/v1/kv/k", "If-Match", "W/\"8\"").statusCode());
        assertAnswer(200, "v", server.get("/v1/kv/k", "If-Match", "W/\"8\", \"8\","));
        for (var none : new String[]{"8", "\"8", "8\"", "w/\"8\"", "\"8\"x", "\"1\"\"8\"",
                "*, \"8\"", "\"8\" \"1\"", ",", ""}) {
            for (var header : new String[]{"If-Match", "If-None-Match"})
                assertEquals(400, server.get("/v1/kv/k", header, none).statusCode(), none);
        }
    }

    @Test
    void headIsGetWithoutTheValue() throws Exception {
        server.put("/v1/kv/k", "value");
        try (var client = server.connect()) {
            client.send("HEAD /v1/kv/k HTTP/1.1\r\nHost: h\r\n\r\n");
            var head = client.readHead();
            assertEquals(200, head.status());
            assertEquals("5", head.header("Content-Length"));
            assertEquals("\"1\"", head.header("ETag"));
            client.send("HEAD /v1/kv/absent HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(404, client.readHead().status());
            assertEquals("value", client.get("/v1/kv/k").read().body());
        }
    }

    @Test
    void minimalAnswersToPuts() throws Exception {
        var response = server.put("/v1/kv/k", "v", "Prefer", "return=minimal");
        assertAnswer(204, "", response);
        assertEquals("\"1\"", header(response, "ETag"));
        assertEquals("", header(response, "Content-Length"));
    }

    @Test
    void writesSayWhoseDisksTheyWaitedFor() throws Exception {
        var alone = server.put("/v1/kv/k?ack=leader", "v");
        String token = header(alone, "KV-Token");
        assertAnswer(202, "{\"token\":\"" + token + "\",\"acked\":\"leader\"}", alone);
        assertEquals("", header(alone, "ETag"));
        for (var name : new String[]{"?min_revision=", "?timeout=5s&min_revision="}) {
            var read = server.get("/v1/kv/k" + name + token);
            assertAnswer(200, "v", read);
            assertEquals("min-revision", header(read, "KV-Consistency"));
        }
        assertAnswer(200, "v", server.get("/v1/kv/k", "KV-Min-Revision", token));

        var all = server.put("/v1/kv/k?ack=all", "w");
        assertAnswer(200, "{\"revision\":2,\"created\":false,\"acked\":\"all\"}", all);
        assertEquals("all", header(all, "KV-Acked"));
        assertEquals("\"2\"", header(all, "ETag"));
        assertAnswer(200, "w", server.get("/v1/kv/k?min_revision=2"));
        assertAnswer(200, "w", server.get("/v1/kv/k", "KV-Min-Revision", "2"));
        assertAnswer(200, "{\"revision\":3,\"deleted\":1,\"acked\":\"all\"}",
                server.delete("/v1/kv/k?ack=all"));
        assertEquals(202, server.delete("/v1/kv/k?ack=leader").statusCode());
        assertAnswer(201, "{\"revision\":4,\"created\":true}",
                server.put("/v1/kv/k?ack=quorum", "v"));
    }

    @Test
    void aWriteThatWasNotKeptIsNotRead() throws Exception {
        server.put("/v1/kv/k", "v");
        var early = server.get("/v1/kv/k?min_revision=1000&timeout=50ms");
        assertEquals(503, early.statusCode());
        assertTrue(early.body().contains("not_ready"), early::body);
        // Another term's entry stands there.
        var lost = server.get("/v1/kv/k?min_revision=1000000.1");
        assertEquals(409, lost.statusCode());
        assertTrue(lost.body().contains("write_lost"), lost::body);
    }

    @Test
    void acknowledgementsThatMakeNoSense() throws Exception {
        for (var query : new String[]{"?ack=most", "?ack=", "?min_revision=1"})
            assertEquals(400, server.put("/v1/kv/k" + query, "v").statusCode(), query);
        for (var query : new String[]{"?ack=all", "?min_revision=-1", "?min_revision=1.0",
                "?min_revision=x", "?min_revision=1&consistency=local"})
            assertEquals(400, server.get("/v1/kv/k" + query).statusCode(), query);
        assertEquals(400,
                server.get("/v1/kv/k?consistency=local", "KV-Min-Revision", "1").statusCode());
        for (var twice : new String[]{"1\r\nKV-Min-Revision: 999999", "1, 999999"}) {
            try (var client = server.connect()) {
                client.get("/v1/kv/k", "KV-Min-Revision: " + twice).read().assertProblem(400,
                        "KV-Min-Revision is ");
            }
        }
        for (var write : new String[]{"PUT", "DELETE"}) {
            var floor = server.send(write, "/v1/kv/k", "v",
                    request -> request.header("KV-Min-Revision", "1"));
            assertEquals(400, floor.statusCode());
            assertTrue(floor.body().contains("KV-Min-Revision is for reads"), floor::body);
        }
        var conditional = server.put("/v1/kv/k?ack=leader", "v", "If-None-Match", "*");
        assertEquals(400, conditional.statusCode());
        assertTrue(conditional.body().contains("by the leader alone"), conditional::body);
    }

    @Test
    void jsonOnRequest_withTextWhereItIsText() throws Exception {
        server.put("/v1/kv/k", "v");
        server.put("/v1/kv/k", "wörld \"quoted\"\n");
        assertAnswer(200, "{\"key\":\"k\",\"value\":\"wörld \\\"quoted\\\"\\n\",\"revision\":2,"
                + "\"create_revision\":1,\"version\":2}",
                server.get("/v1/kv/k", "Accept", "application/json"));
        try (var client = server.connect()) {
            client.put("/v1/kv/%ff", "\u00fe").read();
            var binary = client.get("/v1/kv/%ff", "Accept: application/json").read();
            assertEquals("{\"key_b64\":\"/w==\",\"value_b64\":\"/g==\",\"revision\":3,"
                    + "\"create_revision\":3,\"version\":1}", binary.body());
            assertEquals("application/json", binary.header("Content-Type"));
            assertEquals("accept", binary.header("Vary"));
        }
    }

    private static String json(RawClient client, String... accept) throws Exception {
        var reply = client.get("/v1/kv/k", accept).read();
        assertEquals(200, reply.status());
        return reply.header("Content-Type");
    }

    /// "a list header field may be split into several lines" — RFC 9110 §5.3
    @Test
    void jsonIsAskedForByName_inAnyLineOfAccept() throws Exception {
        server.put("/v1/kv/k", "v");
        try (var client = server.connect()) {
            for (var asking : new String[]{"APPLICATION/JSON", "text/html, application/json;q=0.5",
                    "application/json ; charset=utf-8;Q=0.001", ",application/json"})
                assertEquals("application/json", json(client, "Accept: " + asking), asking);
            assertEquals("application/json",
                    json(client, "Accept: text/html", "Accept: application/json"));
            for (var other : new String[]{"*/*", "application/json;q=0",
                    "application/json; Q=0.000", "application/json-seq", "x/application/json",
                    "text/html;x=\"a,application/json\""})
                assertEquals("application/octet-stream", json(client, "Accept: " + other), other);
        }
    }

    @Test
    void minimalAnswersArePreferredInAnyLine_andTheFirstCounts() throws Exception {
        for (var minimal : new String[]{"Return=Minimal", "wait=5, return=minimal; x=y",
                "wait=5\r\nPrefer: return=minimal", "return=minimal, return=representation"})
            assertEquals(204, putPreferring(minimal), minimal);
        for (var other : new String[]{"return=minimal-ish", "x=\"return=minimal\"",
                "return=representation\r\nPrefer: return=minimal"})
            assertEquals(200, putPreferring(other), other);
    }

    private int putPreferring(String preference) throws Exception {
        server.put("/v1/kv/k", "v");
        try (var client = server.connect()) {
            client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nPrefer: ",
                    preference, "\r\n\r\nv");
            return client.read().status();
        }
    }

    /// A key that ends says when, by the cluster's time, and does.
    @Test
    void whatIsPutWithATtlIsGoneAfterIt() throws Exception {
        // Rules that know time come into effect when the only node has said that it knows them.
        long patience = System.nanoTime() + 10_000_000_000L;
        while (server.put("/v1/kv/k?ttl=300ms", "v").statusCode() == 409)
            assertTrue(System.nanoTime() < patience);
        assertEquals(400, server.put("/v1/kv/stays?ttl=1h", "v").statusCode());
        assertEquals(400, server.put("/v1/kv/k?ttl=-1s", "v").statusCode());
        server.put("/v1/kv/stays?ttl=3600s", "v");
        var body = server.get("/v1/kv/stays", "Accept", "application/json").body();
        assertTrue(body.matches("\\{.*\"expires\":\\d+}"), body);
        while (server.get("/v1/kv/k").statusCode() == 200)
            assertTrue(System.nanoTime() < patience);
        server.put("/v1/kv/stays", "w");
        body = server.get("/v1/kv/stays", "Accept", "application/json").body();
        assertTrue(!body.contains("expires"), body);
    }

    @Test
    void healthAndVersion() throws Exception {
        assertAnswer(200, "ok\n", server.get("/livez"));
        assertAnswer(200, "ready\n", server.get("/readyz?verbose"));
        assertAnswer(200, "ready\n", server.get("/healthz"));
        assertAnswer(200, "{\"version\":\"test\"}", server.get("/version"));
        for (var path : new String[]{"/livez", "/readyz", "/healthz", "/version", "/v1/cluster"}) {
            assertEquals(200, server.send("HEAD", path, "", request -> request).statusCode(), path);
        }
    }
}
