package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real processes, real disks, real sockets, and what happens to them.
class ProcessFaultsTest {
    private static final long SEED = 20_261_123;
    private static final int SOME = 100;

    @Test
    void writesSurviveTheDeathOfTheLeader(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = new Traffic(cluster, SEED)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            traffic.awaitAcknowledged(SOME, cluster.nodes());

            cluster.kill(leader);
            int next = cluster.awaitLeader(cluster.others(leader));
            assertNotEquals(leader, next);
            traffic.awaitAcknowledged(SOME, cluster.others(leader));

            cluster.start(leader);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    /// The same story, told by Redis clients with all their kinds of writes: the leader dies, comes back, and another one hangs for a while.
    @Test
    void whatRedisClientsSeeIsOneStory(@TempDir Path dir) throws Exception {
        try (var cluster = TestCluster.withRedis(dir);
                var traffic = Traffic.overRedis(cluster, SEED + 10);
                var movers = new Movers(cluster, SEED + 11)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            cluster.kill(leader);
            int next = cluster.awaitLeader(cluster.others(leader));
            traffic.awaitAcknowledged(SOME, cluster.others(leader));
            cluster.start(leader);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            cluster.signal(next, "STOP");
            cluster.awaitLeader(cluster.others(next));
            traffic.awaitAcknowledged(SOME, cluster.others(next));
            cluster.signal(next, "CONT");
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
            movers.expectNothingLost();
            cluster.awaitLevel();
        }
    }

    /// The stopped leader has requests waiting in its sockets. When it goes on it still believes that it
    /// leads, and must not answer them from what it knew.
    @Test
    void aLeaderThatWasStoppedServesNothingStale(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = new Traffic(cluster, SEED + 1)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            assertEquals(201, cluster.call(leader, "PUT", "/v1/kv/it", "old".getBytes(UTF_8))
                    .statusCode());

            cluster.signal(leader, "STOP");
            int next = cluster.awaitLeader(cluster.others(leader));
            traffic.awaitAcknowledged(SOME, cluster.others(leader));
            assertEquals(200, cluster.call(next, "PUT", "/v1/kv/it", "new".getBytes(UTF_8))
                    .statusCode());
            var reads = new ArrayList<CompletableFuture<String>>();
            for (int i = 0; i < 20; i++) {
                reads.add(cluster.ask(leader, "/v1/kv/it")
                        .handle((answer, failure) -> failure != null
                                ? "no answer"
                                : answer.statusCode() == 200
                                        ? new String(answer.body(), UTF_8)
                                        : "HTTP " + answer.statusCode()));
            }
            cluster.signal(leader, "CONT");
            for (var read : reads) {
                assertNotEquals("old", read.get());
            }

            traffic.awaitAcknowledged(SOME, cluster.nodes());
            assertEquals("new", new String(
                    cluster.call(leader, "GET", "/v1/kv/it", new byte[0]).body(), UTF_8));
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenAllDieAtOnce(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = new Traffic(cluster, SEED + 2)) {
            for (int round = 0; round < 2; round++) {
                cluster.awaitLeader(cluster.nodes());
                traffic.awaitAcknowledged(SOME, cluster.nodes());
                cluster.killAll();
                cluster.startAll();
            }
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    /// SIGTERM hands leadership over first: nobody has to wait for an election timer.
    @Test
    void aLeaderToldToStopHandsOver(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = new Traffic(cluster, SEED + 3)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            long term = cluster.status(leader).term();
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            cluster.signal(leader, "TERM");
            int next = cluster.awaitLeader(cluster.others(leader));
            assertTrue(cluster.status(next).term() > term);
            traffic.awaitAcknowledged(SOME, cluster.others(leader));
            traffic.expectOneStoryThrough(cluster.others(leader));
        }
    }
}
