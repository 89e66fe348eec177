package org.bellwether.storage.rocksdb;

/// Where little is committed before RocksDB gets it.
class SmallRocksStorageTest extends RocksStorageTest {
    @Override
    RocksConfig config() {
        return KilledWriter.small().withRowBytes(0);
    }
}
