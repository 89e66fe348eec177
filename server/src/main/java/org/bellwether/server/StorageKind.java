package org.bellwether.server;

import java.util.Locale;

/// Where a node keeps its tables.
public enum StorageKind {
    /// On disk, larger than memory, there again at once after a restart.
    ROCKSDB(64 * StorageKind.MIB),
    /// In memory, saved whole now and then: less often, since it is all of it every time.
    MEMORY(256 * StorageKind.MIB);

    private static final long MIB = 1 << 20;

    private final long flushBytes;

    StorageKind(long flushBytes) {
        this.flushBytes = flushBytes;
    }

    /// After so many bytes of entries the tables are made durable.
    long flushBytes() {
        return flushBytes;
    }

    /// As it is written on the command line.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
