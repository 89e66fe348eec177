package org.bellwether.api;

/// The leader has other entries where this node knows that its own are committed. That cannot be while disks keep what
/// they have synced: a majority of nodes has lost the end of its log, and has elected one of those. This node has what is
/// missing, and must not replace it.
public final class LostEntriesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// @param index     of the leader's first other entry
    /// @param term      that it is of
    /// @param committed index up to which this node knows its own to be committed
    public LostEntriesException(long index, long term, long committed) {
        super("the leader has lost entries " + index + " to " + committed + ", which this node has,"
                + " and knows to be committed: its entry " + index + " is of term " + term);
    }
}
