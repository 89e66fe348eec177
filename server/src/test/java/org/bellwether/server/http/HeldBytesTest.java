package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What clients can make a node hold: it goes on, whatever they ask for and do not take.
@Timeout(120)
class HeldBytesTest {
    private static final long MIB = 1 << 20;
    private static final long HELD_MAX = 24 * MIB;
    private static final String LARGE = "v".repeat(Limits.DEFAULT.valueBytesMax());
    private static final int PIPELINE = Limits.DEFAULT.httpPipelineMax();

    @TempDir
    Path dir;
    private TestServer server;
    private RawClient other;
    private final List<RawClient> greedy = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir, new TestServer.Setup(HELD_MAX));
        other = server.connect();
        assertEquals(201, other.put("/v1/kv/large", LARGE).read().status());
    }

    @AfterEach
    void stop() throws Exception {
        for (var client : greedy)
            client.close();
        other.close();
        server.close();
    }

    private RawClient greedy() throws Exception {
        var client = server.connect();
        greedy.add(client);
        return client;
    }

    /// Twenty clients want 128 MiB each. Before there was a bound they got it, in memory of the node's.
    @Test
    void answersThatNobodyTakes() throws Exception {
        long before = PlatformDependent.usedDirectMemory();
        var get = "GET /v1/kv/large HTTP/1.1\r\nHost: h\r\n\r\n".repeat(PIPELINE);
        for (int i = 0; i < 20; i++)
            greedy().send(get);
        // All that was sent before is read before this is: one loop, and one answer after the other.
        for (int i = 0; i < 50; i++)
            assertEquals(200, other.get("/livez").read().status());
        long held = server.heldBytes();
        assertTrue(held > 2 * MIB && held <= HELD_MAX, held + " bytes");
        long direct = PlatformDependent.usedDirectMemory() - before;
        assertTrue(direct <= 2 * HELD_MAX, direct + " bytes outside of the heap");
        int served = 0;
        for (var client : greedy) {
            for (int i = 0; i < PIPELINE; i++) {
                var response = client.read();
                if (response.status() == 200) {
                    assertEquals(LARGE.length(), response.body().length());
                    served++;
                } else {
                    response.assertProblem(503, "\"overloaded\"");
                }
            }
        }
        assertTrue(served >= greedy.size(), "only " + served);
        TestServer.await("nothing to be held", () -> server.heldBytes() == 0);
        assertEquals(LARGE, other.get("/v1/kv/large").read().body());
    }

    /// However much there is for all of them.
    @Test
    void oneClientDoesNotTakeAll() throws Exception {
        try (var generous = new TestServer(dir.resolve("generous"),
                new TestServer.Setup(256 * MIB));
                var client = generous.connect();
                var next = generous.connect()) {
            assertEquals(201, next.put("/v1/kv/large", LARGE).read().status());
            client.send("GET /v1/kv/large HTTP/1.1\r\nHost: h\r\n\r\n".repeat(PIPELINE));
            for (int i = 0; i < 50; i++)
                assertEquals(200, next.get("/livez").read().status());
            long held = generous.heldBytes();
            long most = Limits.HTTP_READS_MAX * MIB + Limits.HTTP_UNSENT_BYTES_MAX;
            assertTrue(held > 2 * MIB && held <= most, held + " bytes");
            for (int i = 0; i < PIPELINE; i++)
                assertEquals(LARGE.length(), client.read().body().length());
        }
    }

    /// Each is told whether there is room or not. Who lets too many lie is sent away.
    @Test
    void smallAnswersThatNobodyTakes() throws Exception {
        long most = MIB;
        try (var small = new TestServer(dir.resolve("small"), new TestServer.Setup(most));
                var polite = small.connect()) {
            assertEquals(201, polite.put("/v1/kv/k", "v".repeat(4000)).read().status());
            var get = "GET /v1/kv/k HTTP/1.1\r\nHost: h\r\n\r\n".repeat(5000);
            for (int i = 0; i < 10; i++) {
                var client = small.connect();
                greedy.add(client);
                client.send(get);
            }
            TestServer.await("too much to be held", () -> small.heldBytes() > most);
            assertEquals(200, polite.get("/v1/kv/k").read().status());
            TestServer.await("room", () -> small.heldBytes() <= most);
            int gone = 0;
            for (var client : greedy) {
                try {
                    for (int i = 0; i < 5000; i++)
                        assertEquals(200, client.read().status());
                } catch (IOException sentAway) {
                    gone++;
                }
            }
            assertTrue(gone > 0 && gone < greedy.size(), gone + " sent away");
        }
    }

    @Test
    void bodiesThatDoNotEnd() throws Exception {
        for (int i = 0; i < 40; i++) {
            greedy().send("PUT /v1/kv/k" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                    + LARGE.length() + "\r\n\r\n", LARGE.substring(1));
        }
        assertEquals(200, other.get("/livez").read().status());
        long held = server.heldBytes();
        assertTrue(held > HELD_MAX - 2 * MIB && held <= HELD_MAX, held + " bytes");
        int refused = 0;
        for (var client : greedy) {
            var response = client.send("v").read();
            if (response.status() == 201) continue;
            response.assertProblem(503, "nothing happened");
            client.assertEnded();
            refused++;
        }
        // 24 MiB are room for 23 or 24 of them.
        assertTrue(refused == 16 || refused == 17, refused + " refused");
        for (var client : greedy)
            client.close();
        TestServer.await("nothing to be held", () -> server.heldBytes() == 0);
        assertEquals(201, other.put("/v1/kv/another", LARGE).read().status());
    }

    /// They are many more bytes than may wait: the rest is read when there is room.
    @Test
    void aPipelineOfLargeWrites() throws Exception {
        server.disk.hold();
        var client = greedy();
        var writer = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < PIPELINE; i++)
                    client.put("/v1/kv/k" + i, LARGE);
            } catch (Exception broken) {
                throw new AssertionError(broken);
            }
        });
        TestServer.await("the server to read no more",
                () -> server.heldBytes() > Limits.HTTP_PIPELINE_BYTES_MAX);
        for (int i = 0; i < 50; i++)
            assertEquals(200, other.get("/livez").read().status());
        long held = server.heldBytes();
        assertTrue(held <= Limits.HTTP_PIPELINE_BYTES_MAX + 2 * MIB, held + " bytes");
        server.disk.letGo();
        for (int i = 0; i < PIPELINE; i++)
            assertEquals(201, client.read().status());
        writer.join();
        TestServer.await("nothing to be held", () -> server.heldBytes() == 0);
    }
}
