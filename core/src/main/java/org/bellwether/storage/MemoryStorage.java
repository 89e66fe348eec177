package org.bellwether.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.disk.Disk;
import org.jspecify.annotations.Nullable;

/// Tables in memory: the fastest storage, bounded by the heap. With a disk it saves itself whole with every
/// flush, for the next start; without, it is rebuilt from the log.
public final class MemoryStorage implements Storage {
    private final @Nullable TableFile file;
    /// Of the loop; concurrent for the views, whose pre-images follow every change.
    private ConcurrentHashMap<Bytes, Versioned> table = new ConcurrentHashMap<>();
    private Expiries expiries = new Expiries();
    private final List<MemoryView> views = new ArrayList<>();
    private Mark mark = Mark.NONE;
    private Bytes origin = Bytes.EMPTY;
    private volatile long durable;
    /// Of the processor's caches, and of a value of usual length.
    private static final int LINE_BYTES = 64;
    private static final int LOOKED_AT_BYTES = 4 * LINE_BYTES;

    /// Written so that what is expected is looked at.
    @SuppressWarnings("UnusedVariable")
    private long expected;

    /// Keeps nothing.
    public MemoryStorage() {
        this.file = null;
    }

    /// Begins with what was saved there. Reads all of it; call it where blocking does no harm.
    ///
    /// @throws StorageException if that is damaged, or cannot be read
    public MemoryStorage(Disk disk) {
        this.file = new TableFile(disk);
        var saved = file.read((key, value) -> {
            expiries.changed(key, null, value);
            return table.put(key, value) == null;
        });
        if (saved == null) return;
        mark = saved.mark();
        origin = saved.origin();
        durable = mark.applied();
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        return table.get(key);
    }

    @Override
    public void expect(List<Bytes> keys) {
        for (var key : keys) {
            var row = table.get(key);
            if (row != null) expected += look(row.value().array());
        }
    }

    private static int look(byte[] bytes) {
        int sum = 0;
        for (int i = 0, last = Math.min(bytes.length, LOOKED_AT_BYTES); i < last; i += LINE_BYTES)
            sum += bytes[i];
        return sum;
    }

    @Override
    public List<Bytes> expiring(long through, int keysMax) {
        return expiries.through(through, keysMax);
    }

    @Override
    public void commit(List<Change> changes, Mark next) {
        requireForward(next);
        if (!views.isEmpty()) preserve(changes);
        for (var change : changes) {
            expiries.changed(change.key(), change.before(), change.value());
            if (change.value() == null) {
                table.remove(change.key());
            } else {
                table.put(change.key(), change.value());
            }
        }
        mark = next;
    }

    private void requireForward(Mark next) {
        if (next.applied() <= mark.applied()) {
            throw new IllegalArgumentException("applied index " + next.applied()
                    + " does not follow " + mark.applied());
        }
    }

    @Override
    public void replace(List<Change> changes, Mark next) {
        requireForward(next);
        table = new ConcurrentHashMap<>();
        expiries = new Expiries();
        views.clear(); // their table changes no more
        commit(changes, next);
    }

    private void preserve(List<Change> changes) {
        views.removeIf(MemoryView::isClosed);
        for (var view : views) {
            for (var change : changes)
                view.preserve(change.key(), table.get(change.key()));
        }
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public Bytes origin() {
        return origin;
    }

    @Override
    public View view() {
        views.removeIf(MemoryView::isClosed);
        var view = new MemoryView(table, mark, origin);
        views.add(view);
        return view;
    }

    @Override
    public boolean congested() {
        return false;
    }

    @Override
    public boolean full() {
        return false;
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public long flush(View now) {
        if (file == null) return 0;
        if (!(now instanceof MemoryView view)) {
            throw new IllegalStateException("this view is of another storage");
        }
        file.write(view, view.origin());
        durable = view.applied();
        return durable;
    }

    @Override
    public Restore restore() {
        return new MemoryRestore(this);
    }

    @Override
    public void install(Restore restore) {
        if (!(restore instanceof MemoryRestore restored)) {
            throw new IllegalStateException("this restore is of another storage");
        }
        table = restored.take(this);
        expiries = restored.expiries();
        mark = restored.mark();
        origin = restored.origin();
        views.clear(); // their table changes no more
    }

    @Override
    public void close() {}
}
