package org.bellwether.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;

/// Writes and reads record headers. The checksum of a header starts with the folder's identity and covers
/// the record's own offset, so that no bytes but those that this log wrote at this place pass for a
/// record: not a record of another node, not a value that a client made up to look like one.
final class RecordCodec {
    static final int MAGIC = 0x42577263; // "BWrc"

    private static final int LENGTH = 4;
    private static final int OFFSET = 8;
    private static final int INDEX = 16;
    private static final int TERM = 24;
    private static final int SYNCED = 32;
    private static final int COMMIT = 40;
    private static final int PREVIOUS = 48;
    private static final int PAYLOAD_CRC = 52;
    private static final int KIND = 56;
    private static final int CHECKSUM = 60;

    private final byte[] identity;
    private final CRC32C crc = new CRC32C();

    RecordCodec(Identity identity) {
        var bytes = ByteBuffer.allocate(32);
        Block.put(bytes, identity);
        this.identity = bytes.array();
    }

    /// Puts the header of an entry at `at`; everything in `context` but the checksum is used.
    ///
    /// @return the header's checksum
    int encode(Entry entry, Context context, ByteBuffer into, int at) {
        into.putInt(at, MAGIC).putInt(at + LENGTH, entry.bytes())
                .putLong(at + OFFSET, context.offset)
                .putLong(at + INDEX, entry.index()).putLong(at + TERM, entry.term())
                .putLong(at + SYNCED, context.syncedOffset)
                .putLong(at + COMMIT, context.commitIndex)
                .putInt(at + PREVIOUS, context.previous)
                .putInt(at + PAYLOAD_CRC, entry.payloadCrc())
                .putInt(at + KIND, entry.kind().code() << 24);
        int checksum = checksum(into, at);
        into.putInt(at + CHECKSUM, checksum);
        return checksum;
    }

    /// What a record says beside its entry.
    record Context(long offset, long syncedOffset, long commitIndex, int previous) {}

    /// Reads the header at `at`. It stands for itself: chain, order and payload are not looked at.
    ///
    /// @param offset where in the log these bytes are
    /// @return null if this is no header, or a damaged one
    @Nullable
    RecordHeader decode(ByteBuffer from, int at, long offset) {
        if (from.getInt(at) != MAGIC || from.getLong(at + OFFSET) != offset) return null;
        int checksum = from.getInt(at + CHECKSUM);
        if (checksum != checksum(from, at)) return null;
        int length = from.getInt(at + LENGTH);
        long index = from.getLong(at + INDEX);
        long term = from.getLong(at + TERM);
        long synced = from.getLong(at + SYNCED);
        int kind = from.getInt(at + KIND);
        boolean sane = length >= 0 && index > 0 && term >= 0 && synced <= offset
                && (kind & 0xffffff) == 0 && kind >>> 24 <= Entry.Kind.MEMBERSHIP.code();
        if (!sane) return null;
        return new RecordHeader(offset, new Position(term, index), Entry.Kind.of(kind >>> 24),
                length, synced, from.getLong(at + COMMIT), from.getInt(at + PREVIOUS),
                from.getInt(at + PAYLOAD_CRC), checksum);
    }

    /// Whether payload and padding at `at` are those that the header was made for.
    boolean verify(RecordHeader header, ByteBuffer from, int at) {
        crc.reset();
        crc.update(from.slice(at, header.length()));
        if ((int) crc.getValue() != header.payloadCrc()) return false;
        int end = at + header.length();
        for (int i = RecordHeader.paddingBytes(header.length()) - 1; i >= 0; i--) {
            if (from.get(end + i) != 0) return false;
        }
        return true;
    }

    private int checksum(ByteBuffer from, int at) {
        crc.reset();
        crc.update(identity, 0, identity.length);
        crc.update(from.slice(at, CHECKSUM));
        return (int) crc.getValue();
    }
}
