package org.bellwether.raft;

import java.util.List;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Everything that can happen to a [Raft].
public sealed interface Event {
    /// One tick of time has passed. The core has no other clock.
    record Tick() implements Event {}

    record Received(NodeId from, Message message) implements Event {}

    /// Append these payloads, one entry each. Only to a leader that [Raft#acceptsProposals].
    record Propose(List<byte[]> payloads) implements Event {}

    /// Append this list of nodes; it is in effect at once (thesis §4.1). Only to a leader that
    /// [Raft#acceptsReconfiguration], and only with one voter more or less than now.
    record Reconfigure(Membership next) implements Event {}

    /// Release this ticket when a linearizable read may be served. Tickets rise and are never reused.
    record Read(long ticket) implements Event {}

    /// The disk has kept a group.
    record DiskSynced(Synced synced) implements Event {}

    /// A link from this peer was opened; what was under way on an older one is lost.
    record Connected(NodeId peer) implements Event {}

    /// The link from this peer has closed: a hint that its process is gone (a link replaced by a newer one
    /// is none, and is not reported).
    record Disconnected(NodeId peer) implements Event {}

    /// What [Effects#fetch] asked for, in order and without gaps; empty if the log no longer holds it.
    record Fetched(NodeId peer, List<Entry> entries) implements Event {}

    /// The log's medium has lost its beginning; entries up to `base` were handed out before.
    record Cut(Position base) implements Event {}

    /// The state as of `base` was installed, and is durable: the log needs to hold nothing before it, and what is
    /// handed out goes on behind it.
    ///
    /// @param membership the entry with the list of nodes in effect at `base`
    record Installed(Position base, Entry membership) implements Event {}

    /// Whether the log has room for an entry by which an office begins; until told otherwise it has. Without, this node
    /// does not campaign.
    record RoomToLead(boolean has) implements Event {}

    /// Tell those followers what is committed that were not even told of this index. Every tick does so for all that is
    /// committed; this is for whoever can tell the time more exactly, see [Raft#hasNews].
    record Announce(long index) implements Event {}

    /// Hand leadership over. @param to whom; null for the most up-to-date voter
    record Transfer(@Nullable NodeId to) implements Event {}
}
