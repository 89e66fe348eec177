package org.bellwether.node;

import java.time.Duration;
import java.util.function.Consumer;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;

/// One node (being written). Everything is called on its loop.
public final class Node implements KeyValueStore {
    private final NodeParts parts;

    public Node(NodeParts parts) {
        this.parts = parts;
    }

    /// Opens the log on the disk thread, replays it, starts the transport and the ticks.
    /// @param started run on the loop once the log is open and the node takes part
    public void start(Runnable started) {
        throw new UnsupportedOperationException();
    }

    /// Hands leadership over, if this node has it. @param done told, once, whether another node leads now;
    /// true at once if this node does not lead
    public void transfer(@Nullable NodeId to, Duration timeout, Consumer<Boolean> done) {
        throw new UnsupportedOperationException();
    }

    /// Stops taking part. Answers everything still waiting, closes transport, storage and, on the
    /// disk thread, the log. @param closed run on the loop at the end
    public void close(Runnable closed) {
        throw new UnsupportedOperationException();
    }

    /// Told on the loop whenever the leader or the term changes, as this node sees it.
    public void onLeaderChange(Runnable listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(Command command, Duration timeout, Consumer<? super Outcome> reply) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void read(Read read, Consistency consistency, Duration timeout,
            Consumer<? super Outcome> reply) {
        throw new UnsupportedOperationException();
    }

    @Override
    public NodeView node() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ClusterView cluster() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Limits limits() {
        return parts.limits();
    }

    /// The core, for invariants and tests; on the loop only.
    public Raft raft() {
        throw new UnsupportedOperationException();
    }
}
