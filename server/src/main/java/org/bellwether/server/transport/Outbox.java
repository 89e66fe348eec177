package org.bellwether.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.bellwether.transport.Frame;
import org.jspecify.annotations.Nullable;

/// What was sent on one connection and has not left yet.
///
/// Frames are copied, once, into off-heap buffers of ours. Netty's sockets can write no array of the Java heap
/// and would make that same copy themselves, piece by piece; done here, all the small frames of a turn leave
/// with one write. A buffer is filled over many turns, so that a peer that lags costs what it was sent and
/// not a buffer per turn.
final class Outbox {
    /// A larger frame gets a buffer of its own size.
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Channel channel;
    private @Nullable ByteBuf filling;
    private long bytesWaiting;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    /// Sent, and not yet taken by the system.
    long bytesWaiting() {
        return bytesWaiting;
    }

    void add(Frame frame) {
        var out = filling;
        if (out == null || out.writableBytes() < frame.bytes()) {
            write();
            drop();
            int capacity = Math.max(frame.bytes(), BUFFER_BYTES);
            out = channel.alloc().directBuffer(capacity, capacity);
            filling = out;
        }
        out.writeBytes(frame.head(), 0, frame.headBytes());
        for (byte[] payload : frame.payloads())
            out.writeBytes(payload);
        bytesWaiting += frame.bytes();
    }

    void flush() {
        write();
        channel.flush();
    }

    /// Gives up what has not been given to the socket.
    void drop() {
        if (filling != null) filling.release();
        filling = null;
    }

    private void write() {
        if (filling == null || !filling.isReadable()) return;
        int bytes = filling.readableBytes();
        var _ = channel.write(filling.readRetainedSlice(bytes))
                .addListener(_ -> bytesWaiting -= bytes);
    }
}
