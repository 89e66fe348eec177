package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the leader alone had is gone with it, and that is said.
class AckTest {
    @Test
    void aWriteThatOnlyTheLeaderHadIsSaidToBeLost(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            cluster.nodes().forEach(cluster::awaitReady);
            String at = cluster.http(leader).toString();
            assertTrue(Typed.run(Exit.OK, "put", "k", "v", "--ack", "all", "--node", at)
                    .contains("on every voter's disk"));
            var kept = Typed.run(Exit.OK, "put", "k", "v", "--ack", "leader", "--node", at).strip();
            assertEquals("v", Typed.run(Exit.OK, "get", "k", "--node", at, "--after",
                    kept.substring(kept.lastIndexOf(' ') + 1)));
            for (int other : cluster.others(leader))
                cluster.kill(other);
            // Before it gives up being the leader, for want of a majority.
            var accepted = cluster.call(leader, "PUT", "/v1/kv/k?ack=leader", new byte[]{'w'});
            assertEquals(202, accepted.statusCode());
            String token = accepted.headers().firstValue("KV-Token").orElseThrow();
            cluster.kill(leader);
            for (int other : cluster.others(leader))
                cluster.start(other);
            int other = cluster.others(leader).getFirst();
            Typed.run(Exit.OK, "put", "other", "v", "--node", cluster.http(other).toString());
            cluster.start(leader);
            cluster.awaitReady(leader);
            for (int node : cluster.nodes()) {
                String there = cluster.http(node).toString();
                assertTrue(Typed.run(Exit.NO, "get", "k", "--after", token, "--node", there)
                        .contains("is lost"));
                assertEquals("v", Typed.run(Exit.OK, "get", "k", "--node", there));
            }
            String events = Typed.run(Exit.OK, "events", "--node", at);
            assertTrue(events.contains("cut off by a later leader"), events);
        }
    }
}
