package org.bellwether.storage.rocksdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.rocksdb.WriteBatch;

/// Builds a [WriteBatch] from its bytes, as RocksDB writes it into logs: calling into RocksDB with every row takes as long
/// as all that it does with it. A sequence number of 8 bytes, a count of 4, and the [BatchRecord]s.
final class BatchWriter {
    private static final int COUNT_AT = 8;
    private static final int HEADER_BYTES = COUNT_AT + 4;
    private static final int FIRST_BYTES = 64 * 1024;
    /// What is made for a larger one is not kept.
    private static final int KEPT_BYTES_MAX = 8 << 20;

    private ByteBuffer bytes = ByteBuffer.allocate(FIRST_BYTES).position(HEADER_BYTES);
    private int count;

    void put(byte[] key, byte[] value) {
        record(BatchRecord.PUT, key, value);
    }

    void delete(byte[] key) {
        begin(BatchRecord.bytesMax(key.length, 0));
        bytes.put(BatchRecord.DELETE);
        string(key);
    }

    void deleteRange(byte[] from, byte[] end) {
        record(BatchRecord.DELETE_RANGE, from, end);
    }

    private void record(byte tag, byte[] first, byte[] second) {
        begin(BatchRecord.bytesMax(first.length, second.length));
        bytes.put(tag);
        string(first);
        string(second);
    }

    private void string(byte[] string) {
        BatchRecord.putLength(string.length, bytes);
        bytes.put(string);
    }

    /// One that is there already.
    void copy(byte[] from, int at, int length) {
        begin(length);
        bytes.put(from, at, length);
    }

    private void begin(int bytesMax) {
        count++;
        int needed = bytesMax + BatchRecord.PADDING_BYTES_MIN;
        if (bytes.remaining() < needed) {
            int capacity = Math.max(2 * bytes.capacity(), bytes.position() + needed);
            bytes = ByteBuffer.allocate(capacity).put(bytes.flip());
        }
    }

    /// With all that was put into it since the last one was taken. A full one is padded, since RocksDB takes an array as a whole:
    /// a copy of the right length would be megabytes of the heap, each time.
    WriteBatch take() {
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).putInt(COUNT_AT, count);
        boolean isFull = bytes.position() > bytes.capacity() / 2;
        if (isFull) BatchRecord.pad(bytes);
        var batch = new WriteBatch(isFull
                ? bytes.array()
                : Arrays.copyOf(bytes.array(), bytes.position()));
        if (bytes.capacity() > KEPT_BYTES_MAX) bytes = ByteBuffer.allocate(FIRST_BYTES);
        bytes.clear().position(HEADER_BYTES);
        count = 0;
        return batch;
    }
}
