package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without the cache of rows: what it would answer, RocksDB has to.
class RocksStorageTest extends StorageContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    RocksConfig config() {
        return RocksConfig.DEFAULT.withRowBytes(0);
    }

    @Override
    protected Storage open() {
        return RocksStorage.open(temp.resolve("tables"), config());
    }

    /// Nothing else tells whether RocksDB understood an option that is given to it as text.
    @Test
    void rowsAreInsertedWithAHint() throws IOException {
        try (var all = Files.walk(temp)) {
            var written = all.filter(file -> file.getFileName().toString().startsWith("OPTIONS-"))
                    .findFirst().orElseThrow();
            assertTrue(Files.readString(written)
                    .contains("memtable_insert_with_hint_prefix_extractor=rocksdb.FixedPrefix.1"));
        }
    }

    @Override
    protected Path files() {
        try (var folders = Files.list(temp.resolve("tables"))) {
            return folders.filter(Files::isDirectory).findFirst().orElseThrow();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
