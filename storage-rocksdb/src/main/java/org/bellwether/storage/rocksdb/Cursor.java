package org.bellwether.storage.rocksdb;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksIterator;

/// The rows that RocksDB has, as one of several sources.
final class Cursor<K, V> implements Merged.Source<K, V> {
    private final RocksIterator rows;
    private final Function<byte[], K> keys;
    private final Function<byte[], V> values;
    private @Nullable K key;

    /// @param rows at the first of them, and bounded: it has no others
    Cursor(RocksIterator rows, Function<byte[], K> keys, Function<byte[], V> values) {
        this.rows = rows;
        this.keys = keys;
        this.values = values;
        read();
    }

    private void read() {
        key = rows.isValid() ? keys.apply(rows.key()) : null;
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
