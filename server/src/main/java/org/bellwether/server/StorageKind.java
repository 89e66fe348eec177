package org.bellwether.server;

import java.util.Locale;

/// Where a node keeps its tables.
public enum StorageKind {
    /// On disk, larger than memory, there again at once after a restart.
    ROCKSDB,
    /// In memory, saved whole now and then.
    MEMORY;

    /// As it is written on the command line.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
