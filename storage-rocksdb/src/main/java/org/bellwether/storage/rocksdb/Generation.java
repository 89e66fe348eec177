package org.bellwether.storage.rocksdb;

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
    /// What an expiry takes beside the bytes of its key, about.
    private static final long EXPIRY_BYTES = 160;

    private static final byte[] NOTHING = {};

    private final boolean replacesAll;
    private final FlatRows rows = new FlatRows();
    private final SortedMap<Expiry, Boolean> expiries = new TreeMap<>();
    private Mark mark = Mark.NONE;
    private long expiriesBytes;

    /// @param replacesAll whether there is nothing before it
    Generation(boolean replacesAll) {
        this.replacesAll = replacesAll;
    }

    void commit(List<Change> changes, Mark now) {
        for (var change : changes) {
            var key = change.key();
            var value = change.value();
            rows.put(key, value);
            long was = change.before() == null ? Versioned.NEVER : change.before().expires();
            long is = value == null ? Versioned.NEVER : value.expires();
            if (was == is) continue;
            if (was != Versioned.NEVER) expires(was, key, false);
            if (is != Versioned.NEVER) expires(is, key, true);
        }
        mark = now;
    }

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        rows.warm(keys);
    }

    private void expires(long at, Bytes key, boolean does) {
        expiries.put(new Expiry(at, key), does);
        expiriesBytes += EXPIRY_BYTES + key.length();
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
        return rows.bytes() + expiriesBytes;
    }

    /// Whether no older generation need be asked.
    boolean knows(Bytes key) {
        return replacesAll || rows.knows(key);
    }

    @Nullable
    Versioned get(Bytes key) {
        return rows.get(key);
    }

    /// All of it, in the order of the rows.
    void copy(BatchWriter to) {
        // One tombstone over all keys and expiries, however many there are.
        if (replacesAll) to.deleteRange(Rows.key(Bytes.EMPTY), Rows.endOfExpiries());
        to.put(Rows.markKey(), Rows.mark(mark));
        var order = rows.order();
        for (int rank = 0; rank < order.size(); rank++)
            rows.copy(order.place(rank), to);
        expiries.forEach((expiry, does) -> {
            if (does)
                to.put(Rows.expiry(expiry), NOTHING);
            else
                to.delete(Rows.expiry(expiry));
        });
    }

    Merged.Source<Bytes, Versioned> rowsFrom(Bytes key) {
        var order = rows.order();
        return new Merged.Source<>() {
            private int next = order.rankOf(key);
            private @Nullable Bytes at = read();

            private @Nullable Bytes read() {
                return next < order.size() ? rows.key(order.place(next)) : null;
            }

            @Override
            public @Nullable Bytes key() {
                return at;
            }

            @Override
            public @Nullable Versioned value() {
                return rows.value(order.place(next));
            }

            @Override
            public void next() {
                next++;
                at = read();
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
