package org.bellwether.node;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.Transport;

/// Links that stay open while nothing comes through, as behind a firewall that drops packets; or on which something
/// happens to what is sent.
final class CutTransport implements Transport {
    private final Transport real;
    volatile boolean cut;
    /// What becomes of a message that is sent; empty if it is lost.
    volatile Function<PeerMessage, Optional<PeerMessage>> onTheWay = Optional::of;

    CutTransport(Transport real) {
        this.real = real;
    }

    @Override
    public void start(Receiver receiver) {
        real.start(new Receiver() {
            @Override
            public void received(NodeId from, PeerMessage message) {
                if (!cut) receiver.received(from, message);
            }

            @Override
            public void connected(NodeId peer) {
                receiver.connected(peer);
            }

            @Override
            public void disconnected(NodeId peer) {
                receiver.disconnected(peer);
            }

            @Override
            public void expelled(NodeId by) {
                receiver.expelled(by);
            }

            @Override
            public void undelivered(NodeId peer) {
                receiver.undelivered(peer);
            }
        });
    }

    @Override
    public void connect(Collection<Member> peers, Collection<NodeId> removed) {
        real.connect(peers, removed);
    }

    @Override
    public boolean isLinked(NodeId to) {
        return real.isLinked(to);
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        if (!cut) onTheWay.apply(message).ifPresent(arriving -> real.send(to, arriving));
    }

    @Override
    public void flush() {
        real.flush();
    }

    @Override
    public void close() {
        real.close();
    }
}
