package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.StorageBehindException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.StorageFullException;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.Slice;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One state: one RocksDB database, without a log of its own. It stays open for as long as somebody holds
/// a reference.
///
/// *Threads.* [#write] and [#congested] on the loop; the rest anywhere.
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
    private final RocksDB db;
    private final WriteBatch batch = new WriteBatch();
    /// Without a log, and rather refused than made to wait.
    private final WriteOptions writing = new WriteOptions().setDisableWAL(true).setNoSlowdown(true);
    /// Memtables and cache only.
    private final ReadOptions fromMemory = new ReadOptions()
            .setReadTier(ReadTier.BLOCK_CACHE_TIER);
    private final Slowness slowness;
    private volatile Mark mark;
    private volatile Bytes origin = Bytes.EMPTY;
    /// Bytes written since it was last asked how it goes.
    private long unchecked;
    private long errorsSeen;
    private boolean behind;
    private volatile boolean full;
    private volatile @Nullable String broken;
    /// No key expires before this. Keys leave where this looks for the next ones, and each leaves a tombstone, over
    /// which every look from the beginning would have to go. Of the loop.
    private long firstExpiry;

    /// @param fresh whether it is to be made; else it must be there
    record Place(long number, Path path, boolean fresh) {}

    /// @param closed run when the last reference has gone and the files are closed
    Database(Place place, RocksConfig config, Options options, Slowness slowness,
            Runnable closed) {
        this.slowness = slowness;
        this.place = place;
        this.config = config;
        this.closed = closed;
        this.options = options;
        this.references = new References(this::close);
        options.setCreateIfMissing(place.fresh()).setErrorIfExists(place.fresh());
        RocksDB opened = null;
        try {
            opened = RocksDB.open(options, place.path().toString());
            if (place.fresh()) {
                batch.put(Rows.markKey(), Rows.mark(Mark.NONE));
                opened.write(writing, batch);
                batch.clear();
            }
            var row = opened.get(Rows.markKey());
            if (row == null) throw new StorageException("no mark in " + place.path());
            this.mark = Rows.isMarkWithoutDigest(row)
                    ? withDigest(opened, Rows.mark(row))
                    : Rows.mark(row);
            var kept = opened.get(Rows.originKey());
            if (kept != null) this.origin = Bytes.wrap(kept);
            this.db = opened;
        } catch (RocksDBException failed) {
            abandon(opened);
            throw Failures.translate("cannot open the tables in " + place.path(), failed);
        } catch (StorageException refused) {
            abandon(opened);
            throw refused;
        }
    }

    /// Of tables that an earlier version wrote.
    private static Mark withDigest(RocksDB opened, Mark mark) throws RocksDBException {
        var sum = new Totals.Sum();
        try (var rows = opened.newIterator()) {
            // There are no rows behind the keys in tables of that age.
            for (rows.seek(Rows.key(Bytes.EMPTY)); rows.isValid(); rows.next())
                sum.add(Rows.key(rows.key()), Rows.value(rows.value()));
            rows.status();
        }
        if (sum.totals().keys() != mark.keys()) {
            throw new StorageException("there are " + sum.totals().keys()
                    + " keys, where the mark says " + mark.keys());
        }
        return new Mark(mark.applied(), mark.revision(), mark.version(), mark.stamp(),
                sum.totals());
    }

    private void abandon(@Nullable RocksDB opened) {
        if (opened != null) opened.close();
        batch.close();
        writing.close();
        fromMemory.close();
        options.close();
    }

    long number() {
        return place.number();
    }

    Mark mark() {
        return mark;
    }

    Bytes origin() {
        return origin;
    }

    RocksDB db() {
        return db;
    }

    @Nullable
    Versioned get(Bytes key) {
        requireWhole();
        try {
            long begun = System.nanoTime();
            var row = db.get(Rows.key(key));
            long ended = System.nanoTime();
            slowness.took(ended - begun, ended);
            return row == null ? null : Rows.value(row);
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot read from the tables", failed);
        }
    }

    boolean isAtHand(Bytes key) {
        try {
            db.get(fromMemory, Rows.key(key));
            return true;
        } catch (RocksDBException notThere) {
            // Whatever else it is will come out of the read itself.
            return false;
        }
    }

    /// One tombstone over all keys and expiries, however many there are.
    void removeAll() throws RocksDBException {
        batch.deleteRange(Rows.key(Bytes.EMPTY), Rows.endOfExpiries());
    }

    void change(Change change) throws RocksDBException {
        var key = change.key();
        var value = change.value();
        if (value == null)
            batch.delete(Rows.key(key));
        else
            batch.put(Rows.key(key), Rows.value(value));
        long was = change.before() == null ? Versioned.NEVER : change.before().expires();
        long is = value == null ? Versioned.NEVER : value.expires();
        if (was == is) return;
        if (was != Versioned.NEVER) batch.delete(Rows.expiry(was, key));
        if (is != Versioned.NEVER) {
            batch.put(Rows.expiry(is, key), NOTHING);
            firstExpiry = Math.min(firstExpiry, is);
        }
    }

    List<Bytes> expiring(long through, int keysMax) {
        requireWhole();
        if (through < firstExpiry) return List.of();
        var keys = new ArrayList<Bytes>();
        var end = new Slice(Rows.endOfExpiries());
        try (end;
                var reading = new ReadOptions().setIterateUpperBound(end);
                var rows = db.newIterator(reading)) {
            rows.seek(Rows.expiry(firstExpiry, Bytes.EMPTY));
            // Nobody asks again before that, unless a change says so.
            long first = rows.isValid() ? Rows.expiry(rows.key()) : Long.MAX_VALUE;
            for (; rows.isValid() && keys.size() < keysMax
                    && Rows.expiry(rows.key()) <= through; rows.next())
                keys.add(Rows.expiringKey(rows.key()));
            rows.status();
            firstExpiry = first;
            return keys;
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot read from the tables", failed);
        }
    }

    /// For rows that a restore does not write in order.
    void putExpiry(long at, Bytes key) throws RocksDBException {
        db.put(writing, Rows.expiry(at, key), NOTHING);
    }

    /// Performs what was changed since the last call, and moves the mark, all or nothing.
    void write(Mark next) {
        requireWhole();
        try {
            batch.put(Rows.markKey(), Rows.mark(next));
            db.write(writing, batch);
        } catch (RocksDBException failed) {
            throw remember("cannot commit entry " + next.applied(), failed);
        }
        unchecked += batch.getDataSize();
        mark = next;
    }

    /// Drops what was changed since the last write.
    void clear() {
        batch.clear();
    }

    /// Asking RocksDB takes a microsecond: done when so much has been written that it could have changed.
    boolean congested() {
        if (!behind && !full && unchecked < config.memtableBytes() / 4) return false;
        requireWhole();
        unchecked = 0;
        try {
            long errors = db.getLongProperty("rocksdb.background-errors");
            if (errors != errorsSeen || full) probe();
            errorsSeen = errors;
            behind = db.getLongProperty("rocksdb.num-immutable-mem-table") >= config.memtablesMax()
                    || Long.parseLong(
                            db.getProperty("rocksdb.num-files-at-level0")) >= LEVEL0_FILES_MAX
                    || db.getLongProperty(
                            "rocksdb.estimate-pending-compaction-bytes") >= BEHIND_BYTES_MAX;
        } catch (RocksDBException failed) {
            throw remember("cannot ask the tables", failed);
        }
        return full || behind;
    }

    boolean full() {
        return full;
    }

    /// Something failed in RocksDB's own threads, or the disk was full: a write of nothing tells whether writes
    /// are refused now, and why. (RocksDB would call a listener, but its Java part fails in that call where
    /// there is no log: `BackgroundErrorReason` lacks the reasons 5 and 6.)
    private void probe() throws RocksDBException {
        try (var nothing = new WriteBatch()) {
            db.write(writing, nothing);
            full = false;
        } catch (RocksDBException refused) {
            if (!Failures.isFull(refused.getStatus())) throw refused;
            full = true;
        }
    }

    /// Everything that was written is on disk when this returns.
    void flush() {
        requireWhole();
        try (var wait = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            db.flush(wait);
        } catch (RocksDBException failed) {
            throw remember("cannot flush the tables", failed);
        }
    }

    /// A full disk passes, and so does a writer that went too far. After anything else, nothing is answered.
    private StorageException remember(String doing, RocksDBException failed) {
        var told = Failures.translate(doing, failed);
        switch (told) {
            case StorageFullException _ -> full = true;
            case StorageBehindException _ -> behind = true;
            default -> broken = told.getMessage();
        }
        return told;
    }

    /// After a failure nothing is answered, whether it is known or not.
    void requireWhole() {
        var why = broken;
        if (why != null) throw new StorageException("the tables have failed: " + why);
    }

    /// Takes over sorted files, in a database that nobody else sees yet.
    void ingest(List<String> files, Mark mark, Bytes from) {
        try (var move = new IngestExternalFileOptions().setMoveFiles(true)) {
            if (!files.isEmpty()) db.ingestExternalFile(files, move);
            batch.put(Rows.originKey(), from.array());
            origin = from;
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot take over what was restored", failed);
        }
        write(mark);
        clear();
        flush();
    }

    /// By the last one who used it.
    private void close() {
        db.close();
        batch.close();
        writing.close();
        fromMemory.close();
        options.close();
        closed.run();
    }
}
