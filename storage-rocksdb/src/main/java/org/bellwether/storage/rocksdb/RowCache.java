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
/// Short rows are copied in and out of a [FlatCache]; copying a long one would cost more than it is worth.
///
/// *Threads.* Of the loop, which alone knows in which order reads and commits were.
final class RowCache {
    /// What a long row takes beside the bytes of its key and its value, about: the objects around them, and the map's own.
    private static final long ROW_BYTES = 240;

    private final long bytesMax;
    private FlatCache shortRows;
    /// The least recently used one first. They may take what the short ones do not.
    private final LinkedHashMap<Bytes, Versioned> longRows = new LinkedHashMap<>(16, 0.75f, true);
    private long longBytes;

    RowCache(long bytesMax) {
        this.bytesMax = bytesMax;
        this.shortRows = empty();
    }

    private FlatCache empty() {
        return new FlatCache(bytesMax / 4 * 3);
    }

    private static long bytesOf(Bytes key, Versioned row) {
        return ROW_BYTES + key.length() + row.value().length();
    }

    @Nullable
    Versioned get(Bytes key) {
        var row = shortRows.get(key);
        return row == null ? longRows.get(key) : row;
    }

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        shortRows.warm(keys);
    }

    void put(Bytes key, Versioned row) {
        if (shortRows.isFor(key, row)) {
            removeLong(key);
            shortRows.put(key, row);
        } else {
            shortRows.remove(key);
            removeLong(key);
            longRows.put(key, row);
            longBytes += bytesOf(key, row);
        }
        while (bytes() > bytesMax && !longRows.isEmpty()) {
            var oldest = longRows.pollFirstEntry();
            longBytes -= bytesOf(oldest.getKey(), oldest.getValue());
        }
    }

    private void removeLong(Bytes key) {
        if (longRows.isEmpty()) return;
        var before = longRows.remove(key);
        if (before != null) longBytes -= bytesOf(key, before);
    }

    /// They have been committed.
    void changed(List<Change> changes) {
        for (var change : changes) {
            var value = change.value();
            if (value == null) {
                shortRows.remove(change.key());
                removeLong(change.key());
            } else {
                put(change.key(), value);
            }
        }
    }

    void clear() {
        shortRows = empty();
        longRows.clear();
        longBytes = 0;
    }

    long bytes() {
        return shortRows.bytes() + longBytes;
    }
}
