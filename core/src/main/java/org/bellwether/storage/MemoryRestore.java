package org.bellwether.storage;

import java.util.concurrent.ConcurrentHashMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// A second table.
final class MemoryRestore implements Restore {
    private final MemoryStorage owner;
    private @Nullable ConcurrentHashMap<Bytes, Versioned> table = new ConcurrentHashMap<>();
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
        if (table == null || finished) throw new IllegalStateException("the restore has ended");
        if (last != null && key.compareTo(last) <= 0) {
            throw new IllegalArgumentException("key " + key + " does not come after " + last);
        }
        last = key;
        expiries.changed(key, null, value);
        table.put(key, value);
    }

    @Override
    public void finish(Mark mark, Bytes origin) {
        if (table == null || finished) throw new IllegalStateException("the restore has ended");
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
    ConcurrentHashMap<Bytes, Versioned> take(MemoryStorage by) {
        if (by != owner) throw new IllegalStateException("this restore is of another storage");
        var taken = table;
        if (taken == null || !finished) {
            throw new IllegalStateException("this restore is not finished, or has ended");
        }
        table = null;
        return taken;
    }

    @Override
    public void close() {
        table = null;
    }
}
