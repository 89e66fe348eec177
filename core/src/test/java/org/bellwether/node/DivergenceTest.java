package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.api.Revision;
import org.bellwether.node.LocalCluster.Running;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node whose tables are not the majority's notices, says so, and is repaired while the others go on.
class DivergenceTest {
    private static final UpkeepConfig OFTEN = UpkeepConfig.DEFAULT
            .withMarkerEvery(Duration.ofMillis(100));

    @TempDir
    Path folder;

    private LocalCluster cluster(int nodes) throws Exception {
        return new LocalCluster(folder, nodes, ClusterConfig.DEFAULT, OFTEN);
    }

    private static Outcome put(Running at, int number) {
        return at.store.write(new Command.Put(Bytes.utf8("key " + number % 50),
                Bytes.utf8("value " + number), Condition.ALWAYS), PATIENCE).join();
    }

    private static void write(Running at, int from, int count) {
        for (int i = from; i < from + count; i++)
            assertInstanceOf(Outcome.Applied.class, put(at, i));
    }

    private static Outcome read(Running at, Consistency consistency) {
        return at.store.read(new Read.Get(Bytes.utf8("~wrong")), consistency, PATIENCE).join();
    }

    private static void awaitSame(LocalCluster cluster) {
        await("the same tables everywhere", () -> cluster.nodes().stream().map(Running::mark)
                .distinct().count() == 1);
    }

    @Test
    void aReplicaThatIsOddIsRepaired() throws Exception {
        try (var cluster = cluster(3)) {
            var evidence = new CompletableFuture<Long>();
            cluster.evidence = (view, _) -> {
                evidence.complete(view.mark().keys());
                return "a place";
            };
            var odd = cluster.replica();
            write(cluster.leader(), 0, 50);
            awaitSame(cluster);
            odd.spoilTables();
            write(cluster.leader(), 50, 1);
            await("a repair", () -> !odd.events(Kind.STATE_REPAIRED).isEmpty());
            assertEquals(51, evidence.join());
            var found = odd.events(Kind.STATE_DIVERGED).getFirst();
            assertEquals(odd.self.id(), found.node());
            assertTrue(found.index() > 50, found::toString);
            assertTrue(found.text().contains("the difference came with the entries"), found::text);
            assertTrue(odd.events(Kind.EVIDENCE_KEPT).getFirst().text().contains("a place"));
            var seen = cluster.leader().events(Kind.STATE_DIVERGED).getFirst();
            assertEquals(odd.self.id(), seen.node());
            write(cluster.leader(), 51, 20);
            awaitSame(cluster);
            assertEquals(50, odd.mark().keys());
            await("an answer again", () -> read(odd, Consistency.LOCAL) instanceof Outcome.Applied);
        }
    }

    @Test
    void aLeaderThatIsOddHandsOverFirst() throws Exception {
        try (var cluster = cluster(3)) {
            var odd = cluster.leader();
            write(odd, 0, 50);
            awaitSame(cluster);
            odd.spoilTables();
            var asked = cluster.replica();
            write(asked, 50, 1);
            await("a repair", () -> !odd.events(Kind.STATE_REPAIRED).isEmpty());
            assertNotEquals(odd, cluster.leader());
            write(asked, 51, 20);
            awaitSame(cluster);
            assertEquals(50, odd.mark().keys());
        }
    }

    @Test
    void nothingIsAnsweredFromTablesInDoubt() throws Exception {
        try (var cluster = cluster(3)) {
            var goOn = new CompletableFuture<Void>();
            cluster.evidence = (_, _) -> {
                goOn.join();
                return "a place";
            };
            var odd = cluster.leader();
            write(odd, 0, 50);
            odd.spoilTables();
            try {
                write(cluster.replica(), 50, 1);
                await("somebody else to lead", () -> !odd.view().leads());
                for (var consistency : List.of(Consistency.LOCAL, Consistency.LINEARIZABLE,
                        new Consistency.AtLeast(Revision.NONE))) {
                    var refused = assertInstanceOf(Outcome.Overloaded.class,
                            read(odd, consistency));
                    assertEquals(Busy.NOT_READY, refused.cause());
                    assertTrue(refused.what().contains("differ from the majority's"),
                            refused::what);
                }
                assertTrue(String.valueOf(odd.view().notReady()).contains("differ"));
                // Writes through it are the leader's business.
                write(odd, 51, 20);
            } finally {
                goOn.complete(null);
            }
            awaitSame(cluster);
            await("an answer", () -> read(odd, Consistency.LOCAL) instanceof Outcome.Applied);
        }
    }

    @Test
    void aNodeThatWasStartedWithWrongTablesIsFoundThoughNobodyWrites() throws Exception {
        try (var cluster = cluster(3)) {
            var odd = cluster.replica();
            write(cluster.leader(), 0, 50);
            awaitSame(cluster);
            odd.spoilTables();
            odd.flush();
            odd.stop();
            var again = cluster.start(odd.self);
            await("a repair", () -> !again.events(Kind.STATE_REPAIRED).isEmpty());
            awaitSame(cluster);
            assertEquals(50, again.mark().keys());
        }
    }

    @Test
    void twoThatDifferRaiseAnAlarmAndNothingElse() throws Exception {
        try (var cluster = cluster(2)) {
            var odd = cluster.replica();
            write(cluster.leader(), 0, 50);
            awaitSame(cluster);
            odd.spoilTables();
            write(cluster.leader(), 50, 1);
            await("an alarm",
                    () -> !cluster.leader().events(Kind.STATE_UNDECIDED).isEmpty());
            for (var node : cluster.nodes()) {
                await("a warning", () -> node.store.cluster().join().warnings().stream()
                        .anyMatch(warning -> warning.contains("no majority agrees")));
                assertTrue(node.events(Kind.STATE_DIVERGED).isEmpty());
            }
            write(cluster.leader(), 51, 20);
            assertEquals(51, odd.mark().keys());
        }
    }
}
