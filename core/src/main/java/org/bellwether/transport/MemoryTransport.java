package org.bellwether.transport;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// One node's place in a [MemoryNetwork].
final class MemoryTransport implements Transport {
    private final MemoryNetwork network;
    private final NodeId self;
    private final Executor loop;
    /// Replaced as a whole: the network reads it from other threads.
    private volatile Set<NodeId> peers = Set.of();
    private volatile Set<NodeId> removed = Set.of();

    // From here on touched on the loop only.
    private @Nullable Receiver receiver;
    private boolean closed;
    private final Map<NodeId, MemoryLink> up = new HashMap<>();
    private final Set<MemoryLink> unflushed = new LinkedHashSet<>();

    MemoryTransport(MemoryNetwork network, NodeId self, Executor loop) {
        this.network = network;
        this.self = self;
        this.loop = loop;
    }

    @Override
    public void start(Receiver receiver) {
        if (closed || this.receiver != null)
            throw new IllegalStateException("a transport is started once");
        this.receiver = receiver;
        network.start(this);
    }

    @Override
    public void connect(Collection<Member> members, Collection<NodeId> gone) {
        removed = Set.copyOf(gone);
        peers = members.stream().map(Member::id).filter(id -> !id.equals(self))
                .collect(Collectors.toUnmodifiableSet());
        network.changed();
    }

    @Override
    public boolean isLinked(NodeId to) {
        return up.containsKey(to);
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        var link = up.get(to);
        if (link == null) return;
        byte[] frame = PeerCodec.encode(message).toBytes();
        var limits = network.limits();
        if (message instanceof PeerMessage.Published
                && !link.hasRoom(frame.length, limits.peerMessagesBytesMax()))
            return;
        if (frame.length > limits.frameBytesMax()
                || !link.add(frame, limits.peerBufferBytesMax())) {
            up.remove(to);
            unflushed.remove(link);
            network.cut(link);
        } else {
            unflushed.add(link);
        }
    }

    @Override
    public void flush() {
        for (var link : unflushed)
            link.flush();
        unflushed.clear();
    }

    @Override
    public void close() {
        closed = true;
        up.clear();
        unflushed.clear();
        network.leave(this);
    }

    NodeId self() {
        return self;
    }

    Executor loop() {
        return loop;
    }

    boolean isAt(Map<NodeId, MemoryTransport> places) {
        return equals(places.get(self));
    }

    boolean wants(NodeId peer) {
        return peers.contains(peer);
    }

    boolean expels(NodeId peer) {
        return removed.contains(peer);
    }

    void expelled(NodeId by) {
        if (!closed && receiver != null) receiver.expelled(by);
    }

    void up(MemoryLink link) {
        if (!closed && !link.isClosed()) up.put(link.to().self(), link);
    }

    void down(MemoryLink link) {
        up.remove(link.to().self(), link);
        unflushed.remove(link);
        if (!closed && receiver != null) receiver.undelivered(link.to().self());
    }

    void connected(NodeId peer) {
        if (!closed && receiver != null) receiver.connected(peer);
    }

    void disconnected(NodeId peer) {
        if (!closed && receiver != null) receiver.disconnected(peer);
    }

    void received(NodeId from, PeerMessage message) {
        if (!closed && receiver != null) receiver.received(from, message);
    }
}
