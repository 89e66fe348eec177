package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.api.Revision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` at any moment.
class KillTest {
    private static final int LIVES = 8;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @Test
    void aKilledWriterLeavesAStateThatWasThere() throws Exception {
        var folder = temp.resolve("tables");
        var random = new SplittableRandom(1);
        long last = 0;
        for (int life = 0; life < LIVES; life++) {
            long durable = last;
            try (var child = new Child(List.of(), KilledWriter.class, folder.toString())) {
                for (int lines = 2 + random.nextInt(30); lines > 0; lines--) {
                    var line = child.line();
                    assertNotNull(line, "the child has ended by itself");
                    assertTrue(line.startsWith("found ") || line.startsWith("durable "),
                            () -> line + "\n" + rest(child));
                    durable = number(line);
                }
                child.kill();
                for (var line = child.line(); line != null; line = child.line()) {
                    if (line.startsWith("durable ") && line.contains(" of ")) {
                        durable = number(line);
                    }
                }
            }
            try (var storage = RocksStorage.open(folder, KilledWriter.small())) {
                last = storage.applied();
                assertTrue(last >= durable, "found " + last + ", was told " + durable);
                assertEquals(last, storage.durable());
                var replay = new Replay(400).through(last);
                assertEquals(replay.model, Replay.contents(storage));
                assertEquals(replay.model.size(), storage.mark().keys());
                assertEquals(new Revision(last), storage.revision());
                assertEquals(1, FolderTest.states(folder).size(), "leftovers are removed");
            }
        }
        assertTrue(last > 0);
    }

    /// The second word.
    private static long number(String line) {
        return Long.parseLong(line, line.indexOf(' ') + 1, line.indexOf(" of "), 10);
    }

    private static String rest(Child child) {
        try {
            return child.rest();
        } catch (IOException gone) {
            return gone.toString();
        }
    }
}
