package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.server.TamperedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that comes to other tables than the others is repaired without a person; what it had is kept for one.
class DivergenceProcessTest {
    /// A machine that has too much to do may not answer in time.
    private static String events(TestCluster cluster) {
        return Typed.run("events", "--node", cluster.http(3).toString());
    }

    @Test
    void aNodeWithWrongTablesRepairsItselfWhileClientsWrite(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir)) {
            for (int i = 0; i < 8; i++)
                Typed.run(Exit.OK, "put", "key" + (10 + i), "value", "--node",
                        cluster.http(1).toString());
            cluster.kill(3);
            TamperedFolder.misapply(cluster.folder(3), "key17", "other");
            try (var traffic = new Traffic(cluster, 12)) {
                cluster.start(3);
                Await.until("a repair", () -> events(cluster).contains("fetched anew"));
                traffic.awaitAcknowledged(50, cluster.nodes());
            }
            cluster.awaitReady(3);
            var said = Typed.run(Exit.OK, "events", "--node", cluster.http(3).toString());
            assertTrue(said.contains("the difference came with the entries 1 to"), said);
            var same = Typed.run(Exit.OK, "verify", "--node", cluster.http(1).toString());
            assertTrue(same.contains("3 nodes hold the same"), same);
            try (var kept = Files.list(cluster.folder(3).resolve("evidence"))) {
                var file = kept.findFirst().orElseThrow();
                var checked = Typed.run(Exit.OK, "backup", "--check", file.toString());
                assertTrue(checked.contains("keys"), checked);
            }
        }
    }
}
