package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.bellwether.api.Consistency;
import org.bellwether.api.NodeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients of Redis Cluster are told: who leads, and to ask there.
@Timeout(120)
class ClusterModeTest {
    private static final String CRC_OF_K = "7629";

    private FakeNode node;
    private RespClient client;

    @BeforeEach
    void start() throws Exception {
        node = new FakeNode(new RespConfig(Consistency.LINEARIZABLE, null, true), FakeNode.BOUNDS);
        client = node.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        node.close();
    }

    private void expect(Object reply, String line) throws Exception {
        assertEquals(reply, client.say(line), line);
    }

    private void leads(boolean leads) throws Exception {
        node.store(store -> store.leads = leads);
    }

    @Test
    void theLeaderServesEverything() throws Exception {
        expect("+OK", "SET k 1");
        expect("1", "GET k");
        expect("+OK", "MSET a 1 b 2");
        expect("+OK", "READONLY");
        expect("1", "GET k");
        expect(3L, "DBSIZE");
    }

    @Test
    void aReplicaSendsToTheLeader() throws Exception {
        leads(false);
        var moved = "-MOVED " + CRC_OF_K + " 10.0.0.2:6500";
        expect(moved, "SET k 1");
        expect(moved, "GET k");
        expect(moved, "DEL k a");
        expect(moved, "WATCH k");
        expect("-READONLY You can't write against a read only replica.", "FLUSHALL");
        expect("+PONG", "PING");
        expect("+OK", "READONLY");
        expect("null", "GET k");
        expect("+OK", "WATCH k");
        expect(moved, "SET k 1");
        expect("+OK", "READWRITE");
        expect(moved, "GET k");
    }

    /// `READONLY` says where reads are served, `CLIENT READS` how fresh they are.
    @Test
    void aReplicaMayServeLinearizableReads() throws Exception {
        leads(false);
        expect("+OK", "CLIENT READS LOCAL");
        expect("-MOVED " + CRC_OF_K + " 10.0.0.2:6500", "GET k");
        expect("+OK", "CLIENT READS LINEARIZABLE");
        expect("+OK", "READONLY");
        expect("null", "GET k");
        expect("+OK", "CLIENT READS DEFAULT");
        expect("null", "GET k");
        assertEquals(List.of("Linearizable", "Local"), node.store(it -> List.copyOf(it.asked)));
    }

    @Test
    void withoutALeaderItIsDown() throws Exception {
        node.store(store -> {
            store.leads = false;
            store.hasLeader = false;
            return true;
        });
        expect("-CLUSTERDOWN The cluster is down", "SET k 1");
        assertTrue(((String) client.say("CLUSTER INFO")).contains("cluster_state:fail"));
        expect("+OK", "READONLY");
        expect("null", "GET k");
    }

    /// Redis-rb for one takes an empty list for the end of the cluster, for good.
    @Test
    void untilThereIsANewLeaderTheSlotsAreTheLastOnes() throws Exception {
        leads(false);
        var second = new NodeId(new UUID(7, 2));
        FakeNode.await("a look at who leads", () -> second.equals(node.lastLeader()));
        node.store(store -> {
            store.hasLeader = false;
            return true;
        });
        assertEquals("10.0.0.2", master());
        var lines = ((String) client.say("CLUSTER NODES")).split("\n", -1);
        assertTrue(lines[1].contains(" 10.0.0.2:6500@7502 master,fail - ")
                && lines[1].endsWith(" disconnected 0-16383"), lines[1]);
        var shard = (List<?>) ((List<?>) client.say("CLUSTER SHARDS")).getFirst();
        assertEquals(List.of(0L, 16_383L), shard.get(1));
        assertEquals(3, ((List<?>) shard.get(3)).size());
        var info = List.of(((String) client.say("CLUSTER INFO")).split("\r\n", -1));
        assertTrue(info.containsAll(List.of("cluster_state:fail", "cluster_slots_assigned:16384",
                "cluster_slots_ok:0", "cluster_slots_fail:16384")), info::toString);
        leads(true);
        node.store(store -> {
            store.hasLeader = true;
            return true;
        });
        assertEquals("10.0.0.1", master());
    }

    private Object master() throws Exception {
        var shard = (List<?>) ((List<?>) client.say("CLUSTER SLOTS")).getFirst();
        return ((List<?>) shard.get(2)).getFirst();
    }

    @Test
    void aTransactionIsSentAwayAsAWhole() throws Exception {
        expect("+OK", "MULTI");
        expect("+QUEUED", "SET k 1");
        leads(false);
        expect("-MOVED " + CRC_OF_K + " 10.0.0.2:6500", "EXEC");
        expect("-ERR EXEC without MULTI", "EXEC");
        expect("+OK", "MULTI");
        expect("-MOVED " + CRC_OF_K + " 10.0.0.2:6500", "SET k 1");
        expect("-EXECABORT Transaction discarded because of previous errors.", "EXEC");
        leads(true);
        expect("null", "GET k");
    }

    @Test
    void oneShardHasAllSlots() throws Exception {
        var slots = (List<?>) ((List<?>) client.say("CLUSTER SLOTS")).getFirst();
        assertEquals(List.of(0L, 16_383L), slots.subList(0, 2));
        var me = (String) client.say("CLUSTER MYID");
        assertEquals(List.of("10.0.0.1", 6500L, me, List.of()), slots.get(2));
        assertEquals(40, me.length());
        leads(false);
        var after = (List<?>) ((List<?>) client.say("CLUSTER SLOTS")).getFirst();
        assertEquals("10.0.0.2", ((List<?>) after.get(2)).getFirst());
        var lines = ((String) client.say("CLUSTER NODES")).split("\n", -1);
        assertEquals(4, lines.length);
        assertTrue(lines[0].startsWith(me + " 10.0.0.1:6500@7501 myself,slave "), lines[0]);
        assertTrue(lines[1].contains(" 10.0.0.2:6500@7502 master - 0 ")
                && lines[1].endsWith(" connected 0-16383"), lines[1]);
        assertEquals("", lines[3]);
    }

    @Test
    void whatElseClientsAsk() throws Exception {
        expect(12_182L, "CLUSTER KEYSLOT foo");
        client.say("SET {t}a 1");
        client.say("SET {t}b 1");
        client.say("SET other 1");
        var slot = client.say("CLUSTER KEYSLOT {t}");
        expect(2L, "CLUSTER COUNTKEYSINSLOT " + slot);
        expect(List.of("{t}a"), "CLUSTER GETKEYSINSLOT " + slot + " 1");
        expect("-ERR Invalid or out of range slot", "CLUSTER COUNTKEYSINSLOT 16384");
        expect("-ERR SELECT is not allowed in cluster mode", "SELECT 1");
        expect("+OK", "SELECT 0");
        assertTrue(((String) client.say("INFO")).contains("cluster_enabled:1"));
        assertTrue(((List<?>) client.say("HELLO 3")).contains("cluster"));
        var shard = (List<?>) ((List<?>) client.say("CLUSTER SHARDS")).getFirst();
        assertEquals(List.of("map", "slots", List.of(0L, 16_383L), "nodes"), shard.subList(0, 4));
        assertEquals(3, ((List<?>) shard.get(4)).size());
        assertEquals(List.of("id", "0000000000000007000000000000000900000000"),
                shard.subList(5, 7));
        expect(List.of(), "CLUSTER LINKS");
    }

    @Test
    void theReplicasOfTheLeaderAreItsAlone() throws Exception {
        var me = (String) client.say("CLUSTER MYID");
        var replicas = (List<?>) client.say("CLUSTER REPLICAS " + me);
        assertEquals(2, replicas.size());
        for (var line : replicas)
            assertTrue(((String) line).contains(" slave " + me + " 0 "), line::toString);
        expect("-ERR Unknown node x", "CLUSTER REPLICAS x");
        leads(false);
        expect("-ERR The specified node is not a master", "CLUSTER REPLICAS " + me);
    }

    @Test
    void whatTheClusterSaysOfItself() throws Exception {
        var lines = ((String) client.say("CLUSTER INFO")).split("\r\n", -1);
        for (var line : List.of("cluster_enabled:1", "cluster_state:ok",
                "cluster_slots_assigned:16384", "cluster_slots_ok:16384", "cluster_size:1",
                "cluster_known_nodes:3"))
            assertTrue(List.of(lines).contains(line), () -> line + " in " + List.of(lines));
    }

    @Test
    void otherClientsAreToldThatThisIsNoCluster() throws Exception {
        try (var plain = new FakeNode(); var other = plain.connect()) {
            for (var line : List.of("CLUSTER SLOTS", "CLUSTER COUNTKEYSINSLOT 1", "CLUSTER INFO"))
                assertEquals("-ERR This instance has cluster support disabled", other.say(line));
        }
    }
}
