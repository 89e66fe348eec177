package org.bellwether.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.bellwether.api.ClusterId;
import org.bellwether.api.NodeId;
import org.bellwether.transport.BadFrameException;

/// What a dialer says first.
///
/// @param from     who dials
/// @param expected whom it expects to find here
record Hello(int protocol, int format, ClusterId cluster, NodeId from, NodeId expected) {
    /// The bytes of the handshake and of frames.
    static final int PROTOCOL = 1;
    /// The bytes within payloads.
    static final int FORMAT = 1;

    static final int BYTES = 64;
    /// Magic and protocol version, which are where they are in every version.
    static final int FIXED_BYTES = 10;

    private static final byte[] MAGIC = "BELLPEER".getBytes(US_ASCII);

    static byte[] magic() {
        return MAGIC.clone();
    }

    byte[] encode() {
        var out = ByteBuffer.allocate(BYTES);
        out.put(MAGIC).putShort((short) protocol).putShort((short) format);
        put(out, cluster.uuid());
        put(out, from.uuid());
        put(out, expected.uuid());
        return out.putInt(crc(out, BYTES - 4)).array();
    }

    /// @throws BadFrameException if these 64 bytes are no hello
    static Hello decode(byte[] bytes) throws BadFrameException {
        var in = ByteBuffer.wrap(bytes);
        if (in.getInt(BYTES - 4) != crc(in, BYTES - 4))
            throw new BadFrameException("a hello that fails its checksum");
        in.position(MAGIC.length);
        return new Hello(Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()),
                new ClusterId(uuid(in)), new NodeId(uuid(in)), new NodeId(uuid(in)));
    }

    static int crc(ByteBuffer bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes.slice(0, length));
        return (int) crc.getValue();
    }

    private static void put(ByteBuffer out, UUID uuid) {
        out.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    private static UUID uuid(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }
}
