package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.bellwether.api.Address;
import org.bellwether.log.LogConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables that turned out to be wrong are kept where there is room for them, and for those that come in their place.
class EvidenceFolderTest {
    private static final long FLOOR = LogConfig.DEFAULT.freeFloorBytes();

    @TempDir
    Path dir;

    private StoppedNode node;

    @BeforeEach
    void found() throws Exception {
        Bootstrap.found(List.of(new Bootstrap.Founder(dir, "n1", new Address("127.0.0.1", 1),
                new Address("127.0.0.1", 2))));
        node = StoppedNode.open(dir, dir.resolve(DataFolder.LOG), StorageKind.MEMORY);
        node.apply(node.committedThrough());
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private String keep(LongSupplier free) throws IOException {
        try (var tables = node.storage().view()) {
            return new EvidenceFolder(dir, free).keep(tables, node.head());
        }
    }

    private long bytes(String file) throws IOException {
        return Files.size(Path.of(file));
    }

    /// How much is free of a disk on which this much was, when the tables are written to it.
    private LongSupplier freeBeside(long before) {
        return () -> {
            try (var files = Files.list(dir.resolve(EvidenceFolder.NAME))) {
                long written = 0;
                for (var file : files.toList())
                    written += Files.size(file);
                return before - written;
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        };
    }

    @Test
    void theyAreKeptWhereThereIsRoomForThemTwice() throws IOException {
        long size = bytes(keep(() -> Long.MAX_VALUE));
        Files.delete(dir.resolve(EvidenceFolder.NAME).resolve(only()));
        BackupFile.check(Path.of(keep(freeBeside(FLOOR + 2 * size))));
        assertEquals(1, EvidenceFolder.countIn(dir));
    }

    private String only() throws IOException {
        try (var files = Files.list(dir.resolve(EvidenceFolder.NAME))) {
            return files.findFirst().orElseThrow().getFileName().toString();
        }
    }

    @Test
    void nothingOfThemIsLeftWhereThereIsNot() throws IOException {
        long size = bytes(keep(() -> Long.MAX_VALUE));
        Files.delete(dir.resolve(EvidenceFolder.NAME).resolve(only()));
        for (long before : new long[]{0, FLOOR - 1, FLOOR, FLOOR + 2 * size - 1}) {
            var refused = assertThrows(IOException.class, () -> keep(freeBeside(before)));
            assertEquals("too little is free on the disk", refused.getMessage());
            try (var files = Files.list(dir.resolve(EvidenceFolder.NAME))) {
                assertEquals(0, files.count());
            }
        }
    }
}
