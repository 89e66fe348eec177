package org.bellwether.storage.rocksdb;

import java.util.concurrent.atomic.AtomicBoolean;
import org.bellwether.api.Bytes;
import org.bellwether.storage.Mark;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/// One of RocksDB's snapshots: a sequence number, behind which compactions drop nothing.
final class RocksView implements View {
    private final Database database;
    private final Snapshot snapshot;
    private final Mark mark;
    private final References references = new References(this::release);
    private final AtomicBoolean closed = new AtomicBoolean();

    RocksView(Database database) {
        database.references.acquire("the storage");
        this.database = database;
        this.mark = database.mark();
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
            for (rows.seek(Rows.key(from)); rows.isValid(); rows.next()) {
                if (closed.get()) throw new IllegalStateException("the view is closed");
                var key = Rows.key(rows.key());
                if (!visitor.visit(key, Rows.value(rows.value()))) return View.after(key);
            }
            rows.status();
            return null;
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot read from the tables", failed);
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
