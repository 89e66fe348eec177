package org.bellwether.server.resp;

import org.jspecify.annotations.Nullable;

/// What a command does, and beside what it may be done.
///
/// A connection sees what it has done itself, in the order in which it asked for it. So reads start when the
/// writes before them are answered, writes when the reads before them are, and everything else when nothing
/// is under way. Writes in a row start together, and end up in one log entry; reads in a row share one
/// question to the leader.
sealed interface Action {
    /// Answered at once, by this connection's own state or this node's.
    record AtOnce(Answer answer) implements Action {}

    /// Takes its time, and nothing is done beside it.
    ///
    /// @param within what is answered instead within a transaction, where nothing may take its time; null if it
    ///               cannot be a part of one
    record Alone(Task task, @Nullable Answer within) implements Action {}

    record Reads(Plan.Maker plan) implements Action {}

    /// @param bare what it is without any option, if it writes nothing then; null if it always may
    record Writes(Plan.Maker plan, @Nullable Reads bare) implements Action {}

    /// Writes one reply.
    @FunctionalInterface
    interface Answer {
        /// @throws CommandError instead of a reply; nothing was written then
        void give(Session session, Arguments arguments, RespWriter out);
    }

    /// Has the call answered, now or later, once.
    @FunctionalInterface
    interface Task {
        /// @throws CommandError instead of an answer
        void start(Call call);
    }
}
