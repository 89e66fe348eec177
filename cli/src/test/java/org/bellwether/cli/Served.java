package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.bellwether.api.Address;
import redis.clients.jedis.Jedis;

/// By which nodes commands of Redis clients were served: their own counters.
final class Served {
    private static final String COUNTER = "total_commands_processed:";

    private final TestCluster cluster;
    private final IntFunction<Address> ends;
    private final Map<Integer, Long> before = new HashMap<>();

    /// From now on they are counted.
    ///
    /// @param ends of each node, where clients reach it
    Served(TestCluster cluster, IntFunction<Address> ends) {
        this.cluster = cluster;
        this.ends = ends;
        for (int node : cluster.nodes())
            before.put(node, total(node));
    }

    private long total(int node) {
        var end = ends.apply(node);
        try (var client = new Jedis(end.host(), end.port())) {
            var stats = client.info("stats");
            int at = stats.indexOf(COUNTER) + COUNTER.length();
            return Long.parseLong(stats.substring(at, stats.indexOf('\r', at)));
        }
    }

    private long since(int node) {
        return total(node) - Objects.requireNonNull(before.get(node));
    }

    /// That many reads went to the replicas, and hardly any command to the leader: a library looks for who leads now
    /// and then.
    void expectByReplicas(int leader, int reads) {
        long byReplicas = 0;
        for (int node : cluster.others(leader))
            byReplicas += since(node);
        long byLeader = since(leader);
        assertTrue(byReplicas >= reads && byLeader < reads / 2,
                "of " + reads + " reads, the replicas served " + byReplicas + ", the leader "
                        + byLeader);
    }
}
