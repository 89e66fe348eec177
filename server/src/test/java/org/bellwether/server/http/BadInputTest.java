package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.bellwether.server.http.HttpNode.header;
import static org.bellwether.server.http.HttpNode.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that make no sense, are too large, or lie: each a clear error, nothing applied, no stack trace.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private HttpNode node;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        node = new HttpNode(folder, Limits.DEFAULT);
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @AfterEach
    void theServerIsUnharmed() throws Exception {
        assertEquals(201, node.put("alive", "v").statusCode());
        assertEquals(200, node.send("DELETE", "/v1/kv/alive", null).statusCode());
    }

    private static String noTrace(String answer) {
        assertFalse(answer.contains("Exception") || answer.contains("\tat "), answer);
        return answer;
    }

    @Test
    void anUnknownRouteIs404() throws Exception {
        for (var path : List.of("/", "/v1", "/v2/kv/x", "/v1/kvs", "/admin", "/v1/cluster/x")) {
            var answer = node.send("GET", path, null);
            assertEquals(404, answer.statusCode(), path);
            assertTrue(text(answer).contains("\"code\":\"no_such_route\""), text(answer));
        }
    }

    @Test
    void aWrongMethodIs405AndSaysWhichAreRight() throws Exception {
        var answer = node.send("POST", "/v1/kv/x", new byte[1]);
        assertEquals(405, answer.statusCode());
        assertEquals("GET, HEAD, PUT, DELETE", header(answer, "Allow"));
        assertEquals("GET, HEAD", header(node.send("DELETE", "/v1/cluster", null), "Allow"));
    }

    @Test
    void anEmptyKeyIs400() throws Exception {
        for (var target : List.of("/v1/kv/", "/v1/kv", "/v1/kv?key=", "/v1/kv/?key=")) {
            assertEquals(400, node.send("PUT", target, new byte[1]).statusCode(), target);
            assertEquals(400, node.send("GET", target, null).statusCode(), target);
        }
    }

    @Test
    void aMalformedEscapeIs400() throws Exception {
        for (var key : List.of("%", "%4", "a%zz", "%4%41", "%%", "a%-1b")) {
            var answer = node
                    .raw("GET /v1/kv/" + key + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 400"), key + ": " + answer);
            assertTrue(noTrace(answer).contains("malformed percent-escape"), answer);
        }
    }

    @Test
    void anOverlongKeyIs414AndNamesTheLimit() throws Exception {
        assertEquals(201, node.put("k".repeat(8192), "v").statusCode());
        assertEquals(201, node.put("%6b".repeat(8191) + "l", "v").statusCode());
        var answer = node.put("k".repeat(8193), "v");
        assertEquals(414, answer.statusCode());
        assertTrue(text(answer).contains("key of 8193 bytes is over the limit of 8192"),
                text(answer));
        assertTrue(text(answer).contains("\"limit\":8192"), text(answer));
        var far = node.raw("GET /v1/kv/" + "k".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(far.startsWith("HTTP/1.1 414"), far.substring(0, Math.min(300, far.length())));
    }

    @Test
    void anOverlongValueIs413AndNamesTheLimit() throws Exception {
        byte[] most = "v".repeat(1 << 20).getBytes(ISO_8859_1);
        assertEquals(201, node.send("PUT", "/v1/kv/most", most).statusCode());
        assertEquals(most.length, node.get("most").body().length);
        var announced = node
                .raw("PUT /v1/kv/more HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
        assertTrue(announced.startsWith("HTTP/1.1 413"), announced);
        assertTrue(announced.contains("value of 1048577 bytes is over the limit of 1048576"),
                announced);
        assertEquals(404, node.get("more").statusCode());
    }

    @Test
    void anOverlongChunkedValueIs413Too() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
            socket.setSoTimeout(20_000);
            var out = socket.getOutputStream();
            out.write("PUT /v1/kv/chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(ISO_8859_1));
            byte[] chunk = ("10000\r\n" + "v".repeat(0x10000) + "\r\n").getBytes(ISO_8859_1);
            for (int i = 0; i < 16; i++)
                out.write(chunk);
            out.write("1\r\nv\r\n".getBytes(ISO_8859_1));
            out.flush();
            byte[] start = socket.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 413", new String(start, ISO_8859_1));
        }
        assertEquals(404, node.get("chunked").statusCode());
    }

    @Test
    void aTruncatedBodyAppliesNothing() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
            socket.getOutputStream().write(("PUT /v1/kv/truncated HTTP/1.1\r\nHost: x\r\n"
                    + "Content-Length: 10\r\n\r\n12345").getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }
        node.put("after", "v");
        assertEquals(404, node.get("truncated").statusCode());
    }

    @Test
    void anOverlongHeaderBlockIs431() throws Exception {
        var answer = node
                .raw("GET /livez HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(50_000) + "\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 431"), answer);
    }

    @Test
    void garbageIsAnsweredWith400AndTheConnectionCloses() throws Exception {
        for (var garbage : List.of("hello\r\n\r\n", "GET\r\n\r\n",
                "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n\r\n",
                "GET /livez HTTP/9.9.9\r\n\r\n", "\u0016\u0003\u0001\u0002\r\n\r\n")) {
            var answer = noTrace(node.raw(garbage));
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    /// Two readings of one request are how requests are smuggled past a proxy: reject, never repair.
    @Test
    void ambiguousRequestsAreRejectedAndTheConnectionCloses() throws Exception {
        var smuggled = "GET /v1/kv/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
        for (var head : List.of("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Content-Length: 1\r\nContent-Length: 2\r\n\r\nv", "Content-Length: +1\r\n\r\nv",
                "Content-Length: -1\r\n\r\nv", "Content-Length: 1, 2\r\n\r\nv",
                "Content-Length : 1\r\n\r\nv",
                "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nv\r\n0\r\n\r\n",
                "Transfer-Encoding: identity, chunked, chunked\r\nContent-Length: 3\r\n\r\nabc")) {
            var answer = noTrace(
                    node.raw("PUT /v1/kv/ambiguous HTTP/1.1\r\nHost: x\r\n" + head + smuggled));
            assertTrue(answer.startsWith("HTTP/1.1 400"), head + " → " + answer);
            assertFalse(answer.contains("HTTP/1.1 404"),
                    "the smuggled request was answered: " + answer);
        }
    }

    @Test
    void randomBytesHarmNothing() throws Exception {
        long seed = new SplittableRandom().nextLong();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[1 + random.nextInt(400)];
            random.nextBytes(noise);
            var start = random.nextBoolean() ? "PUT /v1/kv/noise HTTP/1.1\r\n" : "";
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
                socket.getOutputStream().write(start.getBytes(ISO_8859_1));
                socket.getOutputStream().write(noise);
                socket.getOutputStream().flush();
            }
        }
        assertEquals(404, node.get("noise").statusCode(), "seed " + seed);
    }
}
