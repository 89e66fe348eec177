package org.bellwether.api;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A change to the store, or to the cluster that keeps it. Every command is applied by every node in the same
/// order.
public sealed interface Command {
    /// A command on one key.
    sealed interface Single extends Command {
        Bytes key();

        Condition condition();
    }

    /// Sets a key to a value. Answered with [Result.Written].
    record Put(Bytes key, Bytes value, Condition condition) implements Single {
        public Put(Bytes key, Bytes value) {
            this(key, value, Condition.ALWAYS);
        }
    }

    /// Removes a key; removing an absent key applies and changes nothing. Answered with [Result.Deleted].
    record Delete(Bytes key, Condition condition) implements Single {
        public Delete(Bytes key) {
            this(key, Condition.ALWAYS);
        }
    }

    /// Several commands as one: all are applied, at one revision, or none is. Conditions see the state
    /// before the batch; a later command on the same key overwrites an earlier one.
    /// Answered with [Result.Batch], refused as a whole.
    record Batch(List<Single> commands) implements Command {
        public Batch {
            commands = List.copyOf(commands);
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
    ///
    /// @param resp null if Redis clients do not reach it
    record Move(NodeId node, Address peer, Address http, @Nullable Address resp) implements Change {
        public Move(NodeId node, Address peer, Address http) {
            this(node, peer, http, null);
        }
    }

    /// How many voters the leader is to strive for. Answered with [Result.Done].
    record SetVoters(int target) implements Change {}

    /// Hands leadership over. Answered with [Result.Done].
    ///
    /// @param to whom; null for the voter that is furthest
    record Transfer(@Nullable NodeId to) implements Change {}
}
