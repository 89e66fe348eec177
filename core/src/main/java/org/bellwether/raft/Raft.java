package org.bellwether.raft;

import java.util.List;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// The consensus core (being written).
public class Raft {
    private final NodeId self;

    public Raft(NodeId self, RaftConfig config, Dice dice, Ballot ballot, List<Position> termStarts,
            Position last, long commitIndex, List<Entry> tail, List<Entry> memberships) {
        this.self = self;
    }

    public Effects step(Event event) {
        throw new UnsupportedOperationException(self + " " + event);
    }

    /// Whether a [Event.Propose] would be taken now: leads, hands nothing over, has room.
    public boolean acceptsProposals() {
        return false;
    }

    public boolean leads() {
        return false;
    }

    public @Nullable NodeId leader() {
        return null;
    }

    public long term() {
        return 0;
    }

    public Ballot ballot() {
        return Ballot.INITIAL;
    }

    /// Committed as far as this node knows.
    public long commitIndex() {
        return 0;
    }

    /// Handed out for applying: committed and synced here.
    public long appliedIndex() {
        return 0;
    }

    /// The end of the log, synced or not.
    public Position last() {
        return Position.NONE;
    }

    /// Term of the entry at this index; 0 for index 0.
    /// @throws IllegalArgumentException if the log does not reach there
    public long termAt(long index) {
        return 0;
    }

    /// The list of nodes in effect: the last one in the log, committed or not.
    public Membership membership() {
        throw new UnsupportedOperationException();
    }
}
