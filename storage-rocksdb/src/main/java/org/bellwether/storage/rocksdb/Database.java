package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.PerfLevel;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.Slice;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// One state: one RocksDB database, without a log of its own, and the [Backlog] of commits that it has not got yet. It
/// stays open for as long as somebody holds a reference.
///
/// *Threads.* What commits, and what asks for the newest, is of the loop. It neither writes to RocksDB nor waits for
/// whoever does: that is one other thread at a time, in [#drain]. The rest may be called anywhere.
final class Database {
    /// So many generations of the heap are taken for a memtable.
    private static final int GENERATIONS = 5;

    private static final byte[] NOTHING = {};

    final References references;
    private final Place place;
    private final RocksConfig config;
    private final Runnable closed;
    private final Options options;
    private final RocksDB db;
    private final Drain drain;
    private final Backlog backlog = new Backlog();
    private final Object draining = new Object();
    private final BatchWriter rows = new BatchWriter();
    private final AtomicBoolean drainIsDue = new AtomicBoolean();
    /// Without a log, and rather refused than made to wait.
    private final WriteOptions writing = new WriteOptions().setDisableWAL(true).setNoSlowdown(true);
    /// Memtables and cache only.
    private final ReadOptions fromMemory = new ReadOptions()
            .setReadTier(ReadTier.BLOCK_CACHE_TIER);
    private final Slowness slowness;
    private final Condition condition;
    private volatile Mark mark;
    /// Of what RocksDB has.
    private volatile Mark written;
    private volatile Bytes origin = Bytes.EMPTY;
    /// No key expires before this. Keys leave where this looks for the next ones, and each leaves a tombstone, over
    /// which every look from the beginning would have to go. Of the loop.
    private long firstExpiry;

    /// @param fresh whether it is to be made; else it must be there
    record Place(long number, Path path, boolean fresh) {}

    /// @param closed run when the last reference has gone and the files are closed
    Database(Place place, RocksConfig config, Options options, Drain drain, Slowness slowness,
            Runnable closed) {
        this.drain = drain;
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
            if (place.fresh()) opened.put(writing, Rows.markKey(), Rows.mark(Mark.NONE));
            var row = opened.get(Rows.markKey());
            if (row == null) throw new StorageDamagedException("no mark in " + place.path());
            this.mark = Rows.isMarkWithoutDigest(row)
                    ? withDigest(opened, Rows.mark(row))
                    : Rows.mark(row);
            this.written = mark;
            var kept = opened.get(Rows.originKey());
            if (kept != null) this.origin = Bytes.wrap(kept);
            this.db = opened;
            this.condition = new Condition(opened, config, writing);
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
            throw new StorageDamagedException("there are " + sum.totals().keys()
                    + " keys, where the mark says " + mark.keys());
        }
        return new Mark(mark.applied(), mark.revision(), mark.version(), mark.stamp(),
                sum.totals());
    }

    private void abandon(@Nullable RocksDB opened) {
        if (opened != null) opened.close();
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

    /// Of what would be durable after a [#flush].
    Mark written() {
        return written;
    }

    Bytes origin() {
        return origin;
    }

    RocksDB db() {
        return db;
    }

    long backlogBytes() {
        return backlog.bytes();
    }

    @Nullable
    Versioned get(Bytes key) {
        requireWhole();
        var newest = backlog.whoKnows(key);
        return newest == null ? read(key) : newest.get(key);
    }

    /// What RocksDB has, which may be too old. On any thread.
    @Nullable
    Versioned read(Bytes key) {
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

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        backlog.warm(keys);
    }

    boolean isAtHand(Bytes key) {
        return backlog.whoKnows(key) != null || isInMemory(key);
    }

    /// What is there already says nothing about the disk: without a look, a machine that is short of processors would
    /// take its own reading ahead for a reason to read ahead. On any thread.
    void fetch(Bytes key) {
        if (!isInMemory(key)) read(key);
    }

    /// Whether RocksDB would not have to read.
    private boolean isInMemory(Bytes key) {
        requireWhole();
        try {
            // How long the row is; none of it is copied.
            db.get(fromMemory, Rows.key(key), NOTHING);
            return true;
        } catch (RocksDBException notThere) {
            // Whatever else it is will come out of the read itself.
            return false;
        }
    }

    /// @throws StorageCongestedException if RocksDB has not taken anything for long
    void commit(List<Change> changes, Mark next, boolean replaces) {
        requireWhole();
        freezeWhatIsDue();
        if (backlog.bytes() >= Backlog.BYTES_MAX)
            throw condition.refusal("cannot commit entry " + next.applied());
        if (replaces) {
            freezeAll();
            backlog.replace(changes, next);
        } else {
            backlog.commit(changes, next);
            freezeWhatIsDue();
        }
        for (var change : changes) {
            var value = change.value();
            if (value != null && value.expires() != Versioned.NEVER)
                firstExpiry = Math.min(firstExpiry, value.expires());
        }
        mark = next;
    }

    /// One at a time: what is committed meanwhile makes the next one larger, and its rows neighbours.
    private void freezeWhatIsDue() {
        if (backlog.isFrozen() || backlog.fillingBytes() < config.memtableBytes() / GENERATIONS)
            return;
        freezeAll();
    }

    private void freezeAll() {
        condition.grew(backlog.fillingBytes());
        backlog.freeze();
        if (backlog.isFrozen()) scheduleDrain();
    }

    private void scheduleDrain() {
        if (!drainIsDue.compareAndSet(false, true)) return;
        drain.run(() -> {
            drainIsDue.set(false);
            try {
                references.acquire("the storage");
            } catch (IllegalStateException closed) {
                return;
            }
            try {
                whileDraining(this::drain);
            } finally {
                references.release();
            }
        });
    }

    /// What fails comes out of the next call that meets it. After whatever nobody expected, errors included, that is every
    /// call: what is frozen would stay so, and commits would be refused as if they only had to wait.
    void whileDraining(Runnable work) {
        try {
            work.run();
        } catch (StorageException told) {
            // Whoever threw it has told the condition.
        } catch (Throwable unexpected) {
            condition.broke(unexpected);
        }
    }

    /// Gives RocksDB all that is frozen.
    ///
    /// @throws StorageException if that fails; what RocksDB has not got is still here
    void drain() {
        synchronized (draining) {
            requireWhole();
            if (condition.isInDoubt()) condition.probe();
            // Of this thread: else RocksDB counts every comparison of keys, and nobody asks how many.
            db.setPerfLevel(PerfLevel.DISABLE);
            for (var next = backlog.oldest(); next != null
                    && !drain.isClosed(); next = backlog.oldest()) {
                next.copy(rows);
                try (var batch = rows.take()) {
                    write(batch, next.mark());
                }
                backlog.written();
            }
        }
    }

    /// All or nothing. @param of the last commit in it, which has it, too
    private void write(WriteBatch batch, Mark of) {
        try {
            db.write(writing, batch);
            written = of;
        } catch (RocksDBException failed) {
            throw condition.failed("cannot write entry " + of.applied(), failed);
        }
    }

    /// What was committed until now, as a view sees it beside a snapshot of RocksDB that is taken next.
    List<Generation> freeze() {
        freezeAll();
        return backlog.seen();
    }

    List<Bytes> expiring(long through, int keysMax) {
        requireWhole();
        if (through < firstExpiry) return List.of();
        var from = Expiry.first(firstExpiry);
        var keys = new ArrayList<Bytes>();
        // Before RocksDB is looked at: what leaves the backlog is there.
        var seen = backlog.seen();
        var end = new Slice(Rows.endOfExpiries());
        try (end;
                var reading = new ReadOptions().setIterateUpperBound(end);
                var rows = db.newIterator(reading)) {
            rows.seek(Rows.expiry(from));
            var expiries = merged(seen, generation -> generation.expiriesFrom(from),
                    new Cursor<Expiry, Boolean>(rows, Rows::expiry, _ -> true));
            boolean isThere = expiries.next();
            // Nobody asks again before that, unless a change says so.
            long first = isThere ? expiries.key().at() : Long.MAX_VALUE;
            for (; isThere && keys.size() < keysMax
                    && expiries.key().at() <= through; isThere = expiries.next())
                keys.add(expiries.key().key());
            firstExpiry = first;
            return keys;
        }
    }

    /// @param seen the newest first
    static <K extends Comparable<K>, V> Merged<K, V> merged(List<Generation> seen,
            Function<Generation, Merged.Source<K, V>> from, Merged.Source<K, V> ours) {
        var sources = new ArrayList<Merged.Source<K, V>>();
        for (var generation : seen)
            sources.add(from.apply(generation));
        if (seen.isEmpty() || !seen.getLast().replacesAll()) sources.add(ours);
        return new Merged<>(sources);
    }

    /// For rows that a restore does not write in order.
    void putExpiry(Expiry expiry) throws RocksDBException {
        db.put(writing, Rows.expiry(expiry), NOTHING);
    }

    boolean congested() {
        // Also where nobody reads or writes: a node that is broken should not be found out by its next client.
        requireWhole();
        boolean isLong = backlog.bytes() >= config.memtableBytes();
        if (!isLong && !condition.isToBeAsked()) return false;
        condition.ask();
        freezeWhatIsDue();
        if (condition.isInDoubt() || backlog.isFrozen()) scheduleDrain();
        return isLong || condition.isPressed();
    }

    boolean full() {
        return condition.isFull();
    }

    /// Everything that was written is on disk when this returns.
    void flush() {
        requireWhole();
        try (var wait = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            db.flush(wait);
        } catch (RocksDBException failed) {
            throw condition.failed("cannot flush the tables", failed);
        }
    }

    /// After a failure nothing is answered, whether it is known or not.
    void requireWhole() {
        condition.requireWhole();
    }

    /// Takes over sorted files, in a database that nobody else sees yet.
    void ingest(List<String> files, Mark mark, Bytes from) {
        try (var move = new IngestExternalFileOptions().setMoveFiles(true);
                var batch = new WriteBatch()) {
            if (!files.isEmpty()) db.ingestExternalFile(files, move);
            batch.put(Rows.originKey(), from.array());
            batch.put(Rows.markKey(), Rows.mark(mark));
            write(batch, mark);
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot take over what was restored", failed);
        }
        origin = from;
        this.mark = mark;
        flush();
    }

    /// By the last one who used it.
    private void close() {
        db.close();
        writing.close();
        fromMemory.close();
        options.close();
        closed.run();
    }
}
