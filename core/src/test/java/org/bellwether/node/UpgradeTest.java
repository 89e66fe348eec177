package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Outcome;
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
}
