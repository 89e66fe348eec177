package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
    private final NodeId id;
    private List<Outgoing> outgoing = new ArrayList<>();
    private @Nullable Receiver receiver;
    private boolean closed;
    private List<NodeId> named = List.of();
    private Set<Integer> peers = Set.of();
    private Set<NodeId> removed = Set.of();

    private record Outgoing(int to, PeerMessage message) {}

    SimulatedTransport(SimulatedNetwork network, SimulatedLoop loop, Invariants invariants,
            int node) {
        this.network = network;
        this.loop = loop;
        this.invariants = invariants;
        this.node = node;
        this.id = network.id(node);
    }

    int node() {
        return node;
    }

    /// Who this life is, also to whom its last messages reach when the machine is somebody else.
    NodeId id() {
        return id;
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
        this.removed = Set.copyOf(removed);
        named = peers.stream().map(Member::id).toList();
        link();
    }

    /// Dials whoever is named and has a place by now.
    void link() {
        var wanted = new TreeSet<Integer>();
        for (var id : named) {
            int to = network.indexOf(id);
            if (to >= 0 && to != node) wanted.add(to);
        }
        for (int no : new TreeSet<>(this.peers)) {
            if (!wanted.contains(no)) network.part(this, no);
        }
        this.peers = wanted;
        for (int to : wanted) {
            if (!network.hasOpenLink(this, to)) network.dial(this, to, 200 * World.MICRO);
        }
    }

    boolean wants(int peer) {
        return peers.contains(peer);
    }

    boolean expels(NodeId peer) {
        return removed.contains(peer);
    }

    @Override
    public boolean isLinked(NodeId to) {
        int peer = network.indexOf(to);
        return !closed && peer >= 0 && network.hasOpenLink(this, peer);
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        int peer = network.indexOf(to);
        if (!closed && peer >= 0) outgoing.add(new Outgoing(peer, message));
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
