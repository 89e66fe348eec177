package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.storage.Mark;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.Totals;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileReader;

/// Tables that nobody uses, read without changing them.
///
/// @param mark     how far the log is applied in them; [Mark#NONE] if that cannot be read, or there are none
/// @param origin   as [org.bellwether.storage.Storage#origin] gives it
/// @param findings what is wrong, with the names of files and, where RocksDB tells it, the offset; empty if nothing is
public record Inspection(Mark mark, Bytes origin, List<String> findings) {

    /// Reads every file.
    public static Inspection of(Path folder, RocksConfig config) {
        try (var tables = new TablesFolder(folder)) {
            NativeLibrary.load(tables.path());
            if (tables.active() == 0) return new Inspection(Mark.NONE, Bytes.EMPTY, List.of());
            return of(tables, config);
        } catch (StorageException damaged) {
            return failed(damaged);
        }
    }

    private static Inspection of(TablesFolder tables, RocksConfig config) {
        var state = tables.state(tables.active());
        try (var tuning = new Tuning(config);
                var options = tuning.options();
                var db = RocksDB.openReadOnly(options, state.toString())) {
            var findings = damage(db, options);
            var markRow = db.get(Rows.markKey());
            if (markRow == null) throw new StorageDamagedException("no mark in " + state);
            var mark = Rows.mark(markRow);
            var origin = db.get(Rows.originKey());
            if (findings.isEmpty() && !Rows.isMarkWithoutDigest(markRow)) {
                var found = totals(db);
                if (!found.equals(mark.totals()))
                    findings.add("there are " + found + ", where the mark says " + mark.totals());
            }
            return new Inspection(mark, origin == null ? Bytes.EMPTY : Bytes.wrap(origin),
                    List.copyOf(findings));
        } catch (RocksDBException damaged) {
            return failed(Failures.translate("cannot read " + state, damaged));
        }
    }

    private static Inspection failed(StorageException damaged) {
        return new Inspection(Mark.NONE, Bytes.EMPTY,
                List.of(String.valueOf(damaged.getMessage())));
    }

    /// Reads every sorted file by itself, so that one that is damaged does not hide another.
    private static List<String> damage(RocksDB db, Options options) {
        var findings = new ArrayList<String>();
        for (var file : db.getLiveFilesMetaData()) {
            try (var reader = new SstFileReader(options)) {
                reader.open(file.path() + file.fileName());
                reader.verifyChecksum();
            } catch (RocksDBException damaged) {
                findings.add(file.fileName().substring(1) + ": "
                        + Failures.translate("it cannot be read", damaged).getMessage());
            }
        }
        return findings;
    }

    private static Totals totals(RocksDB db) throws RocksDBException {
        var sum = new Totals.Sum();
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seek(Rows.key(Bytes.EMPTY)); rows.isValid() && Rows.isKey(rows.key()); rows
                    .next())
                sum.add(Rows.key(rows.key()), Rows.value(rows.value()));
            rows.status();
        }
        return sum.totals();
    }
}
