package org.bellwether.storage.rocksdb;

import java.nio.ByteBuffer;

/// The records of RocksDB's batches, byte for byte: a tag and one or two strings, each behind its length, seven bits to a
/// byte, the lowest first. (RocksDB's source has the form, in `write_batch.cc`.)
final class BatchRecord {
    static final byte DELETE = 0x0;
    static final byte PUT = 0x1;
    static final byte DELETE_RANGE = 0xF;
    /// Passed over, and not counted.
    static final byte LOG_DATA = 0x3;
    private static final int LENGTH_BYTES_MAX = 5;
    static final int PADDING_BYTES_MIN = 1 + LENGTH_BYTES_MAX;

    private BatchRecord() {}

    /// @return that of a record with two strings, at most
    static int bytesMax(int first, int second) {
        return 1 + LENGTH_BYTES_MAX + first + LENGTH_BYTES_MAX + second;
    }

    static void putLength(int length, ByteBuffer to) {
        int rest = length;
        for (; rest > Byte.MAX_VALUE; rest >>>= 7)
            to.put((byte) (rest | 0x80));
        to.put((byte) rest);
    }

    /// One that says nothing, up to the limit, and has at least [#PADDING_BYTES_MIN] for it.
    static void pad(ByteBuffer to) {
        to.put(LOG_DATA);
        int rest = to.remaining() - LENGTH_BYTES_MAX;
        for (int i = 1; i < LENGTH_BYTES_MAX; i++, rest >>>= 7)
            to.put((byte) (rest | 0x80));
        to.put((byte) rest);
    }

    static int length(byte[] bytes, int at) {
        int length = 0;
        for (int i = at, shift = 0;; i++, shift += 7) {
            length |= (bytes[i] & 0x7f) << shift;
            if (bytes[i] >= 0) return length;
        }
    }

    /// Where the string begins whose length is there.
    static int behindLength(byte[] bytes, int at) {
        int end = at;
        while (bytes[end] < 0)
            end++;
        return end + 1;
    }
}
