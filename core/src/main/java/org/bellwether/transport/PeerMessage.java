package org.bellwether.transport;

import java.util.List;
import java.util.Set;
import org.bellwether.api.Ack;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.raft.Message;
import org.bellwether.raft.Position;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// Everything one node can say to another.
public sealed interface PeerMessage {
    /// About the log. May be lost, doubled, delayed and reordered without harm.
    record Consensus(Message message) implements PeerMessage {}

    /// Writes that a node's clients handed to it and that only the leader can order. Never repeated by its
    /// sender: what was sent and not answered is *unknown*.
    ///
    /// @param id            names this message in the answer; never reused by its sender
    /// @param hops          how often these writes were passed on, this time included
    /// @param timeoutMillis what is left of the shortest of the callers' timeouts
    /// @param ack           what all of them wait for
    /// @param commands      encoded, one by one, as the log will carry them
    record Forward(long id, int hops, int timeoutMillis, Ack ack,
            List<byte[]> commands) implements PeerMessage {}

    /// Outcomes of writes of a [Forward], as soon as each is known, in any order.
    ///
    /// @param id the forward's
    record Forwarded(long id, List<Answer> answers) implements PeerMessage {}

    /// @param index which of the forward's commands this is the outcome of
    record Answer(int index, Outcome outcome) {}

    /// By which all know how all are.
    sealed interface OfNodes extends PeerMessage {}

    /// The leader's knowledge of how every node is, for their lists of nodes.
    ///
    /// @param verdict null while there is none, or if the leader's own tables are not the right ones
    record Census(long term, long commitIndex, List<Heard> nodes,
            @Nullable Verdict verdict) implements OfNodes {}

    /// What a node tells its leader of itself, now and then.
    ///
    /// @param versionMax the newest version of the state machine's rules that it knows
    /// @param newest     what its tables came to at the last marker; null if it has applied none in this life
    /// @param speaks     whether it reads [Health], [Healths] and [Doubt]: a program that does not would close the link.
    ///                   A leader that sends one of them reads them, too
    record Report(int versionMax, @Nullable Marked newest, boolean speaks) implements PeerMessage {}

    /// How the sender's disk is. To a leader that reads it.
    ///
    /// @param unsyncedMillis since it was given what it has not made durable yet; 0 if there is nothing
    /// @param full           whether it takes no more of what is not kept room for
    record Health(int unsyncedMillis, boolean full) implements OfNodes {}

    /// How every node is, as the leader sees it. To nodes that read it.
    record Healths(List<Seen> nodes) implements OfNodes {}

    /// @param lagBytes of entries that it has not applied; -1 if that cannot be told
    record Seen(NodeId node, long lagBytes, Set<Trouble> troubles) {}

    /// What this node's tables hold is not what they say that they hold: somebody has fetched them in vain. To a leader
    /// that reads it, and from there to the node itself.
    record Doubt(NodeId whose) implements OfNodes {}

    /// What a node's tables came to when it had applied a marker.
    record Marked(Position at, Totals totals) {}

    /// What tables come to at a marker, by the word of a majority of the voters.
    ///
    /// @param right null if all voters have spoken, and no majority agrees
    record Verdict(Position at, @Nullable Totals right) {}

    /// Something that was published on the sender, for whoever listens here. May be lost.
    record Published(byte[] channel, byte[] message) implements PeerMessage {}

    /// By which a node gets another's state.
    sealed interface OfSnapshot extends PeerMessage {}

    /// Asks for a part of a snapshot: 0 for its head, then its slices, from 1 on, one after the other. Who asks
    /// decides how fast it comes, and asks again when no answer does.
    ///
    /// @param transfer names the whole; never reused by its sender
    record SnapshotRequest(long transfer, int part) implements OfSnapshot {}

    /// A transfer begins.
    record SnapshotBegin(long transfer, SnapshotHead head) implements OfSnapshot {}

    /// @param rows keys with their values, in order, as the storage encodes them
    /// @param last whether no more come
    record SnapshotSlice(long transfer, int part, boolean last,
            byte[] rows) implements OfSnapshot {}

    /// The snapshot is not kept any more: another transfer has to begin.
    record SnapshotGone(long transfer) implements OfSnapshot {}

    /// @param sinceMillis how long ago the leader heard it; -1 for never
    /// @param catchUp     null if it is not far behind
    record Heard(NodeId node, long appliedIndex, long sinceMillis, @Nullable CatchUp catchUp) {}
}
