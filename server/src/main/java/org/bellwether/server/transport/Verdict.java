package org.bellwether.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bellwether.transport.BadFrameException;
import org.jspecify.annotations.Nullable;

/// What an acceptor answers to a [Hello]. Its layout is the same in every version, so that a node of another
/// version can read why it was refused.
///
/// @param refusal why the link is refused, null if it is welcome
/// @param isFinal whether that is for ever: the caller was removed from the cluster
record Verdict(int protocol, @Nullable String refusal, boolean isFinal) {
    static final int HEAD_BYTES = 13;
    static final int REASON_BYTES_MAX = 512;

    private static final int WELCOME = 0;
    private static final int REFUSED = 1;
    private static final int REMOVED = 2;

    static Verdict welcome() {
        return new Verdict(Hello.PROTOCOL, null, false);
    }

    static Verdict refused(String reason) {
        return new Verdict(Hello.PROTOCOL, reason, false);
    }

    static Verdict removed() {
        return new Verdict(Hello.PROTOCOL, "the caller was removed from the cluster", true);
    }

    byte[] encode() {
        byte[] reason = refusal == null ? new byte[0] : refusal.getBytes(UTF_8);
        if (reason.length > REASON_BYTES_MAX) reason = Arrays.copyOf(reason, REASON_BYTES_MAX);
        var out = ByteBuffer.allocate(HEAD_BYTES + reason.length + 4);
        out.put(Hello.magic()).putShort((short) protocol);
        out.put((byte) (refusal == null ? WELCOME : isFinal ? REMOVED : REFUSED))
                .putShort((short) reason.length);
        out.put(reason);
        return out.putInt(Hello.crc(out, HEAD_BYTES + reason.length)).array();
    }

    /// How long the whole verdict is, from its first [#HEAD_BYTES].
    static int bytes(byte[] head) throws BadFrameException {
        if (!Arrays.equals(head, 0, 8, Hello.magic(), 0, 8))
            throw new BadFrameException("no node of Bellwether answers there");
        int reasonBytes = Short.toUnsignedInt(ByteBuffer.wrap(head).getShort(HEAD_BYTES - 2));
        if (reasonBytes > REASON_BYTES_MAX)
            throw new BadFrameException("a verdict with a reason of " + reasonBytes + " bytes");
        return HEAD_BYTES + reasonBytes + 4;
    }

    static Verdict decode(byte[] bytes) throws BadFrameException {
        var in = ByteBuffer.wrap(bytes);
        int reasonBytes = bytes.length - HEAD_BYTES - 4;
        if (in.getInt(bytes.length - 4) != Hello.crc(in, bytes.length - 4))
            throw new BadFrameException("a verdict that fails its checksum");
        int protocol = Short.toUnsignedInt(in.getShort(8));
        return switch (in.get(10)) {
            case WELCOME -> new Verdict(protocol, null, false);
            case REFUSED -> new Verdict(protocol, reason(bytes, reasonBytes), false);
            case REMOVED -> new Verdict(protocol, reason(bytes, reasonBytes), true);
            default -> throw new BadFrameException("a verdict that is neither yes nor no");
        };
    }

    private static String reason(byte[] bytes, int reasonBytes) {
        return new String(bytes, HEAD_BYTES, reasonBytes, UTF_8);
    }
}
