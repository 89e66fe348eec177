package org.bellwether.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an applied command or a read gives back.
public sealed interface Result {
    /// Of the values that are in it, together.
    default long valueBytes() {
        return switch (this) {
            case Found(var value) -> bytesOf(value);
            case Before(var value) -> bytesOf(value);
            case Batch(var results) -> {
                long bytes = 0;
                for (var result : results)
                    bytes += result.valueBytes();
                yield bytes;
            }
            case Steps(var outcomes) -> {
                long bytes = 0;
                for (var outcome : outcomes)
                    bytes += outcome.valueBytes();
                yield bytes;
            }
            case Page(var keys) -> {
                long bytes = 0;
                for (var key : keys)
                    bytes += key.length();
                yield bytes;
            }
            case Replicated(var result, boolean _) -> result.valueBytes();
            case Text(var digits) -> digits.length();
            case Joined joined -> joined.bootstrap().length();
            case Written _, Deleted _, Done _, Absent _, Timed _, Amount _ -> 0;
        };
    }

    private static long bytesOf(@Nullable Versioned value) {
        return value == null ? 0 : value.value().length();
    }

    /// A put. @param created whether the key did not exist before
    record Written(boolean created) implements Result {}

    /// A delete. @param existed whether there was something to delete
    record Deleted(boolean existed) implements Result {}

    /// What a write of [Ack#ALL] came to.
    ///
    /// @param everywhere whether every voter has it on disk; else only a majority is known to
    record Replicated(Result result, boolean everywhere) implements Result {}

    /// A newcomer was let in, now or when it asked before.
    ///
    /// @param bootstrap the first entry of the cluster's log, which every node's log begins with
    /// @param members   all nodes, the newcomer included
    record Joined(NodeId node, ClusterId cluster, Bytes bootstrap,
            List<Member> members) implements Result {
        public Joined {
            members = List.copyOf(members);
        }
    }

    /// A change to the list of nodes, or to who leads, was made.
    record Done() implements Result {
        public static final Done DONE = new Done();
    }

    /// One result for each command of a batch, or each key of a [Read.GetMany], in its order.
    record Batch(List<Result> results) implements Result {}

    /// A read that found the key.
    record Found(Versioned value) implements Result {}

    /// A read that found no such key.
    record Absent() implements Result {
        public static final Absent ABSENT = new Absent();
    }

    /// What a key held before the command that asked for it; null if it was absent.
    record Before(@Nullable Versioned value) implements Result {}

    /// Whether a [Command.Expire] did anything.
    record Timed(boolean done) implements Result {}

    /// A sum, a length or a count.
    record Amount(long value) implements Result {}

    /// A decimal fraction, without an exponent.
    record Text(Bytes digits) implements Result {}

    /// Keys in their order.
    record Page(List<Bytes> keys) implements Result {
        public Page {
            keys = List.copyOf(keys);
        }
    }

    /// One for each step of a transaction, in its order: each applied or refused.
    record Steps(List<Outcome> outcomes) implements Result {
        public Steps {
            outcomes = List.copyOf(outcomes);
        }
    }
}
