package org.bellwether.storage.rocksdb;

import java.util.function.Function;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// The rows that RocksDB has, as one of several sources. Where they cannot be read, RocksDB's iterator is as behind the last
/// one, and only its status tells: that is asked at once, before rows of other sources are shown as if they came next.
final class Cursor<K, V> implements Merged.Source<K, V> {
    private final RocksIterator rows;
    private final Function<byte[], K> keys;
    private final Function<byte[], V> values;
    private @Nullable K key;

    /// @param rows at the first of them, and bounded: it has no others
    /// @throws StorageException here and in [#next], if the row cannot be read
    Cursor(RocksIterator rows, Function<byte[], K> keys, Function<byte[], V> values) {
        this.rows = rows;
        this.keys = keys;
        this.values = values;
        read();
    }

    private void read() {
        if (rows.isValid()) {
            key = keys.apply(rows.key());
            return;
        }
        try {
            rows.status();
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot read from the tables", failed);
        }
        key = null;
    }

    @Override
    public @Nullable K key() {
        return key;
    }

    @Override
    public V value() {
        return values.apply(rows.value());
    }

    @Override
    public void next() {
        rows.next();
        read();
    }
}
