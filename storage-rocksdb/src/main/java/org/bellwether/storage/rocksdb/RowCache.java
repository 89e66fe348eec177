package org.bellwether.storage.rocksdb;

import java.util.LinkedHashMap;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;
import org.jspecify.annotations.Nullable;

/// The rows that were asked for or written last, as they are in the newest state: most of what a get from RocksDB costs
/// is the way there, and not a disk. What is absent is not remembered. Scans read views, and so push nothing out.
///
/// *Threads.* Of the loop, which alone knows in which order reads and commits were.
final class RowCache {
    /// What a row takes beside the bytes of its key and its value, about: the objects around them, and the map's own.
    private static final long ROW_BYTES = 240;

    private final long bytesMax;
    /// The least recently used one first.
    private final LinkedHashMap<Bytes, Versioned> rows = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    RowCache(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    private static long bytesOf(Bytes key, Versioned row) {
        return ROW_BYTES + key.length() + row.value().length();
    }

    @Nullable
    Versioned get(Bytes key) {
        return rows.get(key);
    }

    void put(Bytes key, Versioned row) {
        var before = rows.put(key, row);
        if (before != null) bytes -= bytesOf(key, before);
        bytes += bytesOf(key, row);
        while (bytes > bytesMax) {
            var oldest = rows.pollFirstEntry();
            bytes -= bytesOf(oldest.getKey(), oldest.getValue());
        }
    }

    private void remove(Bytes key) {
        var before = rows.remove(key);
        if (before != null) bytes -= bytesOf(key, before);
    }

    /// They have been committed.
    void changed(List<Change> changes) {
        for (var change : changes) {
            var value = change.value();
            if (value == null)
                remove(change.key());
            else
                put(change.key(), value);
        }
    }

    void clear() {
        rows.clear();
        bytes = 0;
    }

    long bytes() {
        return bytes;
    }
}
