package org.bellwether.storage.rocksdb;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.FlatRecords;
import org.jspecify.annotations.Nullable;

/// Rows, the removed ones, too, each as the [BatchRecord] with which RocksDB gets it. A place is the number of the array,
/// and where in it the record begins.
final class RowRecords implements FlatRecords {
    private static final int PLACE_BITS = 16;
    static final int CHUNK_BYTES_MAX = 1 << PLACE_BITS;
    /// So that no place is negative.
    static final int CHUNKS_MAX = 1 << Integer.SIZE - 1 - PLACE_BITS;

    private final List<ByteBuffer> chunks = new ArrayList<>();
    /// Theirs, so that none of them need be looked at for a row.
    private byte[][] arrays = new byte[16][];

    static int place(int number, int at) {
        return number << PLACE_BITS | at;
    }

    @Override
    public int at(int place) {
        return place & (CHUNK_BYTES_MAX - 1);
    }

    @Override
    public byte[] bytes(int place) {
        return arrays[place >>> PLACE_BITS];
    }

    int chunks() {
        return chunks.size();
    }

    /// @return its number
    int addChunk(int bytes) {
        int number = chunks.size();
        if (number == CHUNKS_MAX) throw new IllegalStateException("over " + number + " chunks");
        var chunk = ByteBuffer.allocate(bytes);
        chunks.add(chunk);
        if (number == arrays.length) arrays = Arrays.copyOf(arrays, 2 * number);
        arrays[number] = chunk.array();
        return number;
    }

    int freeBytes(int number) {
        return chunks.get(number).remaining();
    }

    /// Those of its first bytes that hold records.
    int filledBytes(int number) {
        return chunks.get(number).position();
    }

    void fillAgainFrom(int number, int at) {
        chunks.get(number).position(at);
    }

    /// What a record may take.
    static int bytesMax(Bytes key, @Nullable Versioned value) {
        return BatchRecord.bytesMax(Rows.keyBytes(key), value == null ? 0 : Rows.valueBytes(value));
    }

    /// @param value null for a row that was removed
    /// @return its place
    int append(int number, Bytes key, @Nullable Versioned value) {
        var chunk = chunks.get(number);
        int at = chunk.position();
        write(chunk, key, value);
        return place(number, at);
    }

    private static void write(ByteBuffer to, Bytes key, @Nullable Versioned value) {
        to.put(value == null ? BatchRecord.DELETE : BatchRecord.PUT);
        BatchRecord.putLength(Rows.keyBytes(key), to);
        Rows.key(key, to);
        if (value == null) return;
        BatchRecord.putLength(Rows.valueBytes(value), to);
        Rows.value(value, to);
    }

    /// In place of a value that takes as many bytes.
    ///
    /// @return false if there is none, and nothing was changed
    boolean overwrite(int place, Versioned value) {
        if (isRemoval(place)) return false;
        int length = Rows.valueBytes(value);
        int from = valueAt(place);
        if (from + length != end(place)) return false;
        Rows.value(value, ByteBuffer.wrap(bytes(place), from, length));
        return true;
    }

    /// @return the new place, before the old one
    int move(int place, int to) {
        var bytes = bytes(place);
        System.arraycopy(bytes, at(place), bytes, to, length(place));
        return place - at(place) + to;
    }

    /// Null if it was removed.
    @Nullable
    Versioned value(int place) {
        return isRemoval(place) ? null : Rows.value(bytes(place), valueAt(place), end(place));
    }

    void copy(int place, BatchWriter to) {
        to.copy(bytes(place), at(place), length(place));
    }

    /// What is between one place and the next.
    int length(int place) {
        return end(place) - at(place);
    }

    private boolean isRemoval(int place) {
        return bytes(place)[at(place)] == BatchRecord.DELETE;
    }

    /// Behind what is in front of every key in RocksDB.
    @Override
    public int keyAt(int place) {
        return rowKeyAt(place) + 1;
    }

    @Override
    public int keyEnd(int place) {
        return rowKeyAt(place) + BatchRecord.length(bytes(place), at(place) + 1);
    }

    private int rowKeyAt(int place) {
        return BatchRecord.behindLength(bytes(place), at(place) + 1);
    }

    private int valueAt(int place) {
        return BatchRecord.behindLength(bytes(place), keyEnd(place));
    }

    private int end(int place) {
        int end = keyEnd(place);
        return isRemoval(place)
                ? end
                : valueAt(place) + BatchRecord.length(bytes(place), end);
    }
}
