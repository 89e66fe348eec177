package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.log.Identity;
import org.bellwether.raft.Membership;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.storage.Slice;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.TableFormat;

/// A majority is lost for good, and one node is left: a new cluster is made of what that one has.
///
/// The old log is put aside first, then the tables become those of a new cluster, then a new log is made. Given again
/// after a crash, the command goes on where it was.
public final class LastResort {
    static final String OLD_LOG = "log.before-recovery";

    private LastResort() {}

    /// @param old       the cluster that is given up
    /// @param fresh     the one that is founded
    /// @param committed entries up to here were known to be committed
    /// @param last      all of these are kept: who knows who was told of them
    public record Summary(ClusterId old, ClusterId fresh, Member self, long revision, long keys,
            long committed, long last) {}

    /// @param whenNone which kind its tables are to be if it has none yet
    /// @throws StartException if there is no node in the folder, it is in use, or something in it is damaged
    public static Summary recover(Path dir, StorageKind whenNone) throws StartException {
        var log = dir.resolve(DataFolder.LOG);
        var old = dir.resolve(OLD_LOG);
        try {
            // A folder without a log in it is what a crash leaves while the new one is made.
            boolean hasLog = Bootstrap.isNode(dir);
            if (hasLog && Files.exists(old)) {
                throw new StartException(old + " is there already: this node was recovered before;"
                        + " move that folder away first");
            }
            if (!hasLog && !Files.exists(old))
                throw new StartException("there is no node in " + dir);
            if (hasLog) {
                // Held by a node that runs, and damage, show before anything is moved.
                try (var node = StoppedNode.open(dir, log, StorageKind.MEMORY)) {
                    TablesOwner.require(dir.resolve(Tables.FOLDER), node.identity.cluster());
                }
                Files.move(log, old, StandardCopyOption.ATOMIC_MOVE);
                DataFolder.sync(dir);
            }
            return makeAnew(dir, old, whenNone);
        } catch (IOException | StorageException | IllegalStateException broken) {
            throw new StartException("cannot recover " + dir + ": " + broken.getMessage(), broken);
        }
    }

    private static Summary makeAnew(Path dir, Path old, StorageKind whenNone)
            throws StartException, IOException {
        Summary summary;
        Membership founding;
        try (var node = StoppedNode.open(dir, old, whenNone)) {
            var storage = node.storage();
            var before = node.foundedAnew();
            if (before == null) {
                // The end of the log, too: some of it may have been acknowledged.
                node.apply(Long.MAX_VALUE);
                founding = Bootstrap.founding(List.of(founder(dir, node)),
                        Membership.VOTERS_TARGET);
                becomeThatOf(founding, storage);
            } else {
                founding = before;
            }
            // Else they would not be those of the log that is made next.
            TablesOwner.write(dir.resolve(Tables.FOLDER), founding.cluster());
            summary = new Summary(node.identity.cluster(), founding.cluster(),
                    founding.members().getFirst(), storage.revision().number(),
                    storage.mark().keys(),
                    node.recovered.commitIndex(), node.recovered.last().index());
        }
        Bootstrap.makeLog(dir, new Identity(summary.self().id(), summary.fresh()),
                founding.bootstrapEntry(), FoundedTables.BASE);
        return summary;
    }

    private static Founder founder(Path dir, StoppedNode node) throws IOException {
        var self = node.lastList().find(node.identity.node());
        if (self == null) {
            var seat = new SeatFile(dir).read(node.identity);
            if (seat == null)
                throw new IOException("its own list of nodes does not have it");
            self = seat.self();
        }
        return new Founder(dir, self.name(), self.http(), self.peer(), self.resp());
    }

    private static void becomeThatOf(Membership founding, Storage storage) {
        try (var all = storage.view(); var restore = storage.restore()) {
            for (var next = Bytes.EMPTY; next != null;) {
                var slice = Slice.read(all, next, TableFormat.BLOCK_BYTES);
                Slice.show(slice.rows(), (key, value) -> {
                    restore.put(key, value);
                    return true;
                });
                next = slice.next();
            }
            FoundedTables.make(founding, storage, restore, storage.mark());
        }
    }
}
