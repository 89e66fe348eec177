package org.bellwether.storage;

import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// A second table.
final class MemoryRestore implements Restore {
    private final MemoryStorage owner;
    private @Nullable MemoryRows rows = new MemoryRows();
    private final Expiries expiries = new Expiries();
    private @Nullable Bytes last;
    private boolean finished;
    private Mark mark = Mark.NONE;
    private Bytes origin = Bytes.EMPTY;

    MemoryRestore(MemoryStorage owner) {
        this.owner = owner;
    }

    @Override
    public void put(Bytes key, Versioned value) {
        if (rows == null || finished) throw new IllegalStateException("the restore has ended");
        if (last != null && key.compareTo(last) <= 0) {
            throw new IllegalArgumentException("key " + key + " does not come after " + last);
        }
        last = key;
        expiries.changed(key, null, value);
        rows.put(key, value);
    }

    @Override
    public void finish(Mark mark, Bytes origin) {
        if (rows == null || finished) throw new IllegalStateException("the restore has ended");
        this.mark = mark;
        this.origin = origin;
        finished = true;
    }

    Mark mark() {
        return mark;
    }

    Expiries expiries() {
        return expiries;
    }

    Bytes origin() {
        return origin;
    }

    /// For the install: once.
    MemoryRows take(MemoryStorage by) {
        if (by != owner) throw new IllegalStateException("this restore is of another storage");
        var taken = rows;
        if (taken == null || !finished) {
            throw new IllegalStateException("this restore is not finished, or has ended");
        }
        rows = null;
        return taken;
    }

    @Override
    public void close() {
        rows = null;
    }
}
