package org.bellwether.transport;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One direction between two nodes of a [MemoryNetwork].
///
/// Opening is a handshake, as on a real network: the receiver's loop is told first, then the sender's, and
/// only then does the sender send. So a link that was cut because its receiver lagged carries nothing new
/// until the receiver has worked off what it had.
final class MemoryLink {
    private final MemoryTransport from;
    private final MemoryTransport to;
    /// Sent and not yet received.
    private final AtomicInteger bytesOnTheWay = new AtomicInteger();
    /// On the sender's loop only: sent in this turn.
    private List<byte[]> outbox = new ArrayList<>();
    /// On the receiver's loop only.
    private boolean receiving;
    /// Says to a sender that learns late of the opening that the link is closed again.
    private volatile boolean closed;

    MemoryLink(MemoryTransport from, MemoryTransport to) {
        this.from = from;
        this.to = to;
    }

    MemoryTransport from() {
        return from;
    }

    MemoryTransport to() {
        return to;
    }

    boolean joins(MemoryTransport sender, MemoryTransport receiver) {
        return from.equals(sender) && to.equals(receiver);
    }

    boolean isClosed() {
        return closed;
    }

    void open() {
        to.loop().execute(() -> {
            receiving = true;
            to.connected(from.self());
            from.loop().execute(() -> from.up(this));
        });
    }

    void close() {
        closed = true;
        to.loop().execute(() -> {
            receiving = false;
            to.disconnected(from.self());
        });
        from.loop().execute(() -> from.down(this));
    }

    /// Whether so much more is within the bound.
    boolean hasRoom(int more, int bytesMax) {
        return bytesOnTheWay.get() + more <= bytesMax;
    }

    /// @return false if too much is on its way, and the link must be cut
    boolean add(byte[] frame, int bytesMax) {
        outbox.add(frame);
        return bytesOnTheWay.addAndGet(frame.length) <= bytesMax;
    }

    void flush() {
        var frames = outbox;
        outbox = new ArrayList<>();
        to.loop().execute(() -> {
            for (byte[] frame : frames) {
                bytesOnTheWay.addAndGet(-frame.length);
                if (receiving) to.received(from.self(), decode(frame));
            }
        });
    }

    private static PeerMessage decode(byte[] frame) {
        try {
            return PeerCodec.decode(ByteBuffer.wrap(frame));
        } catch (BadFrameException bug) {
            throw new IllegalStateException("what PeerCodec encoded it does not decode", bug);
        }
    }
}
