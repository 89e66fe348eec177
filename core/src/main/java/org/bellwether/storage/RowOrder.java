package org.bellwether.storage;

import java.util.Arrays;
import org.bellwether.api.Bytes;

/// [FlatRecords] in the order of their keys.
///
/// *Threads.* Any, as long as nobody changes a key.
public final class RowOrder {
    /// So many are sorted without anything to help.
    private static final int FEW_ROWS = 16;

    private final FlatRecords records;
    private final int[] sorted;

    /// @param rows their places, which this array is used to sort
    public RowOrder(FlatRecords records, long[] rows) {
        this.records = records;
        sort(rows);
        this.sorted = Arrays.stream(rows).mapToInt(row -> (int) row).toArray();
    }

    public int size() {
        return sorted.length;
    }

    /// @return the place of the row that so many are before
    public int place(int rank) {
        return sorted[rank];
    }

    /// @return how many keys are before this one
    public int rankOf(Bytes key) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareKey(sorted[middle], key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// A few bytes behind what all keys begin with tell most of them apart, and are sorted as numbers.
    private void sort(long[] rows) {
        int begun = commonBytes(rows);
        for (int i = 0; i < rows.length; i++)
            rows[i] |= (long) keyPart((int) rows[i], begun) << Integer.SIZE;
        Arrays.sort(rows);
        for (int i = 0, end; i < rows.length; i = end) {
            end = i + 1;
            while (end < rows.length && rows[end] >> Integer.SIZE == rows[i] >> Integer.SIZE)
                end++;
            if (end - i > 1) sortByKey(rows, i, end);
        }
    }

    /// With how many bytes all keys begin that are the same.
    private int commonBytes(long[] rows) {
        if (rows.length == 0) return 0;
        int first = (int) rows[0];
        var bytes = records.bytes(first);
        int from = records.keyAt(first);
        int common = records.keyBytes(first);
        for (long row : rows) {
            int place = (int) row;
            int differs = Arrays.mismatch(bytes, from, from + common, records.bytes(place),
                    records.keyAt(place), records.keyEnd(place));
            if (differs >= 0) common = Math.min(common, differs);
        }
        return common;
    }

    /// Four bytes of a key, in the order of the keys; zeros where it has ended.
    private int keyPart(int place, int from) {
        var bytes = records.bytes(place);
        int at = records.keyAt(place) + from;
        int end = records.keyEnd(place);
        int part = 0;
        for (int i = at; i < at + Integer.BYTES; i++)
            part = part << Byte.SIZE | (i < end ? bytes[i] & 0xff : 0);
        return part ^ Integer.MIN_VALUE; // the highest bit is no sign
    }

    private void sortByKey(long[] rows, int from, int end) {
        if (end - from > FEW_ROWS) {
            sortManyByKey(rows, from, end);
            return;
        }
        for (int i = from + 1; i < end; i++) {
            long row = rows[i];
            int to = i;
            for (; to > from && compareKeys((int) rows[to - 1], (int) row) > 0; to--)
                rows[to] = rows[to - 1];
            rows[to] = row;
        }
    }

    private void sortManyByKey(long[] rows, int from, int end) {
        var ordered = Arrays.stream(rows, from, end).boxed()
                .sorted((one, other) -> compareKeys(one.intValue(), other.intValue()))
                .mapToLong(Long::longValue).toArray();
        System.arraycopy(ordered, 0, rows, from, ordered.length);
    }

    private int compareKeys(int one, int other) {
        return Arrays.compareUnsigned(records.bytes(one), records.keyAt(one), records.keyEnd(one),
                records.bytes(other), records.keyAt(other), records.keyEnd(other));
    }

    private int compareKey(int place, Bytes key) {
        return Arrays.compareUnsigned(records.bytes(place), records.keyAt(place),
                records.keyEnd(place), key.array(), 0, key.length());
    }
}
