package org.bellwether.storage;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.disk.Disk;
import org.jspecify.annotations.Nullable;

/// Tables in memory: the fastest storage, bounded by the heap. With a disk it saves itself whole with every
/// flush, for the next start; without, it is rebuilt from the log.
public final class MemoryStorage implements Storage {
    private final @Nullable TableFile file;
    private MemoryRows rows = new MemoryRows();
    private Expiries expiries = new Expiries();
    private final List<MemoryView> views = new ArrayList<>();
    private Mark mark = Mark.NONE;
    private Bytes origin = Bytes.EMPTY;
    private volatile long durable;

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
            return rows.put(key, value);
        });
        if (saved == null) return;
        mark = saved.mark();
        origin = saved.origin();
        durable = mark.applied();
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        return rows.get(key);
    }

    @Override
    public void expect(List<Bytes> keys) {
        rows.warm(keys);
    }

    @Override
    public List<Bytes> expiring(long through, int keysMax) {
        return expiries.through(through, keysMax);
    }

    @Override
    public void commit(List<Change> changes, Mark next) {
        requireForward(next);
        forgetViews();
        for (var change : changes) {
            expiries.changed(change.key(), change.before(), change.value());
            if (change.value() == null) {
                rows.remove(change.key());
            } else {
                rows.put(change.key(), change.value());
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
        rows = new MemoryRows();
        expiries = new Expiries();
        views.clear(); // their rows change no more
        commit(changes, next);
    }

    /// Those that nobody looks at any more; what they have is kept from being changed until then.
    private void forgetViews() {
        if (views.removeIf(MemoryView::isLeft) && views.isEmpty()) rows.thaw();
    }

    int viewsKept() {
        return views.size();
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
        forgetViews();
        var view = new MemoryView(rows.freeze(), mark, origin);
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
        rows = restored.take(this);
        expiries = restored.expiries();
        mark = restored.mark();
        origin = restored.origin();
        views.clear(); // their rows change no more
    }

    @Override
    public void close() {}
}
