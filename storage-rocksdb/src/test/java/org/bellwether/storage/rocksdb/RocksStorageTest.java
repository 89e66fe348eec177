package org.bellwether.storage.rocksdb;

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
}
