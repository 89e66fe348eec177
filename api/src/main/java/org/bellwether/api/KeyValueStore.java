package org.bellwether.api;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The store, as everything that uses it sees it.
///
/// *Threads.* All methods are called on the node's loop, and every reply comes on that loop, exactly
/// once, possibly before the method returns. Callers on other threads use [StoreFutures].
/// *Durability.* [Outcome.Applied] for a write means that a majority of voters has it on disk;
/// [Outcome.Accepted], which only [Ack#LEADER] asks for, that the leader has.
/// *Failure.* Nothing is thrown; whatever goes wrong is an [Outcome].
public interface KeyValueStore {
    /// Applies a command everywhere. On a node that does not lead it is passed on to the leader, once.
    ///
    /// @param timeout how long the caller waits; when it passes, the answer is [Outcome.Unknown] if the
    ///                command may have been appended, else [Outcome.Overloaded]
    void write(Command command, Ack ack, Duration timeout, Consumer<? super Outcome> reply);

    /// One that survives the loss of a minority.
    default void write(Command command, Duration timeout, Consumer<? super Outcome> reply) {
        write(command, Ack.QUORUM, timeout, reply);
    }

    /// Reads at the given consistency. A reply is never [Outcome.Unknown]: a read changes nothing.
    ///
    /// @param reply may be a [ReadCaller]
    void read(Read read, Consistency consistency, Duration timeout,
            Consumer<? super Outcome> reply);

    /// A hint: this node will be asked for these keys right after this, one after the other, by reads that it answers from
    /// what it has. Changes nothing.
    void expect(List<Bytes> keys);

    /// Begins to read a backup from this node: its own state, as fresh as a local read. The caller closes it.
    ///
    /// @return null if this node is not ready, or too many are being read
    @Nullable
    Backup backup();

    /// Opens this node's tables as of one log entry, which it must not have gone beyond, to be compared with others'.
    ///
    /// @param timeout how long to wait until it has got there
    /// @param refused told instead, why not
    void compare(long index, Duration timeout, Consumer<? super Comparison> opened,
            Consumer<String> refused);

    /// This node, now. Cheap enough to be asked for every response.
    NodeView node();

    /// All nodes, as this one knows them.
    ClusterView cluster();

    /// What happened lately, as this node saw it: at most [Limits#EVENTS_MAX], the newest last.
    ///
    /// @param after only those with a larger number
    List<ClusterEvent> events(long after);

    /// The cluster's time in milliseconds since 1970, as this node would say it now: what [Versioned#expires] is
    /// measured by. What is applied here may be a little behind it.
    long clusterMillis();

    /// The bounds this store holds callers to.
    Limits limits();
}
