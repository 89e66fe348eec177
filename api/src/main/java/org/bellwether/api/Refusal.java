package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// Why a request was refused. In every case nothing was changed.
public sealed interface Refusal {
    /// The condition did not hold when the command was applied.
    ///
    /// @param current what the key held instead, null if it was absent
    /// @param at      the store's revision at that moment
    record ConditionFailed(@Nullable Versioned current, Revision at) implements Refusal {}

    /// Something is over a limit. @param what names the thing, as in "key" @param unit as in "bytes"
    record OverLimit(String what, long actual, long limit, String unit) implements Refusal {
        @Override
        public String toString() {
            return "%s of %d %s is over the limit of %d".formatted(what, actual, unit, limit);
        }
    }

    /// The request makes no sense, as in an empty key. @param what says it
    record Malformed(String what) implements Refusal {}

    /// The cluster is not in a state in which this could be done safely. @param what says why
    record Conflict(String what) implements Refusal {}

    /// The write that a read was to see was cut off by a failover: it is not in the log, and never will be.
    record Lost(Token write) implements Refusal {}

    /// Whether the write that a read was to see was kept cannot be told any more: the log does not reach so far back.
    ///
    /// @param base the first entry that it could be told of
    record Forgotten(Token write, long base) implements Refusal {}

    /// No room on the disk of the leader: reads go on, writes are refused until space returns.
    record StorageFull(String what) implements Refusal {}

    /// A number could not be added to. @param fault says why
    record Arithmetic(Fault fault) implements Refusal {}

    /// What is wrong with a sum.
    enum Fault {
        /// The key holds something else than an integer of 64 bits.
        NOT_AN_INTEGER,
        /// The sum is no integer of 64 bits.
        OVERFLOW,
        /// The key, or the command, holds something else than a decimal fraction.
        NOT_A_DECIMAL,
        /// The sum is too large, or infinite.
        NOT_FINITE
    }
}
