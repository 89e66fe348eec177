package org.bellwether.api;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A change to the store, or to the cluster that keeps it. Every command is applied by every node in the same
/// order.
public sealed interface Command {
    /// What changes the tables by itself, or as a step of a transaction.
    sealed interface Plain extends Command, Step {}

    /// A command on one key that nothing but its condition can keep from being done; so a batch may hold it.
    sealed interface Single extends Plain {
        Bytes key();

        Condition condition();
    }

    /// Sets a key to a value. Answered with [Result.Written], or if asked for, with [Result.Before].
    ///
    /// @param givesBack whether the answer is what the key held
    record Put(Bytes key, Bytes value, Condition condition, Expiry expiry,
            boolean givesBack) implements Single {
        public Put(Bytes key, Bytes value) {
            this(key, value, Condition.ALWAYS);
        }

        /// It stays from then on.
        public Put(Bytes key, Bytes value, Condition condition) {
            this(key, value, condition, Expiry.NEVER, false);
        }
    }

    /// Removes a key; removing an absent key applies and changes nothing. Answered with [Result.Deleted], or if
    /// asked for, with [Result.Before].
    ///
    /// @param givesBack whether the answer is what the key held
    record Delete(Bytes key, Condition condition, boolean givesBack) implements Single {
        public Delete(Bytes key) {
            this(key, Condition.ALWAYS);
        }

        public Delete(Bytes key, Condition condition) {
            this(key, condition, false);
        }
    }

    /// Several commands as one: all are applied, at one revision, or none is. Conditions see the state
    /// before the batch; a later command on the same key overwrites an earlier one.
    /// Answered with [Result.Batch], refused as a whole. Its commands give nothing back.
    record Batch(List<Single> commands) implements Plain {
        public Batch {
            commands = List.copyOf(commands);
        }
    }

    /// Makes a new value of the one that is there, which expires when the old one would have. Answered as the
    /// [Amendment] says.
    record Edit(Bytes key, Amendment how, Condition condition) implements Plain {
        public Edit(Bytes key, Amendment how) {
            this(key, how, Condition.ALWAYS);
        }
    }

    /// Says when a key expires, which is a write like any other: it takes a revision. Of an absent key
    /// nothing is changed. Answered with [Result.Timed], or if asked for, with [Result.Before].
    ///
    /// @param givesBack whether the answer is what the key held
    record Expire(Bytes key, Expiry expiry, When when, boolean givesBack) implements Plain {
        public Expire(Bytes key, Expiry expiry, When when) {
            this(key, expiry, when, false);
        }

        /// For which keys it is done. One that stays counts as one that expires later than any other.
        public enum When {
            ALWAYS,
            /// It stays so far.
            STAYS,
            /// It expires so far.
            EXPIRES,
            /// The new end is later than the one it has.
            LATER,
            /// The new end is earlier than the one it has.
            EARLIER,
            /// It expires so far, and later than at the new end.
            EXPIRES_EARLIER
        }
    }

    /// Gives what one key holds, and when it expires, to another; the first is absent then. From and to the same
    /// key, nothing is changed. Answered with [Result.Written] for the other; refused with
    /// [Refusal.ConditionFailed]: that holds what the other is if it must not be replaced, and nothing if
    /// there is nothing to be given.
    ///
    /// @param replaces whether the other may be there already
    record Rename(Bytes from, Bytes to, boolean replaces) implements Plain {}

    /// As [Rename], but the first stays as it is.
    record Copy(Bytes from, Bytes to, boolean replaces) implements Plain {}

    /// Removes every key, at once. Answered with [Result.Done].
    record Clear() implements Plain {}

    /// Commands and reads as one: if all that is watched is as it was, each is performed, in order and with
    /// nothing in between, and sees those before it. One that is refused keeps none of the others from being done.
    /// Answered with [Result.Steps]; refused with [Refusal.ConditionFailed] if something that is watched has changed.
    record Transaction(List<Watch> watches, List<Step> steps) implements Command {
        public Transaction {
            watches = List.copyOf(watches);
            steps = List.copyOf(steps);
        }
    }

    /// A change to the list of all nodes, or to who leads. The leader makes them one at a time; each is
    /// done when it is committed.
    sealed interface Change extends Command {}

    /// A newcomer asks in. It gets its ID and learns until it is level; whether it becomes a voter is the
    /// leader's to decide. Answered with [Result.Joined].
    ///
    /// @param nonce made by the newcomer and kept: asking twice with the same one joins once
    /// @param name  short, for people; empty to be given one
    record Join(UUID nonce, String name, Address peer, Address http) implements Change {}

    /// Takes a node out of the list, for ever: it is told so and stops. Answered with [Result.Done].
    record Remove(NodeId node) implements Change {}

    /// A node says where it is reached from now on. Answered with [Result.Done].
    record Move(NodeId node, Address peer, Address http, RespAddresses resp) implements Change {
        public Move(NodeId node, Address peer, Address http) {
            this(node, peer, http, RespAddresses.NONE);
        }
    }

    /// How many voters the leader is to strive for. Answered with [Result.Done].
    record SetVoters(int target) implements Change {}

    /// Whether leaders may serve reads by lease. Answered with [Result.Done].
    record SetLeaseReads(boolean on) implements Change {}

    /// Hands leadership over. Answered with [Result.Done].
    ///
    /// @param to whom; null for the voter that is furthest
    record Transfer(@Nullable NodeId to) implements Change {}
}
