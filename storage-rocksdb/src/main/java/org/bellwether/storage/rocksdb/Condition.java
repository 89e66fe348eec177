package org.bellwether.storage.rocksdb;

import org.bellwether.storage.StorageBehindException;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.StorageFullException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// How a database is: well, behind with its files, without space, or broken, for good.
///
/// *Threads.* What is said of it may be asked anywhere. [#isToBeAsked], [#ask] and [#grew] are of the loop, which must not
/// wait; [#probe], which writes, of whoever writes.
final class Condition {
    /// As in RocksDB's own defaults for slowing writers down; here the node holds back instead.
    private static final int LEVEL0_FILES_MAX = 20;
    private static final long BEHIND_BYTES_MAX = 64L << 30;

    private final RocksDB db;
    private final RocksConfig config;
    private final WriteOptions writing;
    /// Bytes written since it was last asked how it goes.
    private long unchecked;
    private long errorsSeen;
    /// Something has failed in RocksDB's own threads.
    private volatile boolean suspect;
    private volatile boolean behind;
    private volatile boolean full;
    private volatile @Nullable StorageException broken;

    Condition(RocksDB db, RocksConfig config, WriteOptions writing) {
        this.db = db;
        this.config = config;
        this.writing = writing;
    }

    /// After a failure nothing is answered, whether it is known or not.
    void requireWhole() {
        var why = broken;
        if (why == null) return;
        var told = "the tables have failed: " + why.getMessage();
        throw why instanceof StorageDamagedException
                ? new StorageDamagedException(told, why)
                : new StorageException(told, why);
    }

    boolean isFull() {
        return full;
    }

    /// Whether it is time to hold back.
    boolean isPressed() {
        return full || behind;
    }

    /// Whether only a [#probe] tells if it takes anything.
    boolean isInDoubt() {
        return suspect || full;
    }

    void grew(long bytes) {
        unchecked += bytes;
    }

    /// Asking takes a microsecond: done when so much has been written that it could have changed.
    boolean isToBeAsked() {
        return isPressed() || unchecked >= config.memtableBytes() / 4;
    }

    void ask() {
        unchecked = 0;
        try {
            long errors = db.getLongProperty("rocksdb.background-errors");
            if (errors != errorsSeen) suspect = true;
            errorsSeen = errors;
            behind = db.getLongProperty("rocksdb.num-immutable-mem-table") >= config.memtablesMax()
                    || Long.parseLong(
                            db.getProperty("rocksdb.num-files-at-level0")) >= LEVEL0_FILES_MAX
                    || db.getLongProperty(
                            "rocksdb.estimate-pending-compaction-bytes") >= BEHIND_BYTES_MAX;
        } catch (RocksDBException failed) {
            throw failed("cannot ask the tables", failed);
        }
    }

    /// Something failed in RocksDB's own threads, or the disk was full: a write of nothing tells whether writes
    /// are refused now, and why. (RocksDB would call a listener, but its Java part fails in that call where
    /// there is no log: `BackgroundErrorReason` lacks the reasons 5 and 6.)
    void probe() {
        suspect = false;
        try (var nothing = new WriteBatch()) {
            db.write(writing, nothing);
            full = false;
        } catch (RocksDBException refused) {
            throw failed("cannot write to the tables", refused);
        }
    }

    /// A full disk passes, and so does a writer that went too far. After anything else, nothing is answered.
    StorageException failed(String doing, RocksDBException why) {
        var told = Failures.translate(doing, why);
        switch (told) {
            case StorageFullException _ -> full = true;
            case StorageBehindException _ -> behind = true;
            default -> broken = told;
        }
        return told;
    }

    /// For good.
    void broke(Throwable unexpected) {
        broken = new StorageException(unexpected.toString(), unexpected);
    }

    /// Why nothing more is taken from a node that did not hold back.
    StorageCongestedException refusal(String doing) {
        return full
                ? new StorageFullException(doing + ": no space left")
                : new StorageBehindException(doing + ": too much waits to be written");
    }
}
