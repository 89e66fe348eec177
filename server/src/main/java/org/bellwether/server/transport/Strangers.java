package org.bellwether.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.bellwether.api.Bytes;
import org.bellwether.transport.BadFrameException;

/// Words for what others sent, fit for a log: on one line, in plain ASCII, of bounded length.
final class Strangers {
    private Strangers() {}

    /// Text that came over the wire. Spaces stay; whatever could forge a line or colour a terminal goes.
    static String printable(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        var out = new StringBuilder();
        for (int i = 0; i < Math.min(utf8.length, Verdict.REASON_BYTES_MAX); i++)
            out.append(utf8[i] >= ' ' && utf8[i] < 0x7f ? (char) utf8[i] : '?');
        return out.toString();
    }

    static String printable(byte[] bytes) {
        return Bytes.wrap(bytes).toString();
    }

    static Throwable rootOf(Throwable cause) {
        return cause instanceof DecoderException && cause.getCause() != null
                ? cause.getCause()
                : cause;
    }

    static String describe(Throwable root) {
        return switch (root) {
            case BadFrameException bad -> bad.reason();
            case IOException broken when broken.getMessage() != null -> broken.getMessage();
            default -> root.toString();
        };
    }
}
