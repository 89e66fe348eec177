package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.KeyValue;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.SetParams;

/// Redis's own clients, and the libraries of Java programs, talk to a cluster and do not notice the difference.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClientsTest {
    private static final int WRITERS = 4;
    private static final int WRITES_BEFORE = 300;
    private static final int WRITES_AFTER = 600;

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

    /// Patient enough to hear what the cluster says, which gives up after 5 s.
    private static RedisClient jedis(TestCluster cluster, int node) {
        return RedisClient.builder()
                .hostAndPort(new HostAndPort("127.0.0.1", cluster.resp(node).port()))
                .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(6_000).build())
                .build();
    }

    @Test
    void jedis() {
        try (var first = jedis(cluster, 1); var second = jedis(cluster, 2)) {
            assertEquals("OK", first.set("jedis", "1"));
            assertEquals("1", second.get("jedis"));
            assertNull(second.set("jedis", "2", SetParams.setParams().nx()));
            assertEquals("OK", second.set("jedis", "2", SetParams.setParams().xx()));
            assertEquals("OK", second.mset("jedis:a", "x", "jedis:b", "y"));
            assertEquals(Arrays.asList("x", "y", null), first.mget("jedis:a", "jedis:b", "none"));
            assertEquals(2, first.exists("jedis:a", "jedis:b", "none"));
            assertEquals(2, first.del("jedis:a", "jedis:b"));
            var replies = new ArrayList<Response<String>>();
            try (var pipeline = first.pipelined()) {
                for (int i = 0; i < 500; i++) {
                    pipeline.set("jedis:p", "v" + i);
                    replies.add(pipeline.get("jedis:p"));
                }
            }
            for (int i = 0; i < replies.size(); i++)
                assertEquals("v" + i, replies.get(i).get());
        }
    }

    @Test
    void lettuce() {
        var client = io.lettuce.core.RedisClient
                .create(RedisURI.create("127.0.0.1", cluster.resp(2).port()));
        try (var connection = client.connect()) {
            var redis = connection.sync();
            assertEquals("OK", redis.set("lettuce", "1"));
            assertEquals("1", redis.get("lettuce"));
            assertNull(redis.set("lettuce", "2", SetArgs.Builder.nx()));
            assertEquals(List.of(KeyValue.just("lettuce", "1"), KeyValue.empty("none")),
                    redis.mget("lettuce", "none"));
            assertEquals("string", redis.type("lettuce"));
            assertTrue(redis.waitForReplication(1, 1_000) >= 1);
            assertTrue(redis.role().getFirst().toString().matches("master|slave"));
        } finally {
            client.shutdown();
        }
    }

    /// It finds the replicas by `INFO replication`, and measures them.
    @Test
    void lettuceReadsFromReplicasThatItFinds() {
        int leader = cluster.awaitLeader(cluster.nodes());
        var client = io.lettuce.core.RedisClient.create();
        var uri = RedisURI.create("127.0.0.1", cluster.resp(leader).port());
        try (var connection = MasterReplica.connect(client, StringCodec.UTF8, uri)) {
            connection.setReadFrom(ReadFrom.REPLICA);
            connection.sync().set("near", "1");
            assertEquals("1", connection.sync().get("near"));
        } finally {
            client.shutdown();
        }
    }

    @Test
    void redisCli() throws Exception {
        assumeTrue(isInstalled("redis-cli"), "redis-cli is not on the PATH: it was not tried");
        var port = Integer.toString(cluster.resp(3).port());
        assertEquals("OK\n", run("redis-cli", "-p", port, "SET", "cli", "a b"));
        assertEquals("a b\n", run("redis-cli", "-3", "-p", port, "GET", "cli"));
        assertTrue(run("redis-cli", "-p", port, "INFO", "server").contains("redis_version:"));
    }

    /// Any error reply would end it.
    @Test
    void redisBenchmark() throws Exception {
        assumeTrue(isInstalled("redis-benchmark"),
                "redis-benchmark is not on the PATH: it was not tried");
        for (int node : cluster.nodes()) {
            var text = run("redis-benchmark", "-p", Integer.toString(cluster.resp(node).port()),
                    "-t", "ping,set,get,mset", "-n", "2000", "-P", "8", "--csv");
            assertTrue(text.contains("\"SET\",") && text.contains("\"MSET (10 keys)\","), text);
        }
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    /// Plain pools, one for each node; whoever fails goes on with another one. Each write has a key of its own,
    /// since a write of unknown outcome may yet come after the next.
    @Test
    void theLeaderIsKilled_andNoAcknowledgedWriteIsLost(@TempDir Path dir) throws Exception {
        try (var own = TestCluster.withRedis(dir)) {
            int leader = own.awaitLeader(own.nodes());
            own.nodes().forEach(own::awaitReady);
            Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
            Queue<String> untrue = new ConcurrentLinkedQueue<>();
            var writers = new ArrayList<Thread>();
            for (int i = 0; i < WRITERS; i++) {
                var name = "w" + i + ":";
                int first = i;
                writers.add(Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, why) -> untrue.add(why.toString()))
                        .start(() -> write(own, name, first, acknowledged)));
            }
            Await.until("writes", () -> acknowledged.size() > WRITERS * WRITES_BEFORE);
            own.kill(leader);
            for (var writer : writers)
                writer.join();
            assertEquals(List.of(), List.copyOf(untrue));
            assertTrue(acknowledged.size() >= WRITERS * WRITES_AFTER);
            for (int node : own.others(leader)) {
                var missing = missing(own, node, acknowledged);
                assertEquals(List.of(), missing, "as seen by n" + node);
            }
        }
    }

    private static void write(TestCluster cluster, String name, int first,
            Queue<String> acknowledged) {
        var clients = new ArrayList<RedisClient>();
        for (int node : cluster.nodes())
            clients.add(jedis(cluster, node));
        int use = first;
        for (int written = 0, i = 0; written < WRITES_AFTER; i++) {
            var key = name + i;
            try {
                assertEquals("OK", clients.get(use % clients.size()).set(key, key));
                acknowledged.add(key);
                written++;
            } catch (JedisException unsure) {
                use++;
            }
        }
        clients.forEach(RedisClient::close);
    }

    private static List<String> missing(TestCluster cluster, int node, Queue<String> keys) {
        var missing = new ArrayList<String>();
        try (var client = jedis(cluster, node)) {
            for (var key : keys) {
                if (!key.equals(client.get(key))) missing.add(key);
            }
        }
        return missing;
    }
}
