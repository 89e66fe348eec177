package org.bellwether.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What nodes say to each other about the log. Every handler tolerates loss, duplication, reordering and
/// delay. `term` is always the sender's term, except where a record says otherwise.
public sealed interface Message {
    long term();

    /// Answers something, and so may come when nobody waits for it any more.
    sealed interface Reply extends Message {}

    /// "Would you" ([Ballot] untouched), "do you", and "do you, at the leader's own wish".
    enum VoteKind {
        /// Thesis §9.6: asks before it raises the term, so that a node that was cut off disturbs nobody.
        /// `term` is the term the sender *would* campaign in.
        PRE_VOTE, VOTE,
        /// A vote after [TimeoutNow]: voters grant it although they still hear the leader (thesis §3.10).
        TRANSFER
    }

    /// @param last the end of the candidate's log (Raft §5.4.1)
    record VoteRequest(long term, VoteKind kind, Position last) implements Message {}

    /// @param term for a granted pre-vote: the term that was asked for
    record VoteReply(long term, VoteKind kind, boolean granted) implements Reply {}

    /// Raft §5.3.
    ///
    /// @param previous    the position just before `entries`
    /// @param commitIndex how far the leader knows the log to be committed
    record Append(long term, Position previous, List<Entry> entries,
            long commitIndex) implements Message {
        public Append {
            entries = List.copyOf(entries);
        }

        /// The last position this message vouches for.
        public Position last() {
            return entries.isEmpty() ? previous : entries.getLast().position();
        }
    }

    /// The log is committed up to this position. Sent when the commit index has moved and for a tick no append went
    /// out to carry it; not answered. A follower that holds the position holds everything before it (Raft §5.3).
    record Committed(long term, Position through) implements Message {}

    /// The follower's disk holds the leader's log up to here.
    record AppendAck(long term, Position matched) implements Reply {}

    /// The follower does not hold `previous`.
    ///
    /// @param hint the furthest position in the follower's log that may still match: at or before
    ///             `previous`, of a term not above its term (fast back-up, Raft §5.3 end)
    record AppendReject(long term, Position previous, Position hint) implements Reply {}

    /// The leader's log begins after `base` and no longer holds what the follower needs next: a snapshot has to
    /// take its place (Raft §7; how the state itself travels is not the core's business). Answered with an
    /// [AppendAck] once the follower's log reaches there, repeated with the timed heartbeats until then.
    record SnapshotOffer(long term, Position base) implements Message {}

    /// Sent every heartbeat interval and for every read round.
    ///
    /// @param round numbered, never reused within a leader's term: an echo proves that the leader still led
    ///              when the round *started* (Raft §8, thesis §6.4)
    /// @param commitIndex as far as this follower is known to hold the log
    record Heartbeat(long term, long round, long commitIndex) implements Message {
        /// Echoed to a leader of an older term, whose rounds mean nothing any more; rounds begin at 1.
        static final long NO_ROUND = 0;
    }

    /// @param last         end of the sender's log, synced or not: tells the leader of lost appends
    /// @param appliedIndex for the list of nodes
    record HeartbeatReply(long term, long round, Position last,
            long appliedIndex) implements Reply {}

    /// The leader hands over: campaign now, without a pre-vote (thesis §3.10).
    record TimeoutNow(long term) implements Message {}

    /// A replica asks how far it must have applied to serve reads that arrived before it asked.
    ///
    /// @param ticket never reused by its sender but for a repetition, for any copy may be the one that is answered
    record ReadRequest(long term, long ticket) implements Message {}

    /// @param index the leader's commit index, confirmed by a round started after the request arrived;
    ///              null if this node cannot say because it does not lead
    record ReadReply(long term, long ticket, @Nullable Long index) implements Reply {}
}
