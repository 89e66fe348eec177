package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bellwether.server.Folders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two of three go on without what they had acknowledged: one was away, the other's folder is an old copy. The third has
/// it all, and does not give it up.
class LostEntriesTest {
    private static final int WRITES = 30;

    @TempDir
    Path dir;

    @Test
    void whoHasWhatTheMajorityHasLostSaysSoAndKeepsIt() throws Exception {
        var copy = dir.resolve("copy");
        try (var cluster = new TestCluster(dir)) {
            cluster.awaitLeader(cluster.nodes());
            cluster.stop(3);
            cluster.stop(1);
            copy(cluster.folder(1), copy);
            cluster.start(1);
            cluster.awaitLeader(List.of(1, 2));
            for (int i = 0; i < WRITES; i++) {
                int status = cluster.call(2, "PUT", "/v1/kv/k" + i, new byte[10]).statusCode();
                assertEquals(201, status);
            }
            long term = cluster.status(2).term();
            cluster.killAll();
            Folders.delete(cluster.folder(1));
            copy(copy, cluster.folder(1));
            cluster.start(1);
            cluster.start(3);
            passOver(term, cluster);
            try (var witness = BellProcess.start("serve", "--dir",
                    cluster.folder(2).toString())) {
                assertEquals(Exit.HALTED, witness.awaitExit(), witness::text);
                var said = witness.text();
                assertTrue(said.contains("had to stop: the leader has lost entries "), said);
                assertTrue(said.contains("keep this folder"), said);
                assertFalse(said.contains("Exception"), said);
            }
        }
        var said = Typed.run(Exit.OK, "recover", "--force", "--dir",
                dir.resolve("n2").toString());
        assertTrue(said.contains(WRITES + " keys"), said);
    }

    /// The old copy has forgotten its votes: its next term may have a number that was given before, and then entries of
    /// both pass for the same.
    private static void passOver(long term, TestCluster cluster) {
        Await.until("a term that was not given before", () -> {
            int leader = cluster.awaitLeader(List.of(1, 3));
            try {
                if (cluster.status(leader).term() > term) return true;
                cluster.call(leader, "POST", "/v1/cluster/transfer?to=n" + (4 - leader),
                        new byte[0]);
            } catch (IOException | Failure notNow) {
                // It is asked again.
            }
            return false;
        });
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (var each : all.toList())
                Files.copy(each, to.resolve(from.relativize(each)));
        }
    }
}
