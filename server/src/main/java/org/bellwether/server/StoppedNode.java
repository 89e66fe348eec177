package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Path;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.Recovered;
import org.bellwether.log.SegmentedLog;
import org.bellwether.node.Replay;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.storage.Storage;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// The folder of a node that is not running, opened to be read.
final class StoppedNode implements AutoCloseable {
    private final FolderDisk disk;
    private final SegmentedLog log;
    private final Tables tables;
    final Identity identity;
    final Recovered recovered;

    private StoppedNode(FolderDisk disk, SegmentedLog log, Identity identity, Recovered recovered,
            Tables tables) {
        this.disk = disk;
        this.log = log;
        this.identity = identity;
        this.recovered = recovered;
        this.tables = tables;
    }

    /// @param logFolder where its log is
    /// @param whenNone  which kind its tables are to be if it has none yet
    /// @throws StartException if there is none, it is in use, or something in it is damaged
    static StoppedNode open(Path dir, Path logFolder, StorageKind whenNone)
            throws StartException {
        FolderDisk disk = null;
        try {
            disk = new FolderDisk(logFolder);
            var identity = SegmentedLog.identify(disk);
            var log = new SegmentedLog(disk, LogConfig.DEFAULT, identity);
            Recovered recovered;
            try (var _ = Tables.reserve(dir)) {
                recovered = log.open();
            }
            DataFolder.warnOfTornTail(disk, log);
            var kind = Tables.kindOf(dir.resolve(Tables.FOLDER));
            var tables = Tables.open(dir, kind == null ? whenNone : kind);
            return new StoppedNode(disk, log, identity, recovered, tables);
        } catch (IOException broken) {
            if (disk != null) DataFolder.close(disk);
            throw new StartException("cannot read the node in " + dir + ": " + broken.getMessage(),
                    broken);
        } catch (StartException refused) {
            if (disk != null) DataFolder.close(disk);
            throw refused;
        }
    }

    Storage storage() {
        return tables.storage();
    }

    /// Applies the log to the tables, in memory; what is durable stays as it is.
    void apply(long through) throws IOException {
        Replay.apply(log, recovered, storage(), through);
    }

    /// What its tables are of now.
    SnapshotHead head() {
        var storage = storage();
        return new SnapshotHead(positionOf(storage.applied()).term(), membership(),
                storage.mark());
    }

    private Position positionOf(long applied) {
        Position start = recovered.base();
        for (var each : recovered.termStarts()) {
            if (each.index() <= applied) start = each;
        }
        return new Position(start.term(), applied);
    }

    /// The last list of nodes that the tables have passed.
    private Entry membership() {
        Entry last = recovered.memberships().getFirst();
        for (var entry : recovered.memberships()) {
            if (entry.index() <= storage().applied()) last = entry;
        }
        return last;
    }

    /// As far as this node can know by itself. The sole voter needs nobody else to know it.
    long committedThrough() {
        var list = lastList();
        boolean alone = list.voters().size() == 1 && list.isVoter(identity.node());
        return alone ? recovered.last().index() : recovered.commitIndex();
    }

    /// The last list that this node has heard of, be it in effect or not.
    Membership lastList() {
        return Membership.decode(recovered.memberships().getLast().payload());
    }

    /// If the tables are of a snapshot of another cluster, the list that it was founded with.
    @Nullable
    Membership foundedAnew() {
        if (storage().origin().length() == 0) return null;
        var list = Membership.decode(
                SnapshotHead.decode(storage().origin()).membership().payload());
        return list.cluster().equals(identity.cluster()) ? null : list;
    }

    @Override
    public void close() throws IOException {
        try {
            log.close();
        } finally {
            tables.close();
            DataFolder.close(disk);
        }
    }
}
