package org.bellwether.storage.rocksdb;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.RowIndex;
import org.bellwether.storage.RowOrder;
import org.jspecify.annotations.Nullable;

/// What became of the keys of a [Generation]: the newest row of each, the removed ones, too, and their order.
///
/// *Threads.* One at a time, and any number once nothing is put any more.
final class FlatRows {
    /// Longer ones get an array of their own, so that little is left empty.
    private static final int SHARING_BYTES_MAX = RowRecords.CHUNK_BYTES_MAX / 4;
    private final RowRecords records = new RowRecords();
    private final RowIndex places = new RowIndex(records);
    private int shared = -1;
    private long bytes;
    private volatile @Nullable RowOrder order;

    /// @param value null for one that was removed
    void put(Bytes key, @Nullable Versioned value) {
        int slot = places.find(key);
        if (slot >= 0 && value != null && records.overwrite(places.place(slot), value)) return;
        int bytesMax = RowRecords.bytesMax(key, value);
        int number = bytesMax > SHARING_BYTES_MAX
                ? records.addChunk(bytesMax)
                : sharedWith(bytesMax);
        int place = records.append(number, key, value);
        bytes += records.length(place);
        if (slot < 0) {
            places.add(key, place);
            bytes += RowIndex.ROW_BYTES;
        } else {
            places.move(slot, place);
        }
    }

    private int sharedWith(int bytesMax) {
        if (shared < 0 || records.freeBytes(shared) < bytesMax)
            shared = records.addChunk(RowRecords.CHUNK_BYTES_MAX);
        return shared;
    }

    /// Of the heap, about, for all that was put, replaced or not, but for what took another's place.
    long bytes() {
        return bytes;
    }

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        places.warm(keys);
    }

    boolean knows(Bytes key) {
        return places.find(key) >= 0;
    }

    /// Null if it was removed, or nobody knows it.
    @Nullable
    Versioned get(Bytes key) {
        int slot = places.find(key);
        return slot < 0 ? null : records.value(places.place(slot));
    }

    RowOrder order() {
        var known = order;
        if (known == null) {
            var rows = new long[places.size()];
            places.copyTo(rows);
            known = new RowOrder(records, rows);
            order = known;
        }
        return known;
    }

    Bytes key(int place) {
        return records.key(place);
    }

    /// Null if it was removed.
    @Nullable
    Versioned value(int place) {
        return records.value(place);
    }

    void copy(int place, BatchWriter to) {
        records.copy(place, to);
    }
}
