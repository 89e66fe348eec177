package org.bellwether.storage.rocksdb;

import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Rows of several sources in one order. Where more than one has the same row, the newest counts.
final class Merged<K extends Comparable<K>, V> {
    private final List<Source<K, V>> sources;
    private @Nullable K key;
    private @Nullable V value;

    /// One of them, at one of its rows.
    interface Source<K, V> {
        /// Null behind the last one.
        @Nullable
        K key();

        /// Null if the row was removed.
        @Nullable
        V value();

        void next();
    }

    /// @param sources the newest first, each at its first row
    Merged(List<Source<K, V>> sources) {
        this.sources = sources;
    }

    /// Goes to the next row that is there.
    ///
    /// @return false if there is none
    boolean next() {
        do {
            var newest = first();
            if (newest == null) {
                key = null;
                return false;
            }
            var at = newest.key();
            key = at;
            value = newest.value();
            for (var source : sources) {
                var its = source.key();
                if (its != null && its.equals(at)) source.next();
            }
        } while (value == null);
        return true;
    }

    private @Nullable Source<K, V> first() {
        Source<K, V> first = null;
        K least = null;
        for (var source : sources) {
            var its = source.key();
            if (its != null && (least == null || its.compareTo(least) < 0)) {
                first = source;
                least = its;
            }
        }
        return first;
    }

    K key() {
        if (key == null) throw new NoSuchElementException("behind the last row");
        return key;
    }

    V value() {
        if (value == null) throw new NoSuchElementException("behind the last row");
        return value;
    }
}
