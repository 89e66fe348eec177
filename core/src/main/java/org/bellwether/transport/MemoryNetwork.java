package org.bellwether.transport;

import java.util.ArrayList;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;

/// Nodes of one process, linked without sockets: for whoever embeds a whole cluster, and for tests. Every
/// message goes through [PeerCodec], so that what works here works on a wire.
///
/// A link from one node to another is open while both have started, neither is closed, one names the other
/// in [Transport#connect], and neither has removed the other. It opens and closes by tasks on the two loops and never within a call.
/// A loop must queue what it is given, in order, and outlive its transport.
public final class MemoryNetwork {
    private final Limits limits;
    private final TreeMap<NodeId, MemoryTransport> started = new TreeMap<>();
    private final ArrayList<MemoryLink> links = new ArrayList<>();

    public MemoryNetwork(Limits limits) {
        this.limits = limits;
    }

    /// A place in this network. A node that was closed may come back under its ID.
    public Transport transport(NodeId self, Executor loop) {
        return new MemoryTransport(this, self, loop);
    }

    Limits limits() {
        return limits;
    }

    synchronized void start(MemoryTransport transport) {
        if (started.putIfAbsent(transport.self(), transport) != null)
            throw new IllegalStateException("node " + transport.self() + " is already here");
        rewire();
    }

    synchronized void leave(MemoryTransport transport) {
        if (started.remove(transport.self(), transport)) rewire();
    }

    synchronized void changed() {
        rewire();
    }

    /// Closes a link; a new one takes its place once the receiver has come that far.
    synchronized void cut(MemoryLink link) {
        if (links.remove(link)) link.close();
        rewire();
    }

    private void rewire() {
        links.removeIf(link -> {
            if (wanted(link.from(), link.to())) return false;
            link.close();
            return true;
        });
        for (var from : started.values()) {
            for (var to : started.values()) {
                if (from.wants(to.self()) && to.expels(from.self()))
                    from.loop().execute(() -> from.expelled(to.self()));
                if (wanted(from, to) && links.stream().noneMatch(link -> link.joins(from, to))) {
                    var link = new MemoryLink(from, to);
                    links.add(link);
                    link.open();
                }
            }
        }
    }

    private boolean wanted(MemoryTransport from, MemoryTransport to) {
        boolean known = from.wants(to.self()) || to.wants(from.self());
        return known && from.isAt(started) && to.isAt(started) && !from.expels(to.self())
                && !to.expels(from.self());
    }
}
