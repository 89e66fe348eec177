package org.bellwether.storage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Tables in memory: the fastest storage, bounded by the heap, rebuilt from the log at every start.
public final class MemoryStorage implements Storage {
    private final Map<Bytes, Versioned> table = new HashMap<>();
    private long applied;
    private Revision revision = Revision.NONE;

    @Override
    public @Nullable Versioned get(Bytes key) {
        return table.get(key);
    }

    @Override
    public void commit(List<Change> changes, long applied, Revision revision) {
        if (applied <= this.applied) {
            throw new IllegalArgumentException(
                    "applied index " + applied + " does not follow " + this.applied);
        }
        for (var change : changes) {
            if (change.value() == null) {
                table.remove(change.key());
            } else {
                table.put(change.key(), change.value());
            }
        }
        this.applied = applied;
        this.revision = revision;
    }

    @Override
    public long applied() {
        return applied;
    }

    @Override
    public Revision revision() {
        return revision;
    }

    @Override
    public long size() {
        return table.size();
    }

    @Override
    public void scan(BiConsumer<? super Bytes, ? super Versioned> visitor) {
        new TreeMap<>(table).forEach(visitor);
    }

    @Override
    public void close() {}
}
