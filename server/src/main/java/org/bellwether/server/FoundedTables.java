package org.bellwether.server;

import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.transport.SnapshotHead;

/// Tables that a new cluster begins with: of a backup, or of the one node that is left of another cluster.
final class FoundedTables {
    /// The new cluster's log begins behind this: so that no newcomer takes the log alone for the whole.
    static final Position BASE = new Position(1, 2);

    private FoundedTables() {}

    /// Makes them of these rows, durable, in place of what is in the storage.
    ///
    /// @param mark of the tables that the rows are of
    static void make(Membership founding, Storage storage, Restore rows, Mark mark) {
        var begin = mark.at(BASE.index());
        rows.finish(begin, new SnapshotHead(BASE.term(), founding.bootstrapEntry(), begin)
                .encode());
        storage.install(rows);
        try (var now = storage.view()) {
            storage.flush(now);
        }
    }
}
