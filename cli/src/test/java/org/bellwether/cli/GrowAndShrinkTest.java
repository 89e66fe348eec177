package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.bellwether.cli.ClusterStatus.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes come and go as real processes while clients write and read, and some die at the wrong moment.
class GrowAndShrinkTest {
    private static final int TRANSFERS_MAX = 5;
    private static final long SEED = 20_261_124;
    private static final int SOME = 50;
    private static final int MIB = 1 << 20;

    @Test
    void fromOneToFiveAndBackToOne_underTraffic(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 1, 5); var traffic = new Traffic(cluster, SEED)) {
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            for (int node = 2; node <= 5; node++) {
                cluster.join(node, "n" + node).awaitLine("serving n" + node);
                cluster.admit(node);
                traffic.awaitAcknowledged(SOME, cluster.nodes());
                if (node == 3) awaitVoters(cluster, 1, 3);
            }
            assertEquals(3, voters(cluster, 1).size(), "more were not asked for");
            Typed.run(Exit.OK, "voters", "5", "--node", cluster.http(4).toString());
            awaitVoters(cluster, 5, 5);
            handOver(cluster, "n4", 2);
            readByLease(cluster, 3);
            traffic.awaitAcknowledged(SOME, cluster.nodes());

            // A replica, asked through another; the leader, which asks itself; and so on.
            for (int left = 4; left >= 1; left--) {
                int leader = cluster.awaitLeader(cluster.nodes());
                int going = left % 2 == 0 ? cluster.others(leader).getFirst() : leader;
                int asked = cluster.others(going).getLast();
                if (left == 3 || left == 2) {
                    Typed.run(Exit.OK, "leave", "--node", cluster.http(going).toString());
                } else {
                    Typed.run(Exit.OK, "remove", "n" + going, "--node",
                            cluster.http(asked).toString());
                }
                cluster.dismiss(going);
                assertEquals(Exit.REMOVED, cluster.awaitExit(going));
                traffic.awaitAcknowledged(SOME, cluster.nodes());
                if (left == 4 || left == 3) expectRefusal(cluster, going);
            }
            int last = cluster.nodes().getFirst();
            assertEquals(List.of("n" + last), voters(cluster, last));
            assertEquals(1, cluster.status(last).members().size());
            traffic.expectOneStory();
        }
    }

    /// By name, asked through somebody else; then to whoever is furthest, asked through the leader.
    private static void handOver(TestCluster cluster, String to, int asked) {
        transfer(cluster, leader -> to.equals("n" + leader), to, "--node",
                cluster.http(asked).toString());
        int before = cluster.awaitLeader(cluster.nodes());
        transfer(cluster, leader -> leader != before, "--node", cluster.http(before).toString());
    }

    /// On a machine that stands still for a second its end is unknown; whoever hears that looks, and asks again.
    private static void transfer(TestCluster cluster, IntPredicate isDone, String... arguments) {
        var words = Stream.concat(Stream.of("transfer"), Stream.of(arguments))
                .toArray(String[]::new);
        for (int asked = 0; asked < TRANSFERS_MAX; asked++) {
            var said = Typed.run(words);
            boolean isUnknown = said.contains("outcome unknown");
            assertTrue(isUnknown || said.contains(" leads in term"), said);
            if (isDone.test(cluster.awaitLeader(cluster.nodes()))) return;
            assertTrue(isUnknown, said);
        }
        fail(String.join(" ", words) + " came to nothing");
    }

    /// It stays switched on while the cluster shrinks.
    private static void readByLease(TestCluster cluster, int asked) throws Exception {
        var said = Typed.run(Exit.OK, "lease", "on", "--node", cluster.http(asked).toString());
        assertTrue(said.contains("lease reads are on"), said);
        for (int node : cluster.nodes()) {
            var at = cluster.http(node).toString();
            Typed.run(Exit.OK, "put", "leased", "by n" + node, "--node", at);
            for (int other : cluster.nodes()) {
                assertEquals("by n" + node, Typed.run(Exit.OK, "get", "leased", "--consistency",
                        "lease", "--node", cluster.http(other).toString()));
            }
            var list = new String(cluster.call(node, "GET", "/v1/cluster", new byte[0]).body(),
                    UTF_8);
            assertTrue(list.contains("\"lease_reads\":true"), list);
        }
    }

    /// It says so at once, and does so for ever.
    private static void expectRefusal(TestCluster cluster, int removed) {
        var text = serve(Exit.REMOVED, cluster.folder(removed));
        assertTrue(text.contains("was removed from the cluster"), text);
        assertFalse(text.contains("serving"), text);
    }

    @Test
    void aNewcomerThatDiesWhileItCatchesUpGoesOnWhereItWas(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 1, 2);
                var traffic = new Traffic(cluster, SEED + 1)) {
            fill(cluster, 1);
            cluster.join(2, "n2").awaitLine("serving");
            // It stands still, so that it is behind for certain when it dies.
            cluster.signal(2, "STOP");
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            Await.until("n2 to be behind", () -> row(cluster, 1, "n2").lag() > 0);
            var id = row(cluster, 1, "n2").id();
            assertEquals(List.of("n1"), voters(cluster, 1), "a vote only for who is level");
            cluster.kill(2);
            traffic.awaitAcknowledged(SOME, cluster.nodes());

            // With the same command, as whatever starts processes anew would.
            cluster.join(2, "n2").awaitLine("serving n2");
            cluster.admit(2);
            assertEquals(id, row(cluster, 1, "n2").id(), "it is the same node");
            awaitVoters(cluster, 2, 2);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    @Test
    void theLeaderDiesWhileANewcomerCatchesUp(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 3, 4);
                var traffic = new Traffic(cluster, SEED + 2)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            fill(cluster, leader);
            cluster.join(4, "n4").awaitLine("serving n4");
            cluster.signal(4, "STOP");
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            Await.until("n4 to be behind", () -> row(cluster, leader, "n4").lag() > 0);
            cluster.kill(leader);
            int next = cluster.awaitLeader(cluster.others(leader));
            assertNotEquals(leader, next);
            traffic.awaitAcknowledged(SOME, cluster.others(leader));
            cluster.signal(4, "CONT");
            cluster.admit(4);
            traffic.awaitAcknowledged(SOME, List.of(4));
            cluster.start(leader);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    @Test
    void aDeadVoterIsReplacedByALearner(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 3, 4, "--dead-after", "3s");
                var traffic = new Traffic(cluster, SEED + 3)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            cluster.join(4, "n4").awaitLine("serving n4");
            cluster.admit(4);
            assertEquals(List.of("n1", "n2", "n3"), voters(cluster, leader));
            int dead = cluster.nodes().stream().filter(node -> node != leader && node != 4)
                    .findFirst().orElseThrow();
            cluster.kill(dead);
            cluster.dismiss(dead);
            Await.until("n4 to take its place", () -> {
                var voters = voters(cluster, leader);
                return voters.size() == 3 && voters.contains("n4")
                        && !voters.contains("n" + dead);
            });
            assertEquals(3, status(cluster, leader).members().size());
            var events = Typed.run(Exit.OK, "events", "--node", cluster.http(leader).toString());
            assertTrue(events.contains("n" + dead + " was silent for 3000 ms or more"), events);
            traffic.awaitAcknowledged(SOME, cluster.nodes());

            // It did not hear of that, and is told by whoever it turns to; every time.
            for (int i = 0; i < 2; i++)
                serve(Exit.REMOVED, cluster.folder(dead));
            traffic.expectOneStory();
        }
    }

    @Test
    void aWipedNodeComesBackAsAnother_butOnlyOnceItIsGone(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = new Traffic(cluster, SEED + 4)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            int wiped = cluster.others(leader).getFirst();
            var old = row(cluster, leader, "n" + wiped).id();
            var place = "/v1/cluster/join?nonce=" + UUID.randomUUID() + "&name=other&peer="
                    + cluster.peer(wiped) + "&http=" + cluster.http(wiped);
            assertEquals(409, cluster.call(leader, "POST", place, new byte[0]).statusCode());
            cluster.kill(wiped);
            delete(cluster.folder(wiped));

            // An empty folder is no node of this cluster, and a name belongs to who had it.
            serve(Exit.USAGE, cluster.folder(wiped));
            cluster.join(wiped, "n" + wiped);
            assertEquals(Exit.NO, cluster.awaitExit(wiped));
            Await.until("the place to be free", () -> {
                var process = cluster.join(wiped, "back");
                Await.until("an answer", () -> !process.isAlive()
                        || process.text().contains("serving back"));
                return process.isAlive();
            });
            cluster.awaitReady(wiped);
            assertNotEquals(old, row(cluster, leader, "back").id());
            assertFalse(row(cluster, leader, "back").voter(), "the lost one still has its vote");
            Typed.run(Exit.OK, "remove", "n" + wiped, "--node", cluster.http(leader).toString());
            Await.until("the other to have it", () -> row(cluster, leader, "back").voter());
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
        }
    }

    /// As when the disk of the log is not there, and the command is given that has always been given.
    @Test
    void aNodeThatLostItsLogIsNotItself(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 2, 3);
                var traffic = new Traffic(cluster, SEED + 5)) {
            cluster.join(3, "n3").awaitLine("serving n3");
            cluster.admit(3);
            int leader = cluster.awaitLeader(cluster.nodes());
            awaitVoters(cluster, leader, 3);
            var old = row(cluster, leader, "n3").id();
            cluster.kill(3);

            delete(cluster.folder(3).resolve("log"));
            assertEquals(Exit.USAGE, expectRefusal(cluster, 3,
                    "holds the tables of a node, and no log; nothing was changed"));
            delete(cluster.folder(3).resolve("tables"));
            assertEquals(Exit.NO, expectRefusal(cluster, 3, "there is a node named n3 already"));
            Typed.run(Exit.OK, "remove", "n3", "--node", cluster.http(1).toString());
            cluster.join(3, "n3").awaitLine("serving n3");
            assertNotEquals(old, row(cluster, 1, "n3").id());
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    private static int expectRefusal(TestCluster cluster, int node, String why) {
        var process = cluster.join(node, "n" + node);
        int exit = cluster.awaitExit(node);
        assertTrue(process.text().contains(why), process::text);
        return exit;
    }

    /// Enough that nobody catches up in no time.
    private static void fill(TestCluster cluster, int node) throws IOException {
        for (int i = 0; i < 24; i++) {
            assertEquals(201, cluster.call(node, "PUT", "/v1/kv/big-" + i, new byte[MIB])
                    .statusCode());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(each);
        }
    }

    private static ClusterStatus status(TestCluster cluster, int asked) {
        try {
            return cluster.status(asked);
        } catch (IOException gone) {
            throw new AssertionError(gone);
        }
    }

    private static Row row(TestCluster cluster, int asked, String name) {
        var row = status(cluster, asked).find(name);
        if (row == null) throw new AssertionError(name + " is not listed");
        return row;
    }

    private static List<String> voters(TestCluster cluster, int asked) {
        return status(cluster, asked).members().stream().filter(Row::voter).map(Row::name).sorted()
                .toList();
    }

    private static void awaitVoters(TestCluster cluster, int asked, int count) {
        Await.until(count + " voters", () -> voters(cluster, asked).size() == count);
    }

    /// A node that cannot start; what it says.
    private static String serve(int code, Path folder) {
        try (var node = BellProcess.start("serve", "--dir", folder.toString())) {
            assertEquals(code, node.awaitExit(), node::text);
            return node.text();
        }
    }
}
