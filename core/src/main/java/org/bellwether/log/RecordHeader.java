package org.bellwether.log;

import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// What stands before every payload; `docs/formats.md` draws it.
///
/// @param offset       where the record starts in the whole log: a record that landed elsewhere is none
/// @param length       bytes of the payload
/// @param syncedOffset the log was known to be synced up to here when this was written
/// @param commitIndex  entries up to here were known to be committed when this was written
/// @param previous     checksum of the record before: the chain
/// @param payloadCrc   CRC32C of the payload
/// @param checksum     of all of the above
record RecordHeader(long offset, Position position, Entry.Kind kind, int length, long syncedOffset,
        long commitIndex, int previous, int payloadCrc, int checksum) {
    static final int BYTES = 64;
    static final int ALIGNMENT = 8;

    /// Bytes of a whole record: header, payload, padding.
    static long recordBytes(int payloadLength) {
        return (long) BYTES + payloadLength + paddingBytes(payloadLength);
    }

    static int paddingBytes(int payloadLength) {
        return -payloadLength & (ALIGNMENT - 1);
    }

    long recordBytes() {
        return recordBytes(length);
    }
}
