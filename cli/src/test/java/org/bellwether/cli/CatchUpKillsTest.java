package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A newcomer copies tables for seconds, since no log is whole any more, and somebody is killed on the way while clients
/// write: it is level in the end, and nothing that was acknowledged is missing. (`GrowAndShrinkTest` has the same
/// for what comes by the log.)
class CatchUpKillsTest {
    private static final long SEED = 20_261_127;
    private static final int SOME = 10;
    private static final int CLIENTS = 2;
    private static final List<Integer> FOUNDERS = List.of(1, 2, 3);

    @TempDir
    Path dir;

    /// One newcomer after the other, each removed when it is level, in one cluster: most of the time it takes is to
    /// write so much that the logs lose their beginning.
    @Test
    void aNewcomerIsLevelInTheEndWhoeverDiesWhileItCopies() throws Exception {
        // Some 24 MB, so that a copy takes 4 s.
        try (var cluster = new TestCluster(dir, 3, 7, "--log-keep", "0", "--log-keep-time", "0s",
                "--snapshot-rate", "6m");
                var traffic = new Traffic(cluster, SEED, CLIENTS)) {
            int leader = cluster.awaitLeader(FOUNDERS);
            try (var _ = new Filling(cluster, leader)) {
                Await.until("logs to lose their beginning", () -> FOUNDERS.stream().allMatch(
                        node -> Files.exists(cluster.folder(node).resolve("log/base"))));
            }
            itselfDies(cluster, traffic, 4);
            theLeaderWhichSendsDies(cluster, traffic, 5);
            aSenderWhichLeadsNoMoreDies(cluster, traffic, 6);
            theLeaderWhichDoesNotSendDies(cluster, traffic, 7);
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    private static void itselfDies(TestCluster cluster, Traffic traffic, int newcomer) {
        int leader = beginToCopy(cluster, newcomer);
        expectProgress(cluster, leader, "n" + newcomer);
        cluster.kill(newcomer);
        traffic.awaitAcknowledged(SOME, FOUNDERS);
        cluster.start(newcomer);
        expectLevel(cluster, traffic, newcomer);
    }

    private static void theLeaderWhichSendsDies(TestCluster cluster, Traffic traffic,
            int newcomer) {
        int sender = beginToCopy(cluster, newcomer);
        die(cluster, traffic, sender);
        expectLevel(cluster, traffic, newcomer);
    }

    private static void aSenderWhichLeadsNoMoreDies(TestCluster cluster, Traffic traffic,
            int newcomer) {
        int sender = beginToCopy(cluster, newcomer);
        assertNotEquals(sender, handOver(cluster, sender));
        assertTrue(isCopying(cluster, newcomer), "it had the time to finish");
        die(cluster, traffic, sender);
        expectLevel(cluster, traffic, newcomer);
    }

    private static void theLeaderWhichDoesNotSendDies(TestCluster cluster, Traffic traffic,
            int newcomer) {
        int sender = beginToCopy(cluster, newcomer);
        int leader = handOver(cluster, sender);
        assertNotEquals(sender, leader);
        assertTrue(isCopying(cluster, newcomer), "it had the time to finish");
        die(cluster, traffic, leader);
        expectLevel(cluster, traffic, newcomer);
    }

    /// Until it has some of the leader's tables.
    ///
    /// @return the leader, which sends them
    private static int beginToCopy(TestCluster cluster, int newcomer) {
        int leader = cluster.awaitLeader(FOUNDERS);
        cluster.join(newcomer, "n" + newcomer).awaitLine("serving n" + newcomer);
        Await.until(() -> "n" + newcomer + " to have some of the tables:\n"
                + cluster.text(newcomer) + "\nthe leader:\n" + cluster.text(leader), () -> {
                    try {
                        var row = cluster.status(leader).find("n" + newcomer);
                        var progress = row == null ? null : row.catchUp();
                        return progress != null && progress.percent() > 0;
                    } catch (IOException again) {
                        return false;
                    }
                });
        assertTrue(isCopying(cluster, newcomer));
        return leader;
    }

    /// How much, how fast and how long still: who asks any node is told, and who reads the leader's log.
    private static void expectProgress(TestCluster cluster, int leader, String newcomer) {
        int asked = FOUNDERS.stream().filter(node -> node != leader).findFirst().orElseThrow();
        Await.until("a rate and the time that is left", () -> {
            try {
                var row = cluster.status(asked).find(newcomer);
                var progress = row == null ? null : row.catchUp();
                return progress != null && progress.percent() > 0 && progress.percent() <= 100
                        && progress.bytesPerSecond() > 0 && progress.leftMillis() >= 0;
            } catch (IOException again) {
                return false;
            }
        });
        var line = Pattern.compile(newcomer
                + " is catching up: \\d+ %, \\d+\\.\\d MB/s, \\d+ s left");
        Await.until(() -> line + " in the leader's log:\n" + cluster.text(leader),
                () -> line.matcher(cluster.text(leader)).find());
    }

    /// It is killed, the others go on, it is back.
    private static void die(TestCluster cluster, Traffic traffic, int victim) {
        cluster.kill(victim);
        var others = FOUNDERS.stream().filter(node -> node != victim).toList();
        cluster.awaitLeader(others);
        traffic.awaitAcknowledged(SOME, others);
        cluster.start(victim);
    }

    private static int handOver(TestCluster cluster, int leader) {
        cluster.begin(leader, "POST", "/v1/cluster/transfer");
        var next = new int[1];
        Await.until("another leader than n" + leader, () -> {
            next[0] = cluster.awaitLeader(FOUNDERS);
            return next[0] != leader;
        });
        return next[0];
    }

    /// No snapshot was installed: its log is still the one that it was made with.
    private static boolean isCopying(TestCluster cluster, int newcomer) {
        return !Files.exists(cluster.folder(newcomer).resolve("log/base"));
    }

    /// It serves what all have, and then makes room for the next.
    private static void expectLevel(TestCluster cluster, Traffic traffic, int newcomer) {
        cluster.admit(newcomer);
        assertFalse(isCopying(cluster, newcomer), "the log was not whole, and yet enough");
        for (int node : cluster.nodes())
            cluster.awaitReady(node);
        traffic.awaitAcknowledged(SOME, cluster.nodes());
        cluster.expectEqualTables();
        cluster.dismiss(newcomer);
        Typed.run(Exit.OK, "remove", "n" + newcomer, "--node", cluster.http(1).toString());
        assertEquals(Exit.REMOVED, cluster.awaitExit(newcomer));
    }
}
