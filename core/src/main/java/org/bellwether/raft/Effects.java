package org.bellwether.raft;

import java.util.List;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// What one step wants done. The order of the components is the proof that a node never promises what
/// its disk has not kept: whatever speaks for the disk waits in `sendWhenSynced`.
///
/// @param sendNow        promises nothing about our disk: appends, heartbeats, refusals
/// @param persist        one group for the disk; null if there is nothing to keep
/// @param sendWhenSynced vote requests, votes, acks: leave, in order, when that group *and every group before
///                       it* is synced (with no group of its own: when all before it are)
/// @param committed      committed and synced here: apply in order, exactly once, before serving reads
/// @param readableThrough reads with this ticket and every lower one may be served from the state as
///                       applied after `committed`; 0 if none is released. One that no leader confirms is
///                       never released: whoever asked gives up at its deadline
/// @param fetch          read these from the log's medium and answer with [Event.Fetched]
/// @param appended       position of the last entry proposed in this step; null if none
/// @param snapshotFrom   fetch a snapshot from this node, unless that is under way, and answer with
///                       [Event.Installed]; asked for again and again until then. Null if none is needed
public record Effects(List<Envelope> sendNow, @Nullable Persist persist,
        List<Envelope> sendWhenSynced, List<Entry> committed, long readableThrough,
        List<Fetch> fetch, @Nullable Position appended, @Nullable NodeId snapshotFrom) {

    /// Entries that a follower needs and memory no longer holds. One is under way per follower.
    public record Fetch(NodeId peer, long fromIndex, int bytesMax) {}
}
