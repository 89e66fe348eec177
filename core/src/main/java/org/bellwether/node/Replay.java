package org.bellwether.node;

import java.io.IOException;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterId;
import org.bellwether.log.LogStore;
import org.bellwether.log.Recovered;
import org.bellwether.machine.Machine;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.storage.Storage;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// Log and tables of a node that does not run, brought together as its start would do it.
public final class Replay {
    private static final int READ_BYTES = 1 << 20;

    private Replay() {}

    /// What the tables are of, if the log has to begin anew there: a snapshot was installed, and then the node died.
    /// Null if it does not.
    ///
    /// @throws StrangeTablesException if they are another cluster's
    static @Nullable SnapshotHead aheadOf(Recovered recovered, Storage storage) {
        if (storage.origin().equals(Bytes.EMPTY)) return null;
        var origin = SnapshotHead.decode(storage.origin());
        var ours = clusterOf(recovered.memberships().getFirst());
        var theirs = clusterOf(origin.membership());
        if (!ours.equals(theirs)) {
            throw new StrangeTablesException("the tables are of cluster " + theirs
                    + ", and the log is of cluster " + ours);
        }
        boolean ahead = origin.position().index() > recovered.base().index()
                && !recovered.holds(origin.position());
        return ahead ? origin : null;
    }

    private static ClusterId clusterOf(Entry membership) {
        return Membership.decode(membership.payload()).cluster();
    }

    /// @throws StrangeTablesException if these are not this log's tables
    static void requireMeeting(Recovered recovered, Storage storage) {
        if (storage.applied() < recovered.base().index()) {
            throw new StrangeTablesException("the tables have applied entry " + storage.applied()
                    + ", but the log begins after " + recovered.base()
                    + ": they are not this log's tables");
        }
    }

    /// @throws StrangeTablesException if they have applied what the log does not have
    static void requireReaching(Recovered recovered, Storage storage) {
        if (storage.applied() > recovered.last().index()) {
            throw new StrangeTablesException("the tables have applied entry " + storage.applied()
                    + ", but the log ends at " + recovered.last());
        }
    }

    /// Applies what the tables lack of the log, as far as it goes or to `through`. Nothing is made durable.
    ///
    /// @param log is open
    /// @throws StrangeTablesException if these are not this log's tables
    public static void apply(LogStore log, Recovered recovered, Storage storage, long through)
            throws IOException {
        if (aheadOf(recovered, storage) != null) return;
        requireMeeting(recovered, storage);
        var machine = new Machine(storage);
        long end = Math.min(through, recovered.last().index());
        while (storage.applied() < end) {
            for (var entry : log.read(storage.applied() + 1, READ_BYTES)) {
                if (entry.index() > end) break;
                if (entry.kind() == Entry.Kind.COMMANDS)
                    machine.apply(entry.index(), entry.payload());
                else
                    machine.pass(entry.index());
            }
        }
    }
}
