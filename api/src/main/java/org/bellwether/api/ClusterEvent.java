package org.bellwether.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened in the cluster, as one node saw it. Each node remembers its latest
/// [Limits#EVENTS_MAX]; another node may have seen them in another order, or not at all.
///
/// @param number counts this node's events since it was started, from 1
/// @param time   by the wall clock of this node, for people only: clocks differ, and may be set back. Null for
///               what was learned from the log later than it happened
/// @param node   whom it is about, if it is about one
/// @param term   this node's term at that moment, or the term of the log entry that tells of it
/// @param index  of the log entry that tells of it; 0 if none does
/// @param text   a sentence without a full stop
public record ClusterEvent(long number, @Nullable Instant time, Kind kind, @Nullable NodeId node,
        long term, long index, String text) {

    public enum Kind {
        LEADER_ELECTED,
        /// This node knows no leader any more.
        LEADER_LOST,
        /// A learner, until it is promoted.
        NODE_JOINED,
        /// It votes from now on.
        NODE_PROMOTED,
        /// It has lost its vote, and goes on as a read replica.
        NODE_DEMOTED, NODE_REMOVED,
        /// It is reached at other addresses.
        NODE_MOVED, VOTERS_TARGET_CHANGED,
        /// Whether leaders may serve reads by lease.
        LEASE_READS_CHANGED,
        /// This node leads, and takes a voter out that was silent for too long.
        VOTER_DEAD,
        /// This node leads, and sees another far behind.
        CATCHING_UP,
        /// It is not any more.
        LEVEL,
        /// This node leads, and finds something wrong with another, or with itself: [ClusterView.Trouble].
        NODE_TROUBLED,
        /// That has passed.
        NODE_WELL,
        /// This node's state was replaced by one that another sent.
        SNAPSHOT_INSTALLED,
        /// What another sent is not what it had announced.
        SNAPSHOT_REFUSED,
        /// A node's tables are not what a majority of the voters has.
        STATE_DIVERGED,
        /// The voters' tables differ, and no majority agrees.
        STATE_UNDECIDED,
        /// Where this node's wrong tables were kept.
        EVIDENCE_KEPT,
        /// This node's tables are the majority's again.
        STATE_REPAIRED,
        /// Writes that this node had acknowledged alone, as their callers asked, were cut off by a later leader.
        WRITES_LOST,
        /// This node leads, and another lacks entries that it had acknowledged as being on its disk. It gets them again.
        ENTRIES_FORGOTTEN,
        /// What this node had in its log when it was started was cut off by a later leader. No majority had it; but
        /// the node may have acknowledged writes in it alone, if their callers asked for that.
        TAIL_REPLACED,
        /// From this entry on, commands change the state by newer rules.
        STATE_MACHINE_RAISED
    }
}
