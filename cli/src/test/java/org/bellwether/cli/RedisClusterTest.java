package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;

/// Libraries for Redis Cluster find the leader, read from replicas, and go on with the next leader by themselves.
@Timeout(300)
class RedisClusterTest {
    private static TestCluster ready(Path dir) throws Exception {
        var cluster = TestCluster.withRedis(dir);
        cluster.awaitLeader(cluster.nodes());
        cluster.nodes().forEach(cluster::awaitReady);
        return cluster;
    }

    @Test
    void jedisGoesOnWithTheNextLeader(@TempDir Path dir) throws Exception {
        try (var cluster = ready(dir)) {
            var nodes = cluster.nodes().stream()
                    .map(node -> new HostAndPort("127.0.0.1", cluster.respCluster(node).port()))
                    .collect(Collectors.toSet());
            try (var client = redis.clients.jedis.RedisClusterClient.builder().nodes(nodes)
                    .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(6_000).build())
                    .build()) {
                assertEquals("OK", client.set("a", "1"));
                assertEquals(3, client.getClusterNodes().size());
                // When its connection breaks it sends the command again, though that may have been performed.
                Counting.throughFailover(cluster, () -> client.incr("count"),
                        () -> client.get("count"), 1);
            }
        }
    }

    @Test
    void lettuceReadsFromReplicasAndGoesOnWithTheNextLeader(@TempDir Path dir) throws Exception {
        try (var cluster = ready(dir)) {
            var uris = cluster.nodes().stream()
                    .map(node -> RedisURI.Builder
                            .redis("127.0.0.1", cluster.respCluster(node).port())
                            .withTimeout(Duration.ofSeconds(6)).build())
                    .toList();
            var client = RedisClusterClient.create(uris);
            client.setOptions(ClusterClientOptions.builder()
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()

                            .adaptiveRefreshTriggersTimeout(Duration.ofMillis(200)).build())
                    .build());
            try (var connection = client.connect()) {
                var redis = connection.sync();
                assertEquals("OK", redis.set("near", "1"));
                assertEquals(3, connection.getPartitions().size());
                connection.setReadFrom(ReadFrom.REPLICA);
                Await.until("the write on a replica", () -> "1".equals(redis.get("near")));
                assertTrue(redis.clusterInfo().contains("cluster_state:ok"));
                connection.setReadFrom(ReadFrom.UPSTREAM);
                Counting.throughFailover(cluster, () -> redis.incr("count"),
                        () -> redis.get("count"));
            } finally {
                client.shutdown();
            }
        }
    }
}
