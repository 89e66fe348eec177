package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// What a caller hears: one of five honest answers, and never a sixth but for callers that asked for less ([Accepted]). A false success is a lost
/// write; a false "nothing happened" is a write applied twice. Hence [Unknown] exists, and hence it is
/// given only when nothing better is known.
public sealed interface Outcome {
    /// Of the values that are in it, together.
    default long valueBytes() {
        return switch (this) {
            case Applied applied -> applied.result().valueBytes();
            case Refused(Refusal.ConditionFailed failed) ->
                failed.current() == null ? 0 : failed.current().value().length();
            case Accepted _, Refused _, NotLeader _, Overloaded _, Unknown _ -> 0;
        };
    }

    /// Done. @param at the revision the write made, or the revision at which the read saw the store
    record Applied(Result result, Revision at) implements Outcome {}

    /// On the leader's disk, as [Ack#LEADER] asks: it is applied unless the leader is lost before a majority has it.
    /// @param write where it stands; a read with [Consistency.Including] tells whether it was kept
    record Accepted(Token write) implements Outcome {}

    /// Not done, by decision: a condition, a limit, a right. Asking again gives the same answer until something else has
    /// changed: the key, the list of nodes ([Refusal.Conflict]), the room on a disk ([Refusal.StorageFull]).
    record Refused(Refusal why) implements Outcome {}

    /// Not done: this node does not lead, and could not pass the request on; nothing was appended.
    /// @param leader who leads as far as this node knows, null if nobody is known to
    record NotLeader(@Nullable Member leader) implements Outcome {}

    /// Not done: no room or no readiness now, try later.
    record Overloaded(Busy cause, String what) implements Outcome {}

    /// It may have happened or may yet: it was appended or passed on, then office or connection was lost
    /// or the deadline passed.
    record Unknown(String why) implements Outcome {}

    /// Why a node could not take a request now.
    enum Busy {
        /// A queue is at its bound.
        FULL,
        /// The node is starting and has not yet applied what it knows to be committed.
        NOT_READY,
        /// No leader was found, or the leader could not be asked, before the deadline.
        NO_LEADER
    }
}
