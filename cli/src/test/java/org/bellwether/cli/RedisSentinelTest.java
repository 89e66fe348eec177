package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import io.lettuce.core.masterreplica.StatefulRedisMasterReplicaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisSentinelClient;

/// Libraries that look for their master by Sentinel are given the nodes as sentinels. They find the leader, and when it
/// is killed under load, the next one, by themselves.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisSentinelTest {
    private static final String NAME = "mymaster";
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

    private RedisSentinelClient jedis() {
        var sentinels = cluster.nodes().stream()
                .map(node -> new HostAndPort("127.0.0.1", cluster.resp(node).port()))
                .collect(Collectors.toSet());
        var patient = DefaultJedisClientConfig.builder().timeoutMillis(6_000).build();
        return RedisSentinelClient.builder().masterName(NAME).sentinels(Set.copyOf(sentinels))
                .clientConfig(patient).sentinelClientConfig(patient).build();
    }

    @Test
    void jedisGoesOnWithTheNextLeader() throws Exception {
        var clients = new ArrayList<RedisSentinelClient>();
        try {
            for (int i = 0; i < CLIENTS; i++)
                clients.add(jedis());
            List<Supplier<Long>> counting = new ArrayList<>();
            for (var client : clients)
                counting.add(() -> client.incr("jedis"));
            restart(Counting.throughFailover(cluster, counting,
                    () -> clients.getFirst().get("jedis"), 0));
        } finally {
            clients.forEach(RedisSentinelClient::close);
        }
    }

    /// It also reads from the replicas that it is told of.
    @Test
    void lettuceReadsFromReplicasAndGoesOnWithTheNextLeader() throws Exception {
        var uri = RedisURI.Builder.sentinel("127.0.0.1", cluster.resp(1).port(), NAME)
                .withSentinel("127.0.0.1", cluster.resp(2).port())
                .withSentinel("127.0.0.1", cluster.resp(3).port())
                .withTimeout(Duration.ofSeconds(6)).build();
        var library = io.lettuce.core.RedisClient.create();
        try {
            List<StatefulRedisMasterReplicaConnection<String, String>> clients = new ArrayList<>();
            List<Supplier<Long>> counting = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = MasterReplica.connect(library, StringCodec.UTF8, uri);
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

    private void readFromReplicas(StatefulRedisMasterReplicaConnection<String, String> client) {
        int leader = cluster.awaitLeader(cluster.nodes());
        var redis = client.sync();
        redis.set("near", "1");
        client.setReadFrom(ReadFrom.REPLICA);
        assertEquals("1", redis.get("near"));
        var served = new Served(cluster, cluster::resp);
        for (int i = 0; i < READS; i++)
            assertEquals("1", redis.get("near"));
        served.expectByReplicas(leader, READS);
        client.setReadFrom(ReadFrom.UPSTREAM);
    }
}
