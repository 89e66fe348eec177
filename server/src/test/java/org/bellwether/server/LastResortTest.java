package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bellwether.api.Address;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recovery that was killed is given again, at whatever step that was.
class LastResortTest {
    @TempDir
    Path dir;

    private Path log;
    private Path old;

    @BeforeEach
    void foundCluster() throws StartException {
        log = dir.resolve("log");
        old = dir.resolve(LastResort.OLD_LOG);
        Bootstrap.found(List.of(new Bootstrap.Founder(dir, "n1", new Address("127.0.0.1", 1),
                new Address("127.0.0.1", 2))));
    }

    private LastResort.Summary recover() throws StartException {
        return LastResort.recover(dir, StorageKind.MEMORY);
    }

    private String refusal() {
        return String.valueOf(assertThrows(StartException.class, this::recover).getMessage());
    }

    private void keepInLog(List<String> names) throws IOException {
        try (var files = Files.list(log)) {
            for (var each : files.toList()) {
                if (!names.contains(each.getFileName().toString())) Files.delete(each);
            }
        }
    }

    @Test
    void aRecoveredNodeIsOfAnotherClusterAndIsNotRecoveredTwiceByAccident()
            throws StartException, IOException {
        var done = recover();
        assertNotEquals(done.old(), done.fresh());
        assertEquals(done.fresh(), TablesOwner.read(dir.resolve(Tables.FOLDER)));
        assertTrue(refusal().contains("move that folder away first"));
        // And that advice is true.
        Files.move(old, dir.resolve("elsewhere"));
        assertEquals(done.fresh(), recover().old());
    }

    @Test
    void killedAfterTheLogWasPutAside() throws StartException, IOException {
        Files.move(log, old);
        var done = recover();
        assertNotEquals(done.old(), done.fresh());
    }

    @Test
    void killedBeforeTheNewLogWasBegun() throws StartException, IOException {
        var first = recover();
        keepInLog(List.of());
        Files.delete(log);
        assertEquals(first, recover());
    }

    @Test
    void killedWhileTheNewLogWasMade() throws StartException, IOException {
        var first = recover();
        // The first thing that is made is its folder, then what will be a segment.
        keepInLog(List.of("lock"));
        Files.write(log.resolve("new-log"), new byte[512]);
        assertEquals(first, recover());
        assertTrue(Bootstrap.isNode(dir));
    }

    @Test
    void aFolderInWhichALogWasOnlyBegunIsNoNode() throws IOException {
        keepInLog(List.of());
        assertTrue(refusal().contains("there is no node in"));
        assertFalse(Files.exists(old));
    }
}
