package org.bellwether.storage.rocksdb;

import java.util.Arrays;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// What became of the keys of a [Generation]: the newest row of each, the removed ones, too, and their order.
///
/// *Threads.* One at a time, and any number once nothing is put any more.
final class FlatRows {
    /// Longer ones get an array of their own, so that little is left empty.
    private static final int SHARING_BYTES_MAX = RowRecords.CHUNK_BYTES_MAX / 4;
    /// So many are sorted without anything to help.
    private static final int FEW_ROWS = 16;
    private final RowRecords records = new RowRecords();
    private final RowIndex places = new RowIndex(records);
    private int shared = -1;
    private long bytes;
    private volatile int @Nullable [] order;

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

    /// The places of all rows, in the order of their keys.
    int[] order() {
        var known = order;
        if (known == null) {
            known = sorted();
            order = known;
        }
        return known;
    }

    /// A few bytes behind what all keys begin with tell most of them apart, and are sorted as numbers.
    private int[] sorted() {
        var rows = new long[places.size()];
        places.copyTo(rows);
        int begun = commonBytes(rows);
        for (int i = 0; i < rows.length; i++)
            rows[i] |= (long) records.keyPart((int) rows[i], begun) << Integer.SIZE;
        Arrays.sort(rows);
        for (int i = 0, end; i < rows.length; i = end) {
            end = i + 1;
            while (end < rows.length && rows[end] >> Integer.SIZE == rows[i] >> Integer.SIZE)
                end++;
            if (end - i > 1) sortByKey(rows, i, end);
        }
        return Arrays.stream(rows).mapToInt(row -> (int) row).toArray();
    }

    private int commonBytes(long[] rows) {
        if (rows.length == 0) return 0;
        int first = (int) rows[0];
        int common = records.keyBytes(first);
        for (long row : rows)
            common = records.commonBytes(first, (int) row, common);
        return common;
    }

    private void sortByKey(long[] rows, int from, int end) {
        if (end - from > FEW_ROWS) {
            sortManyByKey(rows, from, end);
            return;
        }
        for (int i = from + 1; i < end; i++) {
            long row = rows[i];
            int to = i;
            for (; to > from && records.compareKeys((int) rows[to - 1], (int) row) > 0; to--)
                rows[to] = rows[to - 1];
            rows[to] = row;
        }
    }

    private void sortManyByKey(long[] rows, int from, int end) {
        var sorted = Arrays.stream(rows, from, end).boxed()
                .sorted((one, other) -> records.compareKeys(one.intValue(), other.intValue()))
                .mapToLong(Long::longValue).toArray();
        System.arraycopy(sorted, 0, rows, from, sorted.length);
    }

    /// @return of [#order], the first place whose key is not before this one
    int search(Bytes key) {
        var wanted = Rows.key(key);
        var sorted = order();
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (records.compareKey(sorted[middle], wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
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
