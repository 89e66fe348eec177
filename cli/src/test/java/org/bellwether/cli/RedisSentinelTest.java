package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisSentinelClient;

/// Libraries that look for their master by Sentinel are given the nodes as sentinels. They find the leader, and when it
/// is killed under load, the next one, by themselves.
@Timeout(300)
class RedisSentinelTest {
    private static final String NAME = "mymaster";

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
                Counting.throughFailover(cluster, () -> client.incr("count"),
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
                Counting.throughFailover(cluster, () -> redis.incr("count"),
                        () -> redis.get("count"));
            } finally {
                client.shutdown();
            }
        }
    }
}
