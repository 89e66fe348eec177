package org.bellwether.storage.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageContract;
import org.junit.jupiter.api.io.TempDir;

class RocksStorageTest extends StorageContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @Override
    protected Storage open() {
        return RocksStorage.open(temp.resolve("tables"), RocksConfig.DEFAULT);
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
