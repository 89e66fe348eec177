package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// Libraries that look for their master by Sentinel are given the nodes as sentinels. They find the leader, and when it
/// is killed under load, the next one, by themselves.
@Timeout(300)
class RedisSentinelTest {
    private static final String NAME = "mymaster";
    private static final int BEFORE = 200;
    private static final int AFTER = 400;

    /// What a client that counts with `INCR` was told.
    private static final class Count implements Runnable {
        private final Supplier<Long> incr;
        private final List<Long> told = new ArrayList<>();
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final AtomicBoolean enough = new AtomicBoolean();
        private int unknown;

        private Count(Supplier<Long> incr) {
            this.incr = incr;
        }

        @Override
        public void run() {
            while (!enough.get()) {
                try {
                    told.add(incr.get());
                    acknowledged.incrementAndGet();
                } catch (JedisDataException | RedisCommandExecutionException refused) {
                    // By any other word we say that nothing happened.
                    if (String.valueOf(refused.getMessage()).startsWith("UNKNOWN")) unknown++;
                } catch (JedisException | RedisException | CancellationException broken) {
                    unknown++;
                }
            }
        }

        /// No acknowledged one is lost, none counted twice.
        void check(long value) {
            var once = new HashSet<>(told);
            assertEquals(told.size(), once.size(), "a number was given twice: " + told);
            assertEquals(told.stream().sorted().toList(), told, "numbers went back");
            assertTrue(value >= told.size() && value <= told.size() + unknown, "the counter is "
                    + value + "; acknowledged were " + told.size() + ", unknown " + unknown);
        }
    }

    private static void countThroughFailover(TestCluster cluster, Supplier<Long> incr,
            Supplier<String> get) throws InterruptedException {
        int leader = cluster.awaitLeader(cluster.nodes());
        var count = new Count(incr);
        var thread = Thread.ofPlatform().start(count);
        Await.until("counting", () -> count.acknowledged.get() > BEFORE);
        cluster.kill(leader);
        int atKill = count.acknowledged.get();
        Await.until("counting after the leader was killed",
                () -> count.acknowledged.get() > atKill + AFTER);
        count.enough.set(true);
        thread.join();
        count.check(Long.parseLong(get.get()));
    }

    @Test
    void jedisGoesOnWithTheNextLeader(@TempDir Path dir) throws Exception {
        try (var cluster = TestCluster.withRedis(dir)) {
            cluster.awaitLeader(cluster.nodes());
            cluster.nodes().forEach(cluster::awaitReady);
            var sentinels = cluster.nodes().stream()
                    .map(node -> new HostAndPort("127.0.0.1", cluster.resp(node).port()))
                    .collect(Collectors.toSet());
            var patient = DefaultJedisClientConfig.builder().timeoutMillis(6_000).build();
            try (var client = RedisSentinelClient.builder().masterName(NAME)
                    .sentinels(Set.copyOf(sentinels)).clientConfig(patient)
                    .sentinelClientConfig(patient).build()) {
                countThroughFailover(cluster, () -> client.incr("count"),
                        () -> client.get("count"));
            }
        }
    }

    /// It also reads from the replicas that it is told of.
    @Test
    void lettuceGoesOnWithTheNextLeader(@TempDir Path dir) throws Exception {
        try (var cluster = TestCluster.withRedis(dir)) {
            cluster.awaitLeader(cluster.nodes());
            cluster.nodes().forEach(cluster::awaitReady);
            var uri = RedisURI.Builder.sentinel("127.0.0.1", cluster.resp(1).port(), NAME)
                    .withSentinel("127.0.0.1", cluster.resp(2).port())
                    .withSentinel("127.0.0.1", cluster.resp(3).port())
                    .withTimeout(Duration.ofSeconds(6)).build();
            var client = io.lettuce.core.RedisClient.create();
            try (var connection = MasterReplica.connect(client, StringCodec.UTF8, uri)) {
                var redis = connection.sync();
                redis.set("near", "1");
                connection.setReadFrom(ReadFrom.REPLICA);
                assertEquals("1", redis.get("near"));
                connection.setReadFrom(ReadFrom.UPSTREAM);
                countThroughFailover(cluster, () -> redis.incr("count"),
                        () -> redis.get("count"));
            } finally {
                client.shutdown();
            }
        }
    }
}
