package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KeyValue;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bellwether.api.Address;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.SetParams;

/// Redis's own clients, and the libraries of Java programs, talk to a cluster and do not notice the difference.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClientsTest {
    private static final String EVENT = "__keyevent@0__:";
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

    @Test
    void jedis() {
        try (var first = PlainClient.jedis(cluster.resp(1));
                var second = PlainClient.jedis(cluster.resp(2))) {
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

    /// Its writes are passed on, and what it reads is never older.
    @Test
    void whoReadsFromAReplicaSeesItsOwnWrites() {
        int leader = cluster.awaitLeader(cluster.nodes());
        var replica = cluster.resp(cluster.others(leader).getFirst());
        try (var jedis = new Jedis(replica.host(), replica.port())) {
            assertEquals("OK", jedis.readonly());
            for (int i = 0; i < READS; i++) {
                assertEquals("OK", jedis.set("own", "v" + i));
                assertEquals("v" + i, jedis.get("own"));
            }
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
            var served = new Served(cluster, cluster::resp);
            for (int i = 0; i < READS; i++)
                assertEquals("1", connection.sync().get("near"));
            served.expectByReplicas(leader, READS);
        } finally {
            client.shutdown();
        }
    }

    // Copies that clients keep.

    /// Whichever node it reads from, what others write elsewhere is soon what it sees; and what nobody writes it asks for once.
    @Test
    void jedisKeepsCopies() {
        for (int node : cluster.nodes()) {
            try (var reader = PlainClient.jedisWithCache(cluster.resp(node));
                    var writer = PlainClient.jedis(cluster.resp(1 + node % 3))) {
                var cache = reader.getCache();
                writer.set("copied", "0");
                // What is applied while it is read is told behind the reply, and the copy has gone again.
                cluster.awaitLevel();
                for (int i = 0; i < READS; i++)
                    assertEquals("0", reader.get("copied"));
                assertTrue(cache.getStats().getHitCount() >= READS - 1,
                        () -> cache.getStats().toString());
                for (int i = 1; i <= READS; i++) {
                    var value = Integer.toString(i);
                    writer.set("copied", value);
                    Await.until(() -> value + " by n" + node + ", " + cache.getStats(),
                            () -> reader.get("copied").equals(value));
                }
                writer.del("copied");
                Await.until("its end", () -> reader.get("copied") == null);
            }
        }
    }

    @Test
    void lettuceKeepsCopies() {
        var library = io.lettuce.core.RedisClient.create();
        int node = cluster.others(cluster.awaitLeader(cluster.nodes())).getFirst();
        try (var connection = PlainClient.lettuce(library, cluster.resp(node));
                var writer = PlainClient.jedis(cluster.resp(1))) {
            var copies = new ConcurrentHashMap<String, String>();
            var cache = ClientSideCaching.enable(CacheAccessor.forMap(copies), connection,
                    TrackingArgs.Builder.enabled().noloop());
            for (int i = 0; i < READS; i++) {
                var value = Integer.toString(i);
                writer.set("copied by lettuce", value);
                Await.until(() -> value + " instead of " + copies,
                        () -> value.equals(cache.get("copied by lettuce")));
            }
        } finally {
            library.shutdown();
        }
    }

    // Messages.

    /// Whichever node it is published on, and whichever of them, by whichever port, somebody listens to.
    @Test
    void aMessageIsHeardOnEveryNode() {
        var heard = new ConcurrentLinkedQueue<String>();
        var library = io.lettuce.core.RedisClient.create();
        try {
            for (int node : cluster.nodes()) {
                listen(library, cluster.resp(node), node + " heard ", heard, "news");
                listen(library, cluster.respCluster(node), node + " in the cluster heard ", heard,
                        "news");
            }
            var expected = new TreeSet<String>();
            for (int node : cluster.nodes()) {
                try (var speaker = PlainClient.jedis(cluster.resp(node))) {
                    speaker.publish("news", "n" + node);
                }
                for (int other : cluster.nodes()) {
                    expected.add(other + " heard news n" + node);
                    expected.add(other + " in the cluster heard news n" + node);
                }
            }
            Await.until(() -> expected + " in " + heard, () -> heard.containsAll(expected));
            assertEquals(expected.size(), heard.size(), () -> "not once each: " + heard);
        } finally {
            library.shutdown();
        }
    }

    private static void listen(io.lettuce.core.RedisClient library, Address server, String who,
            Queue<String> heard, String pattern) {
        var connection = library
                .connectPubSub(RedisURI.create(server.host(), server.port()));
        connection.addListener(new RedisPubSubAdapter<String, String>() {
            @Override
            public void message(String by, String channel, String message) {
                heard.add(who + channel + " " + message);
            }
        });
        connection.sync().psubscribe(pattern);
    }

    /// Out of the log: what another node did, and what nobody did but time.
    @Test
    void aReplicaTellsOfChangesOfKeys() {
        int leader = cluster.awaitLeader(cluster.nodes());
        var heard = new ConcurrentLinkedQueue<String>();
        var library = io.lettuce.core.RedisClient.create();
        try (var speaker = PlainClient.jedis(cluster.resp(leader))) {
            int replica = cluster.others(leader).getFirst();
            listen(library, cluster.resp(replica), "", heard, "__key*__:*");
            try (var client = PlainClient.jedis(cluster.resp(replica))) {
                assertEquals("OK", client.configSet("notify-keyspace-events", "KEA"));
            }
            speaker.set("told", "1", SetParams.setParams().px(50));
            Await.until(() -> "its end in " + heard,
                    () -> heard.contains("__keyevent@0__:expired told"));
            speaker.incr("told");
            speaker.rename("told", "told:other");
            speaker.del("told:other");
            Await.until(() -> "the last in " + heard,
                    () -> heard.contains("__keyevent@0__:del told:other"));
            assertEquals(List.of("set told", "expire told", "expired told", "incrby told",
                    "rename_from told", "rename_to told:other", "del told:other"),
                    heard.stream().filter(each -> each.startsWith(EVENT))
                            .map(each -> each.substring(EVENT.length())).toList());
            assertEquals(heard.size() / 2,
                    heard.stream().filter(each -> each.startsWith("__keyspace@0__:told")).count());
            try (var client = PlainClient.jedis(cluster.resp(replica))) {
                assertEquals("OK", client.configSet("notify-keyspace-events", ""));
            }
        } finally {
            library.shutdown();
        }
    }
}
