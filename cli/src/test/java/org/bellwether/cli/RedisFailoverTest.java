package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bellwether.api.Address;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.exceptions.JedisException;

/// Clients of single servers, one for each node; whoever is failed by one goes on with another. Some add to a
/// counter and some write when the leader is killed: each write has a key of its own, since a write of unknown
/// outcome may yet come after the next.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisFailoverTest {
    private static final int WRITERS = 4;
    private static final int COUNTERS = 3;
    private static final int READ_AT_ONCE = 500;

    private TestCluster cluster;

    @BeforeAll
    void start(@TempDir Path dir) throws StartException {
        cluster = TestCluster.withRedis(dir);
        cluster.awaitLeader(cluster.nodes());
        cluster.nodes().forEach(cluster::awaitReady);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void jedisLosesNoAcknowledgedWriteAndCountsNothingTwice() throws Exception {
        throughFailover("jedis", end -> new PlainClient.OfJedis(PlainClient.jedis(end)));
    }

    @Test
    void lettuceLosesNoAcknowledgedWriteAndCountsNothingTwice() throws Exception {
        var library = io.lettuce.core.RedisClient.create();
        try {
            throughFailover("lettuce",
                    end -> new PlainClient.OfLettuce(PlainClient.lettuce(library, end)));
        } finally {
            library.shutdown();
        }
    }

    private void throughFailover(String name, Function<Address, PlainClient> connect)
            throws Exception {
        Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        Queue<Throwable> untrue = new ConcurrentLinkedQueue<>();
        var enough = new AtomicBoolean();
        var opened = new ArrayList<PlainClient>();
        var writers = new ArrayList<Thread>();
        List<Supplier<Long>> counting = new ArrayList<>();
        for (int i = 0; i < WRITERS + COUNTERS; i++) {
            var clients = cluster.nodes().stream()
                    .map(node -> connect.apply(cluster.resp(node))).toList();
            opened.addAll(clients);
            var roaming = new PlainClient.Roaming(clients, i);
            if (i < COUNTERS) {
                counting.add(() -> roaming.ask(client -> client.incr(name)));
            } else {
                var key = name + i + ":";
                writers.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, why) -> untrue.add(why))
                        .start(() -> write(roaming, key, acknowledged, enough)));
            }
        }
        int leader = 0;
        try {
            leader = Counting.throughFailover(cluster, counting, () -> count(name), 0);
        } finally {
            enough.set(true);
            for (var writer : writers)
                writer.join();
            opened.forEach(PlainClient::close);
        }
        assertEquals(List.of(), List.copyOf(untrue));
        for (int node : cluster.others(leader))
            assertEquals(List.of(), missing(node, List.copyOf(acknowledged)), "at n" + node);
        cluster.start(leader);
        cluster.awaitReady(leader);
        assertEquals(List.of(), missing(leader, List.copyOf(acknowledged)), "at n" + leader);
    }

    /// Asked of whoever lives.
    private String count(String name) {
        int leader = 0;
        for (int node : cluster.nodes()) {
            if (!cluster.isRunning(node)) leader = node;
        }
        try (var client = PlainClient.jedis(cluster.resp(cluster.others(leader).getFirst()))) {
            return client.get(name);
        }
    }

    private static void write(PlainClient.Roaming clients, String prefix,
            Queue<String> acknowledged, AtomicBoolean enough) {
        for (int i = 0; !enough.get(); i++) {
            var key = prefix + i;
            try {
                assertEquals("OK", clients.ask(client -> client.set(key, key)));
                acknowledged.add(key);
            } catch (JedisException | RedisException | CancellationException unsure) {
                // It may have happened or not; nobody will ask.
            }
        }
    }

    private List<String> missing(int node, List<String> keys) {
        assertTrue(keys.size() > WRITERS * 100, "hardly anything was written: " + keys.size());
        var missing = new ArrayList<String>();
        try (var client = PlainClient.jedis(cluster.resp(node))) {
            for (int from = 0; from < keys.size(); from += READ_AT_ONCE) {
                var some = keys.subList(from, Math.min(keys.size(), from + READ_AT_ONCE));
                var values = client.mget(some.toArray(String[]::new));
                for (int i = 0; i < some.size(); i++) {
                    if (!some.get(i).equals(values.get(i))) missing.add(some.get(i));
                }
            }
        }
        return missing;
    }
}
