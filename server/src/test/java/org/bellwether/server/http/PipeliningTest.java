package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Many requests on one connection, and how connections end.
@Timeout(120)
class PipeliningTest {
    @TempDir
    Path dir;
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir);
        client = server.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void repliesComeInTheOrderOfTheRequests_andSeeTheWritesBeforeThem() throws Exception {
        long seed = 20261123;
        var random = new Random(seed);
        var expected = new String[3000];
        var requests = new StringBuilder();
        String value = "none";
        for (int i = 0; i < expected.length; i++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    value = "v" + i;
                    requests.append("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: ")
                            .append(value.length()).append("\r\n\r\n").append(value);
                    expected[i] = "revision";
                }
                case 2 -> {
                    requests.append("GET /v1/kv/k HTTP/1.1\r\nHost: h\r\n\r\n");
                    expected[i] = value;
                }
                default -> {
                    requests.append("GET /v1/kv/k?consistency=local HTTP/1.1\r\nHost: h\r\n\r\n");
                    expected[i] = value;
                }
            }
        }
        var sender = Thread.ofPlatform().start(() -> {
            try {
                client.send(requests.toString());
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        for (int i = 0; i < expected.length; i++) {
            var body = client.read().body();
            String what = "seed " + seed + ", reply " + i + ": " + body;
            if (expected[i].equals("none")) {
                assertTrue(body.contains("no_such_key"), what);
            } else if (expected[i].equals("revision")) {
                assertTrue(body.startsWith("{\"revision\":"), what);
            } else {
                assertEquals(expected[i], body, what);
            }
        }
        sender.join();
    }

    /// With the disk held, nothing is acknowledged; so whatever was started waits, and what was not read
    /// stays with the client.
    @Test
    void noMoreThanTheBoundIsTakenFromOneConnection() throws Exception {
        server.disk.hold();
        int many = 40_000;
        var sent = new AtomicInteger();
        var sender = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < many; i++) {
                    client.put("/v1/kv/k", "v".repeat(1000));
                    sent.incrementAndGet();
                }
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        TestServer.await("the sender to be stopped by the server", () -> {
            int before = sent.get();
            long start = System.nanoTime();
            while (System.nanoTime() - start < 300_000_000L)
                Thread.onSpinWait();
            return before > 0 && before == sent.get();
        });
        int taken = sent.get();
        assertTrue(taken < many / 2, "taken without a single reply: " + taken);
        server.disk.letGo();
        for (int i = 0; i < many; i++)
            assertEquals(i == 0 ? 201 : 200, client.read().status());
        sender.join();
    }

    @Test
    void badRequestsInBetweenHurtNobody() throws Exception {
        client.put("/v1/kv/a", "1").put("/v1/kv/%", "2").get("/nowhere").put("/v1/kv/b", "3")
                .get("/v1/kv/b");
        assertEquals(201, client.read().status());
        client.read().assertProblem(400, "malformed");
        client.read().assertProblem(404, "no_such_route");
        assertEquals(201, client.read().status());
        assertEquals("3", client.read().body());
    }

    @Test
    void whatCameBeforeGarbageIsAnswered() throws Exception {
        client.put("/v1/kv/a", "1").put("/v1/kv/b", "2").send("garbage\r\n\r\n");
        assertEquals(201, client.read().status());
        assertEquals(201, client.read().status());
        client.read().assertProblem(400, "not an HTTP request");
        client.assertEnded();
    }

    @Test
    void nothingAfterAConnectionCloseIsDone() throws Exception {
        client.put("/v1/kv/a", "1").send("PUT /v1/kv/b HTTP/1.1\r\nHost: h\r\n",
                "Connection: close\r\nContent-Length: 1\r\n\r\n2").put("/v1/kv/c", "3");
        assertEquals("", client.read().header("Connection"));
        assertEquals("close", client.read().header("Connection"));
        assertEquals(2, server.revision());
    }

    @Test
    void http10ClosesUnlessAskedNotTo() throws Exception {
        client.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertEquals("keep-alive", client.read().header("Connection"));
        client.send("GET /livez HTTP/1.0\r\n\r\n");
        assertEquals("close", client.read().header("Connection"));
        client.assertEnded();
    }

    @Test
    void aClientMayEndItsSideAndWait() throws Exception {
        client.put("/v1/kv/a", "1").get("/v1/kv/a").endOutput();
        assertEquals(201, client.read().status());
        assertEquals("1", client.read().body());
        client.assertEnded();
    }

    @Test
    void anIdleClientThatEndsItsSideIsLetGo() throws Exception {
        client.get("/livez").read();
        client.endOutput().assertEnded();
    }

    @Test
    void whoRetiresAnswersWhatCame_andRefusesWhatCameInPart() throws Exception {
        try (var idle = server.connect();
                var early = server.connect();
                var late = server.connect()) {
            idle.get("/livez").read();
            early.send("PUT /v1/kv/early HTTP/1.1\r\nHo");
            late.send("PUT /v1/kv/late HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n",
                    "Content-Length: 2\r\n\r\n");
            assertEquals(100, late.read().status());
            late.send("v");
            server.disk.hold();
            client.put("/v1/kv/whole", "v").send("PUT /v1/kv/late HTTP/1.1\r\nHost: h\r\n");
            // Once their bytes are here: all of them are read by one loop.
            early.send("st: h\r\n");
            assertEquals(200, idle.get("/livez").read().status());
            server.retire();
            idle.assertEnded();
            for (var half : List.of(early, late)) {
                half.read().assertProblem(503, "nothing was done");
                half.assertEnded();
            }
            server.disk.letGo();
            assertEquals(201, client.read().status());
            client.read().assertProblem(503, "nothing was done");
            client.assertEnded();
        }
    }

    @Test
    void goOnIsSaidWhenTheBodyIsWanted() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n",
                "Content-Length: 1\r\n\r\n");
        assertEquals(100, client.read().status());
        assertEquals(201, client.send("v").read().status());
    }

    @Test
    void goOnIsSaidAfterTheRepliesBefore() throws Exception {
        server.disk.hold();
        client.put("/v1/kv/a", "1").send("PUT /v1/kv/b HTTP/1.1\r\nHost: h\r\n",
                "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        server.disk.letGo();
        assertEquals(201, client.read().status());
        assertEquals(100, client.read().status());
        assertEquals(201, client.send("2").read().status());
    }

    @Test
    void aClientThatLeavesTakesNobodyWithIt() throws Exception {
        server.disk.hold();
        for (int i = 0; i < 100; i++) {
            try (var leaving = server.connect()) {
                leaving.put("/v1/kv/k" + i, "v").get("/v1/kv/k").put("/v1/kv/k", "v");
            }
        }
        server.disk.letGo();
        assertEquals(201, client.put("/v1/kv/mine", "v").read().status());
        assertEquals("v", client.get("/v1/kv/mine").read().body());
    }

    @Test
    void aSlowReaderHoldsOnlyItsOwnConnection() throws Exception {
        String large = "v".repeat(Limits.DEFAULT.valueBytesMax());
        assertEquals(201, client.put("/v1/kv/k", large).read().status());
        try (var slow = server.connect()) {
            for (int i = 0; i < 100; i++)
                slow.get("/v1/kv/k");
            assertEquals(large, client.get("/v1/kv/k").read().body());
            for (int i = 0; i < 100; i++)
                assertEquals(large.length(), slow.read().body().length());
        }
    }
}
