package org.bellwether.storage.rocksdb;

import java.time.Duration;

/// What the tables may take of a machine. Native memory, beside the heap: about
/// `cacheBytes + memtableBytes × (memtablesMax + 1)`, and what open views hold on to.
///
/// @param cacheBytes    blocks of files, their indexes and filters
/// @param memtableBytes commits collected before they are written to a file
/// @param memtablesMax  full memtables that wait to be written before the storage is congested
/// @param openFilesMax  files held open
/// @param compressed    whether values are compressed on disk, with LZ4
/// @param patience      a read that takes longer waits for a slow disk: from the machine's page cache it takes microseconds
public record RocksConfig(long cacheBytes, long memtableBytes, int memtablesMax, int openFilesMax,
        boolean compressed, Duration patience) {
    private static final long MIB = 1 << 20;
    private static final long MEMTABLE_BYTES_MIN = 64 * 1024;

    public static final RocksConfig DEFAULT = new RocksConfig(64 * MIB, 32 * MIB, 3, 512, true,
            Duration.ofMillis(10));

    public RocksConfig {
        if (cacheBytes < 0) throw new IllegalArgumentException("cacheBytes " + cacheBytes);
        if (memtableBytes < MEMTABLE_BYTES_MIN) {
            throw new IllegalArgumentException("memtableBytes must be at least "
                    + MEMTABLE_BYTES_MIN);
        }
        if (memtablesMax < 1 || memtablesMax > 64) {
            throw new IllegalArgumentException("memtablesMax must be from 1 to 64");
        }
        if (openFilesMax < 16) throw new IllegalArgumentException("openFilesMax is at least 16");
    }
}
