package org.bellwether.server.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.bellwether.api.Bytes;

/// The body of a request as it arrives. Grows with what has really come, never with what was announced.
final class BodyBuffer {
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int length;

    int length() {
        return length;
    }

    void append(ByteBuf from, int bytesMax) {
        int more = from.readableBytes();
        if (more == 0) return;
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more,
                    length == 0 ? 0 : Math.min(2 * bytes.length, bytesMax)));
        }
        from.readBytes(bytes, length, more);
        length += more;
    }

    /// All of it; the buffer is empty afterwards.
    Bytes take() {
        var all = Bytes.wrap(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        clear();
        return all;
    }

    void clear() {
        bytes = NOTHING;
        length = 0;
    }
}
