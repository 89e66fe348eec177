package org.bellwether.storage.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.StorageDamagedException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileWriter;

/// Keys that come in order need no memtables and no compactions: they are written straight into sorted
/// files, which a new database then takes over.
final class RocksRestore implements Restore {
    private static final long PART_BYTES = 64 << 20;
    private static final String PARTS = "parts";

    private final RocksStorage owner;
    private final long number;
    private final Path folder;
    private final List<String> parts = new ArrayList<>();
    private final EnvOptions environment = new EnvOptions();
    private final Options options;
    private @Nullable SstFileWriter part;
    private long partBytes;
    private @Nullable Bytes last;
    private @Nullable Database database;
    private boolean finishing;
    private boolean finished;
    private boolean ended;

    RocksRestore(RocksStorage owner, long number, Path folder, Options options) {
        this.owner = owner;
        this.number = number;
        this.folder = folder;
        this.options = options;
        try {
            Files.createDirectories(folder.resolve(PARTS));
        } catch (IOException failed) {
            close();
            throw Failures.translate("cannot restore into " + folder, failed);
        }
    }

    @Override
    public synchronized void put(Bytes key, Versioned value) {
        requireFilling();
        if (last != null && key.compareTo(last) <= 0) {
            throw new IllegalArgumentException("key " + key + " does not come after " + last);
        }
        try {
            var into = part;
            if (into == null || partBytes >= PART_BYTES) into = nextPart();
            var row = Rows.value(value);
            into.put(Rows.key(key), row);
            partBytes += key.length() + row.length;
            if (value.expires() != Versioned.NEVER)
                database().putExpiry(new Expiry(value.expires(), key));
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot restore into " + folder, failed);
        }
        last = key;
    }

    private SstFileWriter nextPart() throws RocksDBException {
        endPart();
        var path = folder.resolve(PARTS).resolve("%08d.sst".formatted(parts.size())).toString();
        var next = new SstFileWriter(environment, options);
        part = next;
        next.open(path);
        parts.add(path);
        partBytes = 0;
        return next;
    }

    private void endPart() throws RocksDBException {
        var ending = part;
        if (ending == null) return;
        part = null;
        try (ending) {
            ending.finish();
        }
    }

    @Override
    public synchronized void finish(Mark mark, Bytes origin) {
        requireFilling();
        finishing = true;
        try {
            endPart();
        } catch (RocksDBException failed) {
            throw Failures.translate("cannot restore into " + folder, failed);
        }
        for (var each : parts)
            requireWhole(each);
        database().ingest(parts, mark, origin);
        try {
            TablesFolder.removeAll(folder.resolve(PARTS)); // emptied: its files have moved
        } catch (IOException failed) {
            throw Failures.translate("cannot tidy up " + folder, failed);
        }
        finished = true;
    }

    /// RocksDB takes files over without a look at them, and what was told to be the whole state is only what was written.
    private void requireWhole(String path) {
        try (var reader = new SstFileReader(options)) {
            reader.open(path);
            reader.verifyChecksum();
        } catch (RocksDBException bad) {
            var told = Failures.translate("what was restored cannot be read back", bad);
            throw new StorageDamagedException(String.valueOf(told.getMessage()), bad);
        }
    }

    /// Made when it is first needed: rows about expiry do not come in their order.
    private Database database() {
        var made = database;
        if (made == null) {
            made = owner.open(number, true);
            database = made;
        }
        return made;
    }

    private void requireFilling() {
        if (ended || finishing) throw new IllegalStateException("the restore has ended");
    }

    /// For the install: once.
    synchronized Database take(RocksStorage by) {
        if (by != owner) throw new IllegalStateException("this restore is of another storage");
        var taken = database;
        if (taken == null || !finished || ended) {
            throw new IllegalStateException("this restore is not finished, or has ended");
        }
        ended = true;
        database = null;
        letGo();
        return taken;
    }

    private void letGo() {
        options.close();
        environment.close();
        owner.references.release();
    }

    @Override
    public synchronized void close() {
        if (ended) return;
        ended = true;
        if (part != null) part.close();
        if (database != null) database.references.release();
        try {
            owner.folder().remove(number);
        } finally {
            letGo();
        }
    }
}
