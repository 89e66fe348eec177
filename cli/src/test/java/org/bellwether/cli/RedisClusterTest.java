package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.CommandObjects;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisProtocol;

/// Libraries for Redis Cluster find the leader, read from replicas, and go on with the next leader by themselves.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClusterTest {
    private static final int CLIENTS = 3;
    private static final int READS = 200;

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

    private void restart(int node) {
        cluster.start(node);
        cluster.awaitReady(node);
    }

    private redis.clients.jedis.RedisClusterClient jedis(
            DefaultJedisClientConfig.Builder config) {
        var nodes = cluster.nodes().stream()
                .map(node -> new HostAndPort("127.0.0.1", cluster.respCluster(node).port()))
                .collect(Collectors.toSet());
        return redis.clients.jedis.RedisClusterClient.builder().nodes(nodes)
                .clientConfig(config.timeoutMillis(6_000).build()).build();
    }

    @Test
    void jedisGoesOnWithTheNextLeader() throws Exception {
        var clients = new ArrayList<redis.clients.jedis.RedisClusterClient>();
        try {
            List<Supplier<Long>> counting = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = jedis(DefaultJedisClientConfig.builder());
                clients.add(client);
                counting.add(() -> client.incr("jedis"));
            }
            assertEquals(3, clients.getFirst().getClusterNodes().size());
            // When its connection breaks it sends the command again, though that may have been performed.
            restart(Counting.throughFailover(cluster, counting,
                    () -> clients.getFirst().get("jedis"), CLIENTS));
        } finally {
            clients.forEach(redis.clients.jedis.RedisClusterClient::close);
        }
    }

    @Test
    void jedisReadsFromReplicas() {
        int leader = cluster.awaitLeader(cluster.nodes());
        var get = new CommandObjects(RedisProtocol.RESP3).get("jedis:near");
        try (var client = jedis(
                DefaultJedisClientConfig.builder().readOnlyForRedisClusterReplicas())) {
            assertEquals("OK", client.set("jedis:near", "1"));
            cluster.awaitLevel();
            assertEquals("1", client.executeCommandToReplica(get));
            var served = new Served(cluster, cluster::respCluster);
            for (int i = 0; i < READS; i++)
                assertEquals("1", client.executeCommandToReplica(get));
            served.expectByReplicas(leader, READS);
        }
    }

    /// Some libraries never ask again once they were told that nobody has any.
    @Test
    void theSlotsAreAlwaysSomebodys() {
        int leader = cluster.awaitLeader(cluster.nodes());
        long before = cluster.respCluster(leader).port();
        var others = cluster.nodes().stream().filter(node -> node != leader).toList();
        cluster.kill(leader);
        for (int node : others) {
            try (var client = new Jedis("127.0.0.1", cluster.respCluster(node).port())) {
                Await.until("another leader's slots", () -> {
                    var shards = (List<?>) client.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
                    var master = (List<?>) ((List<?>) shards.getFirst()).get(2);
                    return (long) master.get(1) != before;
                });
            }
        }
        restart(leader);
    }

    @Test
    void lettuceReadsFromReplicasAndGoesOnWithTheNextLeader() throws Exception {
        var uris = cluster.nodes().stream()
                .map(node -> RedisURI.Builder
                        .redis("127.0.0.1", cluster.respCluster(node).port())
                        .withTimeout(Duration.ofSeconds(6)).build())
                .toList();
        var library = RedisClusterClient.create(uris);
        library.setOptions(ClusterClientOptions.builder()
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .adaptiveRefreshTriggersTimeout(Duration.ofMillis(200)).build())
                .build());
        try {
            List<StatefulRedisClusterConnection<String, String>> clients = new ArrayList<>();
            List<Supplier<Long>> counting = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = library.connect();
                clients.add(client);
                counting.add(() -> client.sync().incr("lettuce"));
            }
            readFromReplicas(clients.getFirst());
            restart(Counting.throughFailover(cluster, counting,
                    () -> clients.getFirst().sync().get("lettuce"), 0));
        } finally {
            library.shutdown();
        }
    }

    private void readFromReplicas(StatefulRedisClusterConnection<String, String> client) {
        int leader = cluster.awaitLeader(cluster.nodes());
        var redis = client.sync();
        assertEquals("OK", redis.set("near", "1"));
        assertEquals(3, client.getPartitions().size());
        client.setReadFrom(ReadFrom.REPLICA);
        Await.until("the write on a replica", () -> "1".equals(redis.get("near")));
        cluster.awaitLevel();
        assertTrue(redis.clusterInfo().contains("cluster_state:ok"));
        var served = new Served(cluster, cluster::respCluster);
        for (int i = 0; i < READS; i++)
            assertEquals("1", redis.get("near"));
        served.expectByReplicas(leader, READS);
        client.setReadFrom(ReadFrom.UPSTREAM);
    }
}
