package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// On how many disks a write must be before its caller is told.
public enum Ack {
    /// The leader's own. The answer is [Outcome.Accepted]: whether the write stays is not known yet, and what it came
    /// to neither. Only for writes whose answer does not depend on the state.
    LEADER,
    /// A majority of the voters': it survives the loss of any minority of them.
    QUORUM,
    /// Every voter's. The answer is [Result.Replicated]; if some voter is not heard in time, it says that only a
    /// majority has the write.
    ALL;

    /// Why a command cannot be acknowledged like this; null if it can.
    public @Nullable Refusal check(Command command) {
        if (this == QUORUM) return null;
        if (command instanceof Command.Change)
            return new Refusal.Malformed(
                    "a change of the cluster is acknowledged by a majority of the voters");
        return this == ALL || isUnconditional(command)
                ? null
                : new Refusal.Malformed("a write whose answer depends on what is there cannot be"
                        + " acknowledged by the leader alone");
    }

    private static boolean isUnconditional(Command command) {
        return switch (command) {
            case Command.Put put -> put.condition() instanceof Condition.Always && !put.givesBack();
            case Command.Delete delete ->
                delete.condition() instanceof Condition.Always && !delete.givesBack();
            case Command.Batch(var commands) ->
                commands.stream().allMatch(Ack::isUnconditional);
            case Command.Clear() -> true;
            case Command.Edit _, Command.Expire _, Command.Rename _, Command.Copy _, Command.Transaction _, Command.Change _ ->
                false;
        };
    }
}
