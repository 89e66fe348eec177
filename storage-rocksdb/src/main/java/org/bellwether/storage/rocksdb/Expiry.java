package org.bellwether.storage.rocksdb;

import java.util.Comparator;
import org.bellwether.api.Bytes;

/// When a key expires; in the order of the rows that say so.
record Expiry(long at, Bytes key) implements Comparable<Expiry> {
    private static final Comparator<Expiry> ORDER = Comparator.comparingLong(Expiry::at)
            .thenComparing(Expiry::key);

    /// Not after any of this time.
    static Expiry first(long at) {
        return new Expiry(at, Bytes.EMPTY);
    }

    @Override
    public int compareTo(Expiry other) {
        return ORDER.compare(this, other);
    }
}
