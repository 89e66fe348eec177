package org.bellwether.storage.rocksdb;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage.Change;
import org.jspecify.annotations.Nullable;

/// Commits that follow each other, kept in memory until RocksDB gets all of them at once. What was written twice
/// meanwhile is written there once, and in the order of the keys: to find the place of one row among many takes as long
/// as everything else that is done to it, and is mostly waiting for memory; its neighbour's place is found at once.
///
/// *Threads.* The loop fills it. When it is frozen, anybody reads it.
final class Generation {
    /// What a row takes beside the bytes of its key and its value, about.
    private static final long ROW_BYTES = 160;

    private final boolean replacesAll;
    /// Null for those that were removed.
    private final Map<Bytes, @Nullable Versioned> rows = new HashMap<>();
    private final SortedMap<Expiry, Boolean> expiries = new TreeMap<>();
    private Mark mark = Mark.NONE;
    private long bytes;
    private volatile Bytes @Nullable [] order;

    /// @param replacesAll whether there is nothing before it
    Generation(boolean replacesAll) {
        this.replacesAll = replacesAll;
    }

    void commit(List<Change> changes, Mark now) {
        for (var change : changes) {
            var key = change.key();
            var value = change.value();
            rows.put(key, value);
            bytes += ROW_BYTES + key.length() + (value == null ? 0 : value.value().length());
            long was = change.before() == null ? Versioned.NEVER : change.before().expires();
            long is = value == null ? Versioned.NEVER : value.expires();
            if (was == is) continue;
            if (was != Versioned.NEVER) expires(was, key, false);
            if (is != Versioned.NEVER) expires(is, key, true);
        }
        mark = now;
    }

    private void expires(long at, Bytes key, boolean does) {
        expiries.put(new Expiry(at, key), does);
        bytes += ROW_BYTES + key.length();
    }

    boolean replacesAll() {
        return replacesAll;
    }

    boolean isEmpty() {
        return mark.equals(Mark.NONE);
    }

    /// Of the last commit in it.
    Mark mark() {
        return mark;
    }

    long bytes() {
        return bytes;
    }

    /// Whether no older generation need be asked.
    boolean knows(Bytes key) {
        return replacesAll || rows.containsKey(key);
    }

    @Nullable
    Versioned get(Bytes key) {
        return rows.get(key);
    }

    /// Its keys, the removed ones, too.
    Bytes[] order() {
        var sorted = order;
        if (sorted == null) {
            sorted = rows.keySet().toArray(Bytes[]::new);
            Arrays.sort(sorted);
            order = sorted;
        }
        return sorted;
    }

    /// @return of each whether it holds; else it was taken back
    SortedMap<Expiry, Boolean> expiries() {
        return expiries;
    }

    Merged.Source<Bytes, Versioned> rowsFrom(Bytes key) {
        var sorted = order();
        int found = Arrays.binarySearch(sorted, key);
        return new Merged.Source<>() {
            private int at = found < 0 ? -found - 1 : found;

            @Override
            public @Nullable Bytes key() {
                return at < sorted.length ? sorted[at] : null;
            }

            @Override
            public @Nullable Versioned value() {
                return rows.get(sorted[at]);
            }

            @Override
            public void next() {
                at++;
            }
        };
    }

    Merged.Source<Expiry, Boolean> expiriesFrom(Expiry first) {
        var rest = expiries.tailMap(first).entrySet().iterator();
        return new Merged.Source<>() {
            private Map.@Nullable Entry<Expiry, Boolean> at = following(rest);

            @Override
            public @Nullable Expiry key() {
                return at == null ? null : at.getKey();
            }

            @Override
            public @Nullable Boolean value() {
                return at != null && at.getValue() ? Boolean.TRUE : null;
            }

            @Override
            public void next() {
                at = following(rest);
            }
        };
    }

    private static <T> @Nullable T following(Iterator<T> rest) {
        return rest.hasNext() ? rest.next() : null;
    }
}
