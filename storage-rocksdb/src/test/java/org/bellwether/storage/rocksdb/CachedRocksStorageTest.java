package org.bellwether.storage.rocksdb;

/// As nodes use it.
class CachedRocksStorageTest extends RocksStorageTest {
    @Override
    RocksConfig config() {
        return RocksConfig.DEFAULT;
    }
}
