package org.bellwether.raft;

/// The leader has other entries where this node knows that its own are committed. That cannot be while disks keep what
/// they have synced: a majority of nodes has lost the end of its log, and has elected one of those. This node has what is
/// missing, and must not replace it.
public final class LostEntriesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// @param leaders where the leader's first other entry is
    /// @param committed index up to which this node knows its own to be committed
    LostEntriesException(Position leaders, long committed) {
        super("the leader has lost entries " + leaders.index() + " to " + committed
                + ", which this node has, and knows to be committed: its entry " + leaders.index()
                + " is of term " + leaders.term());
    }
}
