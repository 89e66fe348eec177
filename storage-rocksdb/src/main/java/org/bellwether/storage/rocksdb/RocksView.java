package org.bellwether.storage.rocksdb;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/// One of RocksDB's snapshots: a sequence number, behind which compactions drop nothing.
final class RocksView implements View {
    private final Database database;
    /// What had been committed, and RocksDB had perhaps not got when the snapshot was taken. Where it had, both say the same.
    private final List<Generation> backlog;
    private final Snapshot snapshot;
    private final Mark mark;
    private final References references = new References(this::release);
    private final AtomicBoolean closed = new AtomicBoolean();

    RocksView(Database database) {
        database.references.acquire("the storage");
        this.database = database;
        this.mark = database.mark();
        this.backlog = database.freeze();
        this.snapshot = database.db().getSnapshot();
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public @Nullable Bytes scan(Bytes from, Visitor visitor) {
        references.acquire("the view");
        // A scan shall not drive out of the cache what the gets need.
        try (var end = new Slice(Rows.endOfKeys());
                var reading = new ReadOptions().setSnapshot(snapshot).setFillCache(false)
                        .setIterateUpperBound(end);
                var rows = database.db().newIterator(reading)) {
            rows.seek(Rows.key(from));
            var seen = Database.merged(backlog, generation -> generation.rowsFrom(from),
                    new Cursor<Bytes, Versioned>(rows, Rows::key, Rows::value));
            while (seen.next()) {
                if (closed.get()) throw new IllegalStateException("the view is closed");
                if (!visitor.visit(seen.key(), seen.value())) return View.after(seen.key());
            }
            return null;
        } finally {
            references.release();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) references.release();
    }

    private void release() {
        database.db().releaseSnapshot(snapshot);
        snapshot.close();
        database.references.release();
    }
}
