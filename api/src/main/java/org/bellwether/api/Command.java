package org.bellwether.api;

import java.util.List;

/// A change to the store. Every command is applied by every node in the same order.
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
}
