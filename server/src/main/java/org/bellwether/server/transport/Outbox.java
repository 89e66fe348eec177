package org.bellwether.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.bellwether.transport.Frame;
import org.jspecify.annotations.Nullable;

/// What was sent on one connection and has not left yet.
///
/// Frames are copied, once, into off-heap buffers of ours. Netty's sockets can write no array of the Java heap
/// and would make that same copy themselves, piece by piece; done here, all the small frames of a
/// turn leave in one buffer, with one write.
final class Outbox {
    /// Room for a turn's heartbeats, acks and small appends. A larger frame gets a buffer of its size.
    private static final int BUFFER_BYTES = 4096;

    private final Channel channel;
    private @Nullable ByteBuf filling;
    /// Capacity of all buffers that are not written out yet: what a peer that does not read costs.
    private int bytesHeld;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    int bytesHeld() {
        return bytesHeld;
    }

    void add(Frame frame) {
        var out = filling;
        if (out != null && out.writableBytes() < frame.bytes()) {
            write(out);
            out = null;
        }
        if (out == null) {
            int capacity = Math.max(frame.bytes(), BUFFER_BYTES);
            out = channel.alloc().directBuffer(capacity, capacity);
            bytesHeld += capacity;
            filling = out;
        }
        out.writeBytes(frame.head(), 0, frame.headBytes());
        for (byte[] payload : frame.payloads())
            out.writeBytes(payload);
    }

    void flush() {
        if (filling != null) write(filling);
        channel.flush();
    }

    /// Forgets what has not been given to the socket.
    void drop() {
        if (filling != null) filling.release();
        filling = null;
    }

    private void write(ByteBuf buffer) {
        filling = null;
        int capacity = buffer.capacity();
        var _ = channel.write(buffer).addListener(_ -> bytesHeld -= capacity);
    }
}
