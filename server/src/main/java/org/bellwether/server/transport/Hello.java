package org.bellwether.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.NodeId;
import org.bellwether.transport.BadFrameException;

/// What a dialer says first.
///
/// @param from     who dials
/// @param expected whom it expects to find here
/// @param back     where it can be dialed: a node that lags behind may not have it in its list yet, and the
///                 two have to talk for it to catch up
record Hello(int protocol, int format, ClusterId cluster, NodeId from, NodeId expected,
        Address back) {
    /// The bytes of the handshake and of frames.
    static final int PROTOCOL = 1;
    /// The bytes within payloads.
    static final int FORMAT = 1;

    /// Magic and protocol version, which are where they are in every version.
    static final int FIXED_BYTES = 10;
    /// Everything up to the length of the host, and that.
    static final int HEAD_BYTES = 63;
    private static final int CRC_BYTES = 4;

    private static final byte[] MAGIC = "BELLPEER".getBytes(US_ASCII);

    static byte[] magic() {
        return MAGIC.clone();
    }

    byte[] encode() {
        byte[] host = back.host().getBytes(US_ASCII);
        int bytes = bytes(host.length);
        var out = ByteBuffer.allocate(bytes);
        out.put(MAGIC).putShort((short) protocol).putShort((short) format);
        put(out, cluster.uuid());
        put(out, from.uuid());
        put(out, expected.uuid());
        out.putShort((short) back.port()).put((byte) host.length).put(host);
        return out.putInt(crc(out, bytes - CRC_BYTES)).array();
    }

    /// How long the whole hello is.
    static int bytes(int hostBytes) {
        return HEAD_BYTES + hostBytes + CRC_BYTES;
    }

    /// @throws BadFrameException if these bytes are no hello
    static Hello decode(byte[] bytes) throws BadFrameException {
        var in = ByteBuffer.wrap(bytes);
        int crcAt = bytes.length - CRC_BYTES;
        if (in.getInt(crcAt) != crc(in, crcAt))
            throw new BadFrameException("a hello that fails its checksum");
        in.position(MAGIC.length);
        int protocol = Short.toUnsignedInt(in.getShort());
        int format = Short.toUnsignedInt(in.getShort());
        var cluster = new ClusterId(uuid(in));
        var from = new NodeId(uuid(in));
        var expected = new NodeId(uuid(in));
        int port = Short.toUnsignedInt(in.getShort());
        byte[] host = new byte[Byte.toUnsignedInt(in.get())];
        in.get(host);
        try {
            var back = new Address(new String(host, US_ASCII), port);
            return new Hello(protocol, format, cluster, from, expected, back);
        } catch (IllegalArgumentException none) {
            throw new BadFrameException("a hello without an address to dial back to");
        }
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
