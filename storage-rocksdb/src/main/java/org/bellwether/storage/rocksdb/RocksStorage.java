package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Tables on disk, larger than memory, and there again at once after a restart.
///
/// RocksDB's own log is off: the node's log is it. Commits are collected in a [Backlog], which another thread gives to
/// RocksDB a [Generation] at a time; there they go into memory and, in their order, into files. A crash takes back those
/// that were in memory. Every batch carries the applied index, so what is found is always a state that was there
/// once, and tells which.
///
/// What the contract leaves open:
/// * What is asked for or written often is kept as rows, in a cache of the loop's own.
/// * A [#get] of what is in none of the caches reads a file, on the loop: mostly from the machine's page cache, in
///   microseconds. Once one takes longer, the storage [#isSlow] for a while, and tells what is at hand.
/// * A commit is refused, with a [StorageCongestedException], after the node has gone on for a long time while the
///   storage was [#congested], for want of space or not.
/// * A full disk may only show in RocksDB's own threads. Then the storage is congested until there is room
///   again, which RocksDB looks for by itself, every few seconds. Any other error there comes
///   out of the next call that meets it, at the latest of [#congested] or [#flush].
/// * [#close] waits for a file that is just being written, and for a generation on its way to RocksDB.
public final class RocksStorage implements Storage {
    private final TablesFolder folder;
    private final RocksConfig config;
    private final Tuning tuning;
    private final Slowness slowness;
    private final Readers readers = new Readers();
    private final Drain drain = new Drain();
    private final RowCache rows;
    /// Held by whatever has files of the folder open.
    final References references;
    private final Queue<Database> retired = new ConcurrentLinkedQueue<>();
    /// Of the thread that flushes.
    private final List<Database> leaving = new ArrayList<>();
    private volatile Database database;
    private volatile long durable;
    private volatile boolean closed;

    /// Opens the tables in a folder of their own, making it if need be. Reads and tidies up; call it where
    /// blocking does no harm.
    ///
    /// @throws StorageException if they are in use, damaged or of a version that this program does not know, or
    ///                          if RocksDB cannot be loaded; nothing is left open
    public static RocksStorage open(Path folder, RocksConfig config) {
        var tables = new TablesFolder(folder);
        try {
            NativeLibrary.load(tables.path());
            return new RocksStorage(tables, config, new Tuning(config));
        } catch (RocksDBException failed) {
            tables.close();
            throw Failures.translate("cannot open " + folder, failed);
        } catch (StorageException refused) {
            tables.close();
            throw refused;
        }
    }

    private RocksStorage(TablesFolder folder, RocksConfig config, Tuning tuning) {
        this.folder = folder;
        this.config = config;
        this.tuning = tuning;
        this.slowness = new Slowness(config.patience());
        this.rows = new RowCache(config.rowBytes());
        this.references = new References(() -> {
            tuning.close();
            folder.close();
        });
        try {
            folder.removeLeftovers();
            long active = folder.active();
            this.database = active == 0
                    ? open(folder.nextNumber(), true)
                    : open(active, false);
        } catch (StorageException refused) {
            tuning.close();
            throw refused;
        }
        this.durable = database.written().applied();
    }

    /// @param fresh whether it is to be made; else it must be there
    Database open(long number, boolean fresh) {
        references.acquire("the storage");
        try {
            return new Database(new Database.Place(number, folder.state(number), fresh),
                    config, tuning.options(), drain, slowness, references::release);
        } catch (StorageException failed) {
            references.release();
            throw failed;
        }
    }

    Database database() {
        return database;
    }

    TablesFolder folder() {
        return folder;
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        requireOpen();
        database.requireWhole();
        var known = rows.get(key);
        if (known != null) return known;
        var found = database.get(key);
        if (found != null) rows.put(key, found);
        return found;
    }

    @Override
    public void expect(List<Bytes> keys) {
        rows.warm(keys);
        database.warm(keys);
    }

    @Override
    public boolean isSlow() {
        return slowness.wasEver() && slowness.isNow(System.nanoTime());
    }

    @Override
    public boolean isAtHand(Bytes key) {
        requireOpen();
        return rows.get(key) != null || database.isAtHand(key);
    }

    @Override
    public void fetch(Supplier<List<Bytes>> keys, Runnable done) {
        requireOpen();
        var from = database;
        boolean begun = readers.run(() -> {
            from.references.acquire("the state that is read ahead");
            try {
                for (var key : keys.get())
                    from.fetch(key);
            } finally {
                from.references.release();
            }
        }, done);
        if (!begun) done.run();
    }

    @Override
    public List<Bytes> expiring(long through, int keysMax) {
        requireOpen();
        return database.expiring(through, keysMax);
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        write(changes, mark, false);
    }

    @Override
    public void replace(List<Change> changes, Mark mark) {
        write(changes, mark, true);
    }

    private void write(List<Change> changes, Mark mark, boolean replaces) {
        requireOpen();
        long before = database.mark().applied();
        if (mark.applied() <= before) {
            throw new IllegalArgumentException(
                    "applied index " + mark.applied() + " does not follow " + before);
        }
        database.commit(changes, mark, replaces);
        if (replaces) rows.clear();
        rows.changed(changes);
    }

    @Override
    public Mark mark() {
        return database.mark();
    }

    @Override
    public Bytes origin() {
        return database.origin();
    }

    @Override
    public View view() {
        requireOpen();
        return new RocksView(database);
    }

    @Override
    public boolean congested() {
        requireOpen();
        return database.congested();
    }

    @Override
    public boolean full() {
        return database.full();
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public long flush(View now) {
        requireOpen();
        var flushed = database;
        flushed.references.acquire("the storage");
        try {
            flushed.drain();
            long applied = flushed.written().applied();
            boolean activate = folder.active() != flushed.number();
            if (activate || durable != applied) flushed.flush();
            if (activate) folder.activate(flushed.number());
            durable = applied;
        } finally {
            flushed.references.release();
        }
        removeReplaced();
        return durable;
    }

    /// What was installed over, as soon as the active one is another and the last view is closed.
    private void removeReplaced() {
        for (var replaced = retired.peek(); replaced != null
                && replaced.number() != folder.active(); replaced = retired.peek()) {
            if (!retired.remove(replaced)) return; // closed in the meantime
            leaving.add(replaced);
            replaced.references.release();
        }
        leaving.removeIf(replaced -> {
            boolean gone = replaced.references.areGone();
            if (gone) folder.remove(replaced.number());
            return gone;
        });
    }

    @Override
    public Restore restore() {
        requireOpen();
        references.acquire("the storage");
        long number = folder.nextNumber();
        return new RocksRestore(this, number, folder.state(number), tuning.options());
    }

    @Override
    public void install(Restore restore) {
        requireOpen();
        if (!(restore instanceof RocksRestore restored)) {
            throw new IllegalStateException("this restore is of another storage");
        }
        var installed = restored.take(this);
        retired.add(database);
        database = installed;
        rows.clear();
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        readers.close();
        drain.close();
        database.references.release();
        for (var replaced = retired.poll(); replaced != null; replaced = retired.poll())
            replaced.references.release();
        references.release();
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("the storage is closed");
    }
}
