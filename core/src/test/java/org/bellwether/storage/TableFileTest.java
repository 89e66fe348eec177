package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.disk.FolderDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was saved is read back whole, or not at all.
class TableFileTest {
    @TempDir
    Path folder;

    private void save() throws IOException {
        try (var disk = new FolderDisk(folder)) {
            var storage = new MemoryStorage(disk);
            for (int i = 1; i <= 20; i++) {
                var value = new Versioned(Bytes.utf8("value " + i), new Revision(i),
                        new Revision(i), 1);
                Marks.commit(storage, List.of(Marks.change(Bytes.utf8("k" + i), value)), i,
                        new Revision(i));
            }
            try (var view = storage.view()) {
                storage.flush(view);
            }
        }
    }

    private StorageException refusal() throws IOException {
        try (var disk = new FolderDisk(folder)) {
            return assertThrows(StorageException.class, () -> new MemoryStorage(disk));
        }
    }

    @Test
    void tablesOfFormat1AreReadAndSavedAnew() throws IOException {
        try (var old = Objects.requireNonNull(
                TableFileTest.class.getResourceAsStream("/tables-format-1/tables"))) {
            Files.write(folder.resolve(TableFile.NAME), old.readAllBytes());
        }
        try (var disk = new FolderDisk(folder)) {
            var storage = new MemoryStorage(disk);
            OldTables.assertWhole(storage);
            try (var view = storage.view()) {
                storage.flush(view);
            }
        }
        try (var disk = new FolderDisk(folder)) {
            OldTables.assertWhole(new MemoryStorage(disk));
        }
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        save();
        var file = folder.resolve(TableFile.NAME);
        var whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            var damaged = whole.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            Files.write(file, damaged);
            var message = String.valueOf(refusal().getMessage());
            assertTrue(message.contains("offset"), message);
        }
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        save();
        var file = folder.resolve(TableFile.NAME);
        var whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            var message = String.valueOf(refusal().getMessage());
            assertTrue(message.contains("offset"), message);
        }
    }

    @Test
    void whatAnUnfinishedSaveLeftIsRemoved() throws IOException {
        save();
        Files.writeString(folder.resolve(TableFile.NEW_NAME), "half of it");
        try (var disk = new FolderDisk(folder)) {
            var storage = new MemoryStorage(disk);
            assertEquals(20, storage.applied());
            assertEquals(20, storage.durable());
            assertEquals(20, storage.mark().keys());
        }
        assertFalse(Files.exists(folder.resolve(TableFile.NEW_NAME)));
    }
}
