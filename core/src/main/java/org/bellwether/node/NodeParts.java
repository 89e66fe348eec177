package org.bellwether.node;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.log.Identity;
import org.bellwether.log.LogStore;
import org.bellwether.raft.Dice;
import org.bellwether.storage.Storage;
import org.bellwether.transport.Transport;

/// Everything a node is put together from. In the server these are Netty's loop, a disk thread, the
/// segmented log on a folder, sockets; under simulation the same log on a faulty disk, virtual time and a
/// faulty network.
///
/// @param seat   who this node is while its log does not say so
/// @param ids    makes the IDs of newcomers: unique, and sortable by time
/// @param disk   runs the log's calls, one after the other, off the loop
/// @param wallMillis the wall clock, in milliseconds since 1970: shown to people, and what [ClusterClock] follows,
///                   slowly, by which keys expire
/// @param background runs what takes long, one after the other, off the loop: reading and writing whole tables
/// @param onHalt told once, on the loop, why the node had to stop: a failed or hanging disk, damage, a
///               broken invariant. The node has already fallen silent; the process should end
/// @param evidence where tables are kept that turned out to be wrong
public record NodeParts(Identity identity, Seat seat, Supplier<NodeId> ids, ClusterConfig config,
        UpkeepConfig upkeep, Limits limits, Loop loop, Executor disk, LogStore log,
        Executor background, Storage storage, Transport transport, Dice dice,
        LongSupplier wallMillis, Consumer<? super Throwable> onHalt, Evidence evidence,
        Deciders deciders) {

    NodeParts on(Loop other) {
        return new NodeParts(identity, seat, ids, config, upkeep, limits, other, disk, log,
                background, storage, transport, dice, wallMillis, onHalt, evidence, deciders);
    }

    /// When somebody who waits for so long from now on is to be answered, by the loop's clock.
    long deadlineNanos(Duration timeout) {
        long millis = Math.clamp(timeout.toMillis(), 0, limits.timeoutMillisMax());
        return loop.nanoTime() + Duration.ofMillis(millis).toNanos();
    }
}
