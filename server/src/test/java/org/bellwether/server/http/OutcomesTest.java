package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// 503 says that nothing happened, 504 that nobody knows, and neither is said of the other, on a real node
/// that lacks a majority, a disk that answers, or room.
@Timeout(120)
class OutcomesTest {
    @TempDir
    Path dir;

    private static void assertProblem(int status, String code, HttpResponse<String> response) {
        assertEquals(status, response.statusCode(), response::body);
        assertTrue(response.body().contains("\"code\":\"" + code + '"'), response.body());
        assertEquals(status == 503 ? "1" : "",
                response.headers().firstValue("Retry-After").orElse(""));
    }

    @Test
    void withoutALeaderNothingHappens() throws Exception {
        try (var server = new TestServer(dir,
                new TestServer.Setup(3, Limits.DEFAULT, Patience.DEFAULT))) {
            assertProblem(503, "no_leader", server.put("/v1/kv/k?timeout=50ms", "v"));
            assertProblem(503, "no_leader", server.delete("/v1/kv/k?timeout=50ms"));
            assertProblem(503, "no_leader", server.get("/v1/kv/k?timeout=50ms"));
            var ready = server.get("/readyz");
            assertProblem(503, "not_ready", ready);
            assertProblem(503, "not_ready", server.get("/v1/backup"));
            assertProblem(503, "not_ready", server.get("/v1/kv/k?consistency=local"));
            // What was asked for is proven, so it is told: nothing was ever written.
            assertEquals(404, server.get("/v1/kv/k?min_revision=0").statusCode());
            assertEquals("replica", ready.headers().firstValue("KV-Role").orElse(""));
            assertTrue(ready.headers().firstValue("KV-Leader").isEmpty());
            assertEquals(200, server.get("/livez").statusCode());
            var cluster = server.get("/v1/cluster").body();
            assertTrue(cluster.contains("\"leader\":null"), cluster);
            assertTrue(cluster.contains("\"name\":\"n3\",\"role\":\"replica\""), cluster);
            assertTrue(cluster.contains("\"heard_ms\":null"), cluster);
        }
    }

    @Test
    void whatWasAppendedAndNotAcknowledgedIsUnknown() throws Exception {
        try (var server = new TestServer(dir)) {
            server.disk.hold();
            assertProblem(504, "outcome_unknown", server.put("/v1/kv/k?timeout=200ms", "v"));
            assertProblem(504, "outcome_unknown", server.delete("/v1/kv/x?timeout=200ms"));
            server.disk.letGo();
            TestServer.await("the write to come through", () -> server.revision() > 0);
            assertEquals("v", server.get("/v1/kv/k").body());
        }
    }

    @Test
    void aFullDiskRefusesWrites_andGoesOnReading() throws Exception {
        try (var server = new TestServer(dir)) {
            assertEquals(201, server.put("/v1/kv/k", "v").statusCode());
            server.folder.full = true;
            TestServer.await("the disk to be full", () -> {
                try {
                    return server.put("/v1/kv/big", "v".repeat(10_000)).statusCode() == 507;
                } catch (Exception broken) {
                    throw new AssertionError(broken);
                }
            });
            assertProblem(507, "storage_full", server.put("/v1/kv/big", "v".repeat(10_000)));
            assertEquals("v", server.get("/v1/kv/k").body());
        }
    }
}
