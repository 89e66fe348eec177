package org.bellwether.storage.rocksdb;

import java.time.Duration;

/// What the tables may take of a machine. Native memory, beside the heap: about
/// `cacheBytes + memtableBytes × (memtablesMax + 1)`, and what open views hold on to. Of the heap: `rowBytes`.
///
/// @param rowBytes      rows that were asked for or written last; 0 for none
/// @param cacheBytes    blocks of files, their indexes and filters
/// @param memtableBytes commits collected before they are written to a file
/// @param memtablesMax  full memtables that wait to be written before the storage is congested
/// @param openFilesMax  files held open
/// @param compressed    whether values are compressed on disk, with LZ4
/// @param patience      a read that takes longer waits for a slow disk: from the machine's page cache it takes microseconds; zero if every disk is slow
public record RocksConfig(long rowBytes, long cacheBytes, long memtableBytes, int memtablesMax,
        int openFilesMax, boolean compressed, Duration patience) {
    private static final long MIB = 1 << 20;
    private static final long MEMTABLE_BYTES_MIN = 64 * 1024;

    private static final long ROW_BYTES_MAX = 48 * MIB;
    /// Of the heap, from which on it counts.
    private static final int ROWS_SHARE = 20;

    public static final RocksConfig DEFAULT = ofHeap(Runtime.getRuntime().maxMemory());

    /// Where the heap is less than a gigabyte, fewer rows are kept in it.
    static RocksConfig ofHeap(long heapBytes) {
        return new RocksConfig(Math.min(ROW_BYTES_MAX, heapBytes / ROWS_SHARE), 32 * MIB, 32 * MIB,
                3, 512, true, Duration.ofMillis(10));
    }

    public RocksConfig {
        if (rowBytes < 0) throw new IllegalArgumentException("rowBytes " + rowBytes);
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

    public RocksConfig withCacheBytes(long bytes) {
        return new RocksConfig(rowBytes, bytes, memtableBytes, memtablesMax, openFilesMax,
                compressed, patience);
    }

    public RocksConfig withCompressed(boolean yes) {
        return new RocksConfig(rowBytes, cacheBytes, memtableBytes, memtablesMax, openFilesMax, yes,
                patience);
    }

    RocksConfig withPatience(Duration longest) {
        return new RocksConfig(rowBytes, cacheBytes, memtableBytes, memtablesMax, openFilesMax,
                compressed, longest);
    }

    public RocksConfig withRowBytes(long bytes) {
        return new RocksConfig(bytes, cacheBytes, memtableBytes, memtablesMax, openFilesMax,
                compressed, patience);
    }
}
