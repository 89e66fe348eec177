package org.bellwether.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.bellwether.api.ClusterId;
import org.bellwether.api.NodeId;

/// The frame around a ballot slot and a segment header. It is the same in every version of the format,
/// so that an old program can tell a newer file from a damaged one: magic, version, length, whose it is,
/// ..., and a CRC32C of all that in the last four bytes.
final class Block {
    static final int VERSION = 1;
    /// No version of a block is longer. One sector of any disk.
    static final int BYTES_MAX = 512;
    /// Where the fields of a block's own kind begin.
    static final int BODY = 40;

    private static final int IDENTITY = 8;

    private Block() {}

    /// A block of zeros with its frame filled in, positioned at its body.
    static ByteBuffer start(int magic, int bytes, Identity identity) {
        var block = ByteBuffer.allocate(bytes);
        block.putInt(magic).putShort((short) VERSION).putShort((short) bytes);
        put(block, identity);
        return block;
    }

    /// Adds the checksum and makes the block ready to be written.
    static ByteBuffer seal(ByteBuffer block) {
        int end = block.capacity() - Integer.BYTES;
        block.putInt(end, crc(block, end));
        return block.clear();
    }

    /// Version of the block that starts the buffer; 0 if there is none, or a damaged one.
    static int version(ByteBuffer from, int magic) {
        if (from.limit() < BODY || from.getInt(0) != magic) return 0;
        int bytes = from.getShort(6);
        if (bytes < BODY || bytes > from.limit()) return 0;
        int end = bytes - Integer.BYTES;
        return from.getInt(end) == crc(from, end) ? from.getShort(4) : 0;
    }

    static Identity identity(ByteBuffer block) {
        return new Identity(new NodeId(uuid(block, IDENTITY)),
                new ClusterId(uuid(block, IDENTITY + 16)));
    }

    static void put(ByteBuffer into, Identity identity) {
        put(into, identity.node().uuid());
        put(into, identity.cluster().uuid());
    }

    static void put(ByteBuffer into, UUID uuid) {
        into.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    static UUID uuid(ByteBuffer from, int at) {
        return new UUID(from.getLong(at), from.getLong(at + Long.BYTES));
    }

    private static int crc(ByteBuffer block, int bytes) {
        var crc = new CRC32C();
        crc.update(block.slice(0, bytes));
        return (int) crc.getValue();
    }
}
