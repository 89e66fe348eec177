package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.machine.Machine;
import org.bellwether.node.LocalCluster.Running;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs of two versions in one cluster: the newer rules come into effect when everybody knows them, and then for
/// good.
class UpgradeTest {
    @TempDir
    Path folder;

    private static void put(Running at, int number) {
        assertInstanceOf(Outcome.Applied.class, at.store.write(new Command.Put(
                Bytes.utf8("key " + number), Bytes.utf8("value"), Condition.ALWAYS), PATIENCE)
                .join());
    }

    @Test
    void theRulesAreRaisedWhenTheLastNodeKnowsThem() throws Exception {
        var upkeep = UpkeepConfig.DEFAULT.withMarkerEvery(Duration.ofMillis(50));
        try (var cluster = new LocalCluster(folder, 3, ClusterConfig.DEFAULT, upkeep)) {
            put(cluster.leader(), 0);
            await("the rules that all know", () -> cluster.nodes().stream()
                    .allMatch(node -> node.mark().version() == Machine.VERSION));
            cluster.machineVersion = Machine.VERSION + 1;
            // One after the other, as a rolling upgrade goes.
            for (int i = 1; i <= 2; i++) {
                var old = cluster.nodes().getFirst();
                old.stop();
                cluster.start(old.self);
                cluster.awaitReady();
                put(cluster.leader(), i);
            }
            var last = cluster.nodes().getFirst();
            // Several rounds in which the two could have gone on without the third.
            var leader = cluster.leader();
            long from = leader.mark().applied();
            await("a few markers", () -> {
                put(leader, 3);
                return leader.mark().applied() > from + 20;
            });
            for (var node : cluster.nodes())
                assertEquals(Machine.VERSION, node.mark().version());
            last.stop();
            put(cluster.leader(), 4);
            assertEquals(Machine.VERSION, cluster.leader().mark().version(),
                    "who is away may be old");
            cluster.start(last.self);
            await("the new rules everywhere",
                    () -> cluster.nodes().stream()
                            .allMatch(node -> node.mark().version() == Machine.VERSION + 1));
            var raised = cluster.leader().events(Kind.STATE_MACHINE_RAISED).getLast();
            assertTrue(raised.text().contains("version " + (Machine.VERSION + 1)), raised::text);
            put(cluster.leader(), 5);

            // There is no way back: an old program says so, whether it finds it in the log or in the tables.
            var away = cluster.replica();
            away.stop();
            cluster.machineVersion = Machine.VERSION;
            var refused = assertThrows(ExecutionException.class, () -> cluster.start(away.self));
            assertTrue(String.valueOf(refused.getMessage()).contains("use a newer one"),
                    refused::getMessage);
        }
    }

    /// `node-format-1`: three nodes as a program left them that knew version 1 of the rules, saved tables without their
    /// totals, and was stopped. The logs are the same, entries 3 to 42 with three commands each; the tables are as of
    /// entry 30, as of entry 12, and not there.
    private void putOldFolders() throws Exception {
        var old = Path.of(Objects.requireNonNull(
                UpgradeTest.class.getResource("/node-format-1")).toURI());
        try (var all = Files.walk(old)) {
            for (var each : all.toList()) {
                var to = folder.resolve(old.relativize(each).toString());
                if (Files.isDirectory(each))
                    Files.createDirectories(to);
                else
                    Files.copy(each, to);
            }
        }
    }

    /// What those commands come to.
    private static void assertHasOldRows(Running at) {
        var rows = new TreeMap<String, String>();
        for (int i = 0; i < 120; i++) {
            if (i % 7 == 6)
                rows.remove("key-" + i % 40);
            else
                rows.put("key-" + i % 40, "value " + i + " ".repeat(40));
        }
        for (int i = 0; i < 40; i++) {
            var key = "key-" + i;
            var read = assertInstanceOf(Outcome.Applied.class, at.store.read(
                    new Read.Get(Bytes.utf8(key)), Consistency.LINEARIZABLE, PATIENCE).join());
            if (rows.containsKey(key)) {
                var found = assertInstanceOf(Result.Found.class, read.result());
                assertEquals(Bytes.utf8(rows.get(key)), found.value().value());
            } else {
                assertInstanceOf(Result.Absent.class, read.result());
            }
        }
    }

    private static void awaitSame(LocalCluster cluster) {
        await("the same tables everywhere", () -> cluster.nodes().stream().map(Running::mark)
                .distinct().count() == 1);
    }

    private static Running named(LocalCluster cluster, String name) {
        return cluster.nodes().stream().filter(node -> node.self.name().equals(name)).findFirst()
                .orElseThrow();
    }

    private static void restart(LocalCluster cluster, String name) throws Exception {
        var old = named(cluster, name);
        old.stop();
        cluster.start(old.self);
        cluster.awaitReady();
    }

    /// Of the kind that only version 2 knows.
    private static Outcome count(Running at) {
        return at.store.write(new Command.Edit(Bytes.utf8("count"), new Amendment.Add(1)),
                PATIENCE).join();
    }

    @Test
    void foldersOfThePreviousFormatGoOnInAClusterOfMixedVersions() throws Exception {
        putOldFolders();
        var upkeep = UpkeepConfig.DEFAULT.withMarkerEvery(Duration.ofMillis(50));
        try (var cluster = new LocalCluster(folder, 3, ClusterConfig.DEFAULT, upkeep, 1)) {
            cluster.awaitReady();
            for (var node : cluster.nodes())
                assertHasOldRows(node);
            awaitSame(cluster);
            cluster.machineVersion = 2;
            restart(cluster, "n2");
            restart(cluster, "n3");
            var newcomer = cluster.join(cluster.leader(), "n4");
            cluster.awaitReady();
            assertHasOldRows(newcomer);
            for (var node : cluster.nodes()) {
                var refused = assertInstanceOf(Outcome.Refused.class, count(node));
                var why = assertInstanceOf(Refusal.Conflict.class, refused.why());
                assertTrue(why.what().contains("until every node knows version 2"), why::what);
                put(node, 1);
            }
            // All apply alike, whatever else they know, and whatever they began with.
            awaitSame(cluster);
            for (var node : cluster.nodes()) {
                assertEquals(1, node.mark().version());
                assertTrue(node.events(Kind.STATE_DIVERGED).isEmpty());
            }

            restart(cluster, "n1");
            await("the new rules everywhere", () -> cluster.nodes().stream()
                    .allMatch(node -> node.mark().version() == 2));
            for (var node : cluster.nodes()) {
                assertInstanceOf(Outcome.Applied.class, count(node));
                assertHasOldRows(node);
            }
            awaitSame(cluster);
        }
    }
}
