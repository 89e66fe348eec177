package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.LogCheck;
import org.bellwether.raft.Membership;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.rocksdb.Inspection;
import org.bellwether.storage.rocksdb.RocksConfig;
import org.bellwether.transport.SnapshotHead;

/// Reads everything in the folder of a node that is stopped, and changes nothing.
public final class FolderCheck {
    private final Path dir;
    private final LogCheck.Report log;
    private final List<String> findings = new ArrayList<>();

    /// @param summary  what there is
    /// @param findings every damage, with file and offset; empty if all is well
    public record Report(String summary, List<String> findings) {}

    /// @param applied how far the log is applied in them
    /// @param origin  of what they were restored from, if they were
    private record Found(String what, long applied, Bytes origin) {}

    private FolderCheck(Path dir, LogCheck.Report log) {
        this.dir = dir;
        this.log = log;
        for (var finding : log.findings())
            findings.add("log/" + finding);
    }

    /// @throws StartException if there is no node in the folder, or it is in use
    public static Report run(Path dir) throws StartException {
        if (!Bootstrap.isNode(dir)) throw new StartException("there is no node in " + dir);
        var disk = DataFolder.open(dir);
        try {
            return new FolderCheck(dir, LogCheck.run(disk)).run();
        } catch (IOException broken) {
            throw new StartException("cannot check " + dir + ": " + broken.getMessage(), broken);
        } finally {
            DataFolder.close(disk);
        }
    }

    private Report run() throws IOException {
        var tables = tables();
        meet(tables);
        return new Report(
                "node %s of cluster %s; %s; %s%s%s"
                        .formatted(log.identity().node(), log.identity().cluster(), entries(),
                                tables.what(), seat(), notes()),
                List.copyOf(findings));
    }

    /// Where a damaged log ends, a start would not find out.
    private String entries() {
        if (!log.findings().isEmpty()) {
            return "of the log %d entries can be read, %d bytes".formatted(log.entries(),
                    log.bytes());
        }
        long entries = log.last() - log.base();
        var range = entries == 0
                ? "and begins behind entry " + log.base()
                : "%d to %d".formatted(log.base() + 1, log.last());
        return "the log has %d entries, %s, %d bytes%s".formatted(entries, range, log.bytes(),
                log.torn() == null
                        ? ""
                        : ", and behind them something that cannot be read: a torn tail, which a start cuts (log/"
                                + log.torn() + ")");
    }

    private Found tables() throws IOException {
        var folder = dir.resolve(Tables.FOLDER);
        var kind = Tables.kindOf(folder);
        if (kind == null) {
            if (Files.exists(folder)) return new Found("no tables yet in tables/", 0, Bytes.EMPTY);
            return new Found("no tables yet", 0, Bytes.EMPTY);
        }
        return switch (kind) {
            case ROCKSDB -> {
                var found = Inspection.of(folder, RocksConfig.DEFAULT);
                for (var finding : found.findings())
                    findings.add("tables/" + finding);
                yield new Found("tables on RocksDB, durable as of entry " + found.mark().applied(),
                        found.mark().applied(), found.origin());
            }
            case MEMORY -> {
                try (var disk = new FolderDisk(folder); var storage = new MemoryStorage(disk)) {
                    yield new Found("tables in memory, saved as of entry " + storage.applied(),
                            storage.applied(), storage.origin());
                } catch (StorageException damaged) {
                    findings.add("tables/" + damaged.getMessage());
                    yield new Found("tables in memory", 0, Bytes.EMPTY);
                }
            }
        };
    }

    /// Each may be sound, and they are still not each other's: then a start refuses them.
    private void meet(Found tables) {
        if (!findings.isEmpty() || !isOfThisCluster(tables)) return;
        if (tables.applied() < log.base()) {
            findings.add("tables/: they have applied entry " + tables.applied()
                    + ", but the log begins at " + (log.base() + 1));
        } else if (tables.applied() > log.last() && !isRestartedBy(tables)) {
            findings.add("tables/: they have applied entry " + tables.applied()
                    + ", but the log ends at " + log.last());
        }
    }

    private boolean isOfThisCluster(Found tables) {
        try {
            var theirs = TablesOwner.read(dir.resolve(Tables.FOLDER));
            if (theirs != null && !theirs.equals(log.identity().cluster())) {
                findings.add("tables/: they are of cluster " + theirs);
                return false;
            }
        } catch (IOException damaged) {
            findings.add("tables/" + TablesOwner.NAME + ": " + damaged.getMessage());
        }
        if (tables.origin().equals(Bytes.EMPTY)) return true;
        try {
            var origin = SnapshotHead.decode(tables.origin());
            var theirs = Membership.decode(origin.membership().payload()).cluster();
            if (theirs.equals(log.identity().cluster())) return true;
            findings.add("tables/: they are of cluster " + theirs);
        } catch (IllegalArgumentException damaged) {
            findings.add("tables/: their origin cannot be read: " + damaged.getMessage());
        }
        return false;
    }

    /// A node that died while a snapshot was installed: the next start has the log begin anew.
    private static boolean isRestartedBy(Found tables) {
        return !tables.origin().equals(Bytes.EMPTY) && SnapshotHead.decode(tables.origin())
                .position().index() == tables.applied();
    }

    private String seat() {
        if (!Files.exists(dir.resolve(SeatFile.SEAT))) return "";
        try {
            return new SeatFile(dir).read(log.identity()) == null
                    ? "; its seat does not have it"
                    : "; a seat";
        } catch (IOException | IllegalArgumentException damaged) {
            findings.add(SeatFile.SEAT + ": " + damaged.getMessage());
            return "; a seat";
        }
    }

    /// What is not damaged, but worth knowing.
    private String notes() throws IOException {
        var notes = new StringBuilder();
        int kept = EvidenceFolder.countIn(dir);
        if (kept > 0) {
            notes.append("; wrong tables of earlier times in ").append(EvidenceFolder.NAME)
                    .append("/: ").append(kept);
        }
        if (Files.exists(dir.resolve(LastResort.OLD_LOG)))
            notes.append("; the log before a recovery in ").append(LastResort.OLD_LOG).append('/');
        if (DataFolder.wasRemoved(dir))
            notes.append("; the node was removed from its cluster, and is not started any more");
        return notes.toString();
    }
}
