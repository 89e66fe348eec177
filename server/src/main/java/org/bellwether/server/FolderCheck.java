package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.LogCheck;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.rocksdb.RocksConfig;
import org.bellwether.storage.rocksdb.RocksStorage;

/// Reads everything in the folder of a node that is stopped.
public final class FolderCheck {
    private FolderCheck() {}

    /// @param summary  what there is
    /// @param findings every damage, with file and offset; empty if all is well
    public record Report(String summary, List<String> findings) {}

    /// Changes nothing in the log; tables on RocksDB are opened, which may tidy up after a crash.
    ///
    /// @throws StartException if there is no node in the folder, or it is in use
    public static Report run(Path dir) throws StartException {
        if (!Bootstrap.isNode(dir)) throw new StartException("there is no node in " + dir);
        var disk = DataFolder.open(dir);
        try {
            var log = LogCheck.run(disk);
            var findings = new ArrayList<String>();
            for (var finding : log.findings())
                findings.add("log/" + finding);
            var tables = tables(dir.resolve(Tables.FOLDER), findings);
            return new Report(
                    "node %s of cluster %s; the log has %d entries, %d to %d, %d bytes; %s"
                            .formatted(log.identity().node(), log.identity().cluster(),
                                    log.entries(),
                                    log.base() + 1, log.last(), log.bytes(), tables),
                    findings);
        } catch (IOException broken) {
            throw new StartException("cannot check " + dir + ": " + broken.getMessage(), broken);
        } finally {
            DataFolder.close(disk);
        }
    }

    private static String tables(Path folder, List<String> findings) throws IOException {
        if (!Files.exists(folder)) return "no tables yet";
        if (Tables.kindOf(folder) == StorageKind.ROCKSDB) {
            for (var finding : RocksStorage.check(folder, RocksConfig.DEFAULT))
                findings.add("tables/" + finding);
            return "tables on RocksDB";
        }
        try (var tables = new FolderDisk(folder)) {
            return "tables in memory, saved as of entry " + new MemoryStorage(tables).applied();
        } catch (StorageException damaged) {
            findings.add("tables/" + damaged.getMessage());
            return "tables in memory";
        }
    }
}
