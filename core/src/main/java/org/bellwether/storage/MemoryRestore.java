package org.bellwether.storage;

import java.util.concurrent.ConcurrentHashMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// A second table.
final class MemoryRestore implements Restore {
    private final MemoryStorage owner;
    private @Nullable ConcurrentHashMap<Bytes, Versioned> table = new ConcurrentHashMap<>();
    private @Nullable Bytes last;
    private boolean finished;
    private long applied;
    private Revision revision = Revision.NONE;
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
        table.put(key, value);
    }

    @Override
    public void finish(long applied, Revision revision, Bytes origin) {
        if (table == null || finished) throw new IllegalStateException("the restore has ended");
        if (applied < 0) throw new IllegalArgumentException("applied index " + applied);
        this.applied = applied;
        this.revision = revision;
        this.origin = origin;
        finished = true;
    }

    long applied() {
        return applied;
    }

    Revision revision() {
        return revision;
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
