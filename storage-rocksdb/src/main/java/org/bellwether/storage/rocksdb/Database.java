package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One state: one RocksDB database, without a log of its own. It stays open for as long as somebody holds
/// a reference.
///
/// *Threads.* [#write], [#get] and [#congested] on the loop; the rest anywhere.
final class Database {
    /// As in RocksDB's own defaults for slowing writers down; here the node holds back instead.
    private static final int LEVEL0_FILES_MAX = 20;
    private static final long BEHIND_BYTES_MAX = 64L << 30;

    private static final byte[] NOTHING = {};

    final References references;
    private final Place place;
    private final RocksConfig config;
    private final Runnable closed;
    private final Options options;
    private final Health health;
    private final RocksDB db;
    private final WriteBatch batch = new WriteBatch();
    /// Without a log, and rather refused than made to wait.
    private final WriteOptions writing = new WriteOptions().setDisableWAL(true).setNoSlowdown(true);
    private volatile Mark mark;
    private long unchecked;
    private boolean behind;

    /// @param fresh whether it is to be made; else it must be there
    record Place(long number, Path path, boolean fresh) {}

    /// @param closed run when the last reference has gone and the files are closed
    Database(Place place, RocksConfig config, Options options, Runnable closed) {
        this.place = place;
        this.config = config;
        this.closed = closed;
        this.options = options;
        this.references = new References(this::close);
        this.health = new Health();
        options.setCreateIfMissing(place.fresh()).setErrorIfExists(place.fresh())
                .setListeners(List.of(health));
        RocksDB opened = null;
        try {
            opened = RocksDB.open(options, place.path().toString());
            var row = opened.get(Rows.markKey());
            this.mark = row == null ? Mark.NONE : Rows.mark(row);
            this.db = opened;
        } catch (RocksDBException failed) {
            abandon(opened);
            throw Failures.translate("cannot open the tables in " + place.path(), failed);
        } catch (StorageException refused) {
            abandon(opened);
            throw refused;
        }
    }

    private void abandon(@Nullable RocksDB opened) {
        if (opened != null) opened.close();
        batch.close();
        writing.close();
        options.close();
        health.close();
    }

    long number() {
        return place.number();
    }

    Mark mark() {
        return mark;
    }

    RocksDB db() {
        return db;
    }

    @Nullable
    Versioned get(Bytes key) {
        health.check();
        try {
            var row = db.get(Rows.key(key));
            return row == null ? null : Rows.value(row);
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot read from the tables", failed);
        }
    }

    boolean has(Bytes key) throws RocksDBException {
        return db.get(Rows.key(key), NOTHING) != RocksDB.NOT_FOUND;
    }

    void put(Bytes key, Versioned value) throws RocksDBException {
        batch.put(Rows.key(key), Rows.value(value));
    }

    void delete(Bytes key) throws RocksDBException {
        batch.delete(Rows.key(key));
    }

    /// Performs what was put and deleted since the last call, and moves the mark, all or nothing.
    void write(Mark next) throws RocksDBException {
        health.check();
        batch.put(Rows.markKey(), Rows.mark(next));
        unchecked += batch.getDataSize();
        db.write(writing, batch);
        mark = next;
    }

    /// Drops what was put and deleted since the last write.
    void clear() {
        batch.clear();
    }

    /// Asking RocksDB takes a microsecond: done when so much has been written that it could have changed.
    boolean congested() {
        if (health.full) return true;
        if (!behind && unchecked < config.memtableBytes() / 4) return false;
        unchecked = 0;
        try {
            behind = db.getLongProperty("rocksdb.num-immutable-mem-table") >= config.memtablesMax()
                    || Long.parseLong(
                            db.getProperty("rocksdb.num-files-at-level0")) >= LEVEL0_FILES_MAX
                    || db.getLongProperty(
                            "rocksdb.estimate-pending-compaction-bytes") >= BEHIND_BYTES_MAX;
            return behind;
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot ask the tables", failed);
        }
    }

    /// Everything that was written is on disk when this returns.
    void flush() {
        health.check();
        try (var wait = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            db.flush(wait);
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot flush the tables", failed);
        }
        health.check();
    }

    /// Takes over sorted files, in a database that nobody else sees yet.
    void ingest(List<String> files, Mark mark) {
        try (var move = new IngestExternalFileOptions().setMoveFiles(true)) {
            if (!files.isEmpty()) db.ingestExternalFile(files, move);
            write(mark);
            clear();
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot take over what was restored", failed);
        }
        flush();
    }

    /// By the last one who used it.
    private void close() {
        db.close();
        batch.close();
        writing.close();
        options.close();
        health.close();
        closed.run();
    }

    /// What RocksDB's own threads meet. It finds room again by itself; from anything else it would not.
    private static final class Health extends AbstractEventListener {
        private volatile boolean full;
        private volatile @Nullable String broken;

        Health() {
            super(EnabledEventCallback.ON_BACKGROUND_ERROR,
                    EnabledEventCallback.ON_ERROR_RECOVERY_COMPLETED);
        }

        @Override
        public void onBackgroundError(BackgroundErrorReason reason, Status status) {
            if (Failures.isFull(status)) {
                full = true;
            } else {
                broken = reason + ": " + status.getCodeString() + ", " + status.getState();
            }
        }

        @Override
        public void onErrorRecoveryCompleted(Status before) {
            full = false;
        }

        void check() {
            var why = broken;
            if (why != null) {
                throw new StorageException("the tables cannot be written any more: " + why);
            }
        }
    }
}
