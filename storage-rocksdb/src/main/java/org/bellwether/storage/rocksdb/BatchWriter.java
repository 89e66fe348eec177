package org.bellwether.storage.rocksdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.rocksdb.WriteBatch;

/// Builds a [WriteBatch] from its bytes, as RocksDB writes it into logs: calling into RocksDB with every row takes as long
/// as all that it does with it. (Its source, `write_batch.cc`, has the form: a sequence number of 8 bytes, a count of 4,
/// and records of a tag and one or two strings, each behind its length.)
final class BatchWriter {
    private static final byte DELETE = 0x0;
    private static final byte PUT = 0x1;
    private static final byte DELETE_RANGE = 0xF;
    private static final int COUNT_AT = 8;
    private static final int HEADER_BYTES = COUNT_AT + 4;
    private static final int LENGTH_BYTES_MAX = 5;
    private static final int FIRST_BYTES = 64 * 1024;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int end = HEADER_BYTES;
    private int count;

    void put(byte[] key, byte[] value) {
        add(PUT, key);
        add(value);
    }

    void delete(byte[] key) {
        add(DELETE, key);
    }

    void deleteRange(byte[] from, byte[] end) {
        add(DELETE_RANGE, from);
        add(end);
    }

    private void add(byte tag, byte[] key) {
        count++;
        reserve(1);
        bytes[end++] = tag;
        add(key);
    }

    private void add(byte[] string) {
        reserve(LENGTH_BYTES_MAX + string.length);
        int length = string.length;
        for (; length > Byte.MAX_VALUE; length >>>= 7)
            bytes[end++] = (byte) (length | 0x80);
        bytes[end++] = (byte) length;
        System.arraycopy(string, 0, bytes, end, string.length);
        end += string.length;
    }

    private void reserve(int more) {
        if (end + more > bytes.length)
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end + more));
    }

    /// With all that was put into it since the last one was taken.
    WriteBatch take() {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(COUNT_AT, count);
        var batch = new WriteBatch(Arrays.copyOf(bytes, end));
        end = HEADER_BYTES;
        count = 0;
        return batch;
    }
}
