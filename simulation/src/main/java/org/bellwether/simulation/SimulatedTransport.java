package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.Transport;
import org.jspecify.annotations.Nullable;

/// One life of a node's end of the [SimulatedNetwork].
final class SimulatedTransport implements Transport {
    private final SimulatedNetwork network;
    private final SimulatedLoop loop;
    private final Invariants invariants;
    private final int node;
    private List<Outgoing> outgoing = new ArrayList<>();
    private @Nullable Receiver receiver;
    private boolean closed;

    private record Outgoing(int to, PeerMessage message) {}

    SimulatedTransport(SimulatedNetwork network, SimulatedLoop loop, Invariants invariants,
            int node) {
        this.network = network;
        this.loop = loop;
        this.invariants = invariants;
        this.node = node;
    }

    int node() {
        return node;
    }

    NodeId id() {
        return network.id(node);
    }

    boolean isClosed() {
        return closed;
    }

    boolean loopIsStopped() {
        return network.world().now() < loop.stoppedUntil();
    }

    @Override
    public void start(Receiver receiver) {
        this.receiver = receiver;
        network.started(this);
    }

    @Override
    public void connect(Collection<Member> peers, Collection<NodeId> removed) {
        for (var peer : peers) {
            int to = network.indexOf(peer.id());
            if (to != node) network.dial(this, to, 200 * World.MICRO);
        }
    }

    @Override
    public boolean isLinked(NodeId to) {
        return !closed && network.hasOpenLink(this, network.indexOf(to));
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        if (!closed) outgoing.add(new Outgoing(network.indexOf(to), message));
    }

    @Override
    public void flush() {
        var leaving = outgoing;
        outgoing = new ArrayList<>();
        for (var each : leaving) {
            invariants.sent(node, each.to(), each.message());
            network.send(this, each.to(), each.message());
        }
    }

    @Override
    public void close() {
        end(false);
    }

    /// @param silently whether nobody is told
    void end(boolean silently) {
        if (closed) return;
        closed = true;
        outgoing.clear();
        network.died(this, silently);
    }

    /// Tells this end's node something, on its loop.
    void tell(Consumer<Receiver> what) {
        loop.execute(() -> {
            if (!closed && receiver != null) what.accept(receiver);
        });
    }
}
