package org.bellwether.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.bellwether.api.Bytes;

/// Where the row of a key is among [FlatRecords]: a hash table that keeps no keys, since the records have them. It is one
/// array of numbers, so that a row is found with two misses of the processor's caches, one here and one there; a map of
/// objects takes about five.
///
/// A slot is 0 if it is free, else the key's hash and, in the lower half, the row's place and whether it is marked. The
/// hash has a seed that whoever sends keys does not know, so that nobody can choose such as collide.
public final class RowIndex {
    /// What a row takes here at most, between one doubling and the next.
    public static final int ROW_BYTES = 24;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class,
            ByteOrder.LITTLE_ENDIAN);
    private static final int SLOTS_MIN = 16;
    private static final int WARMED_MAX = 64;
    private static final int LINE_BYTES = 64;
    private static final int WARM_BYTES = 4 * LINE_BYTES;
    private static final long MARK = 1L << 31;
    /// Odd, with its bits well mixed: those of the golden ratio.
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;

    private final FlatRecords records;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private long[] slots = new long[SLOTS_MIN];
    private int size;
    /// Of [#warm]: the slots of some keys.
    private final long[] warming = new long[WARMED_MAX];
    /// Written so that what is read in advance is read.
    @SuppressWarnings("UnusedVariable")
    private long warmed;

    public RowIndex(FlatRecords records) {
        this.records = records;
    }

    public int size() {
        return size;
    }

    /// @return the slot of the row with this key; negative if there is none
    public int find(Bytes key) {
        int hash = hash(key.array(), 0, key.length());
        for (int slot = home(hash);; slot = after(slot)) {
            long known = slots[slot];
            if (known == 0) return -1;
            if (hashOf(known) == hash && records.hasKey(placeOf(known), key)) return slot;
        }
    }

    public int place(int slot) {
        return placeOf(slots[slot]);
    }

    public boolean isMarked(int slot) {
        return (slots[slot] & MARK) != 0;
    }

    public void mark(int slot) {
        slots[slot] |= MARK;
    }

    /// The row has moved, or its successor is there; it is not marked.
    public void move(int slot, int place) {
        slots[slot] = slotOf(hashOf(slots[slot]), place);
    }

    /// The key is new here.
    public void add(Bytes key, int place) {
        if (size >= slots.length / 4 * 3) grow();
        put(slotOf(hash(key.array(), 0, key.length()), place));
        size++;
    }

    private void put(long row) {
        int slot = home(hashOf(row));
        while (slots[slot] != 0)
            slot = after(slot);
        slots[slot] = row;
    }

    private void grow() {
        var before = slots;
        slots = new long[2 * before.length];
        for (long row : before)
            if (row != 0) put(row);
    }

    /// @return the slot of the row that is there; negative if none is
    public int at(int place) {
        int hash = hash(records.bytes(place), records.keyAt(place), records.keyEnd(place));
        for (int slot = home(hash); slots[slot] != 0; slot = after(slot))
            if (placeOf(slots[slot]) == place) return slot;
        return -1;
    }

    /// Those behind it come nearer to where they would like to be, so that no search ends too soon.
    public void remove(int slot) {
        int free = slot;
        for (int next = after(free); slots[next] != 0; next = after(next)) {
            if (distance(home(hashOf(slots[next])), next) < distance(free, next)) continue;
            slots[free] = slots[next];
            free = next;
        }
        slots[free] = 0;
        size--;
    }

    /// @param places as many as there are rows
    public void copyTo(long[] places) {
        int count = 0;
        for (long row : slots)
            if (row != 0) places[count++] = placeOf(row);
    }

    /// Has the processor fetch, side by side, what would keep it waiting one after the other.
    public void warm(List<Bytes> keys) {
        int count = Math.min(keys.size(), WARMED_MAX);
        for (int i = 0; i < count; i++) {
            var key = keys.get(i);
            warming[i] = slots[home(hash(key.array(), 0, key.length()))];
        }
        for (int i = 0; i < count; i++)
            if (warming[i] != 0) warmed += look(placeOf(warming[i]));
    }

    /// At each of the lines of the processor's caches that a row of usual length has.
    private int look(int place) {
        var bytes = records.bytes(place);
        int at = records.at(place);
        int sum = 0;
        for (int i = at, last = Math.min(bytes.length, at + WARM_BYTES); i < last; i += LINE_BYTES)
            sum += bytes[i];
        return sum;
    }

    private int home(int hash) {
        return hash >>> 1 & slots.length - 1;
    }

    private int after(int slot) {
        return slot + 1 & slots.length - 1;
    }

    private int distance(int from, int to) {
        return to - from & slots.length - 1;
    }

    private static long slotOf(int hash, int place) {
        return (long) hash << Integer.SIZE | place;
    }

    private static int hashOf(long row) {
        return (int) (row >>> Integer.SIZE);
    }

    private static int placeOf(long row) {
        return (int) (row & MARK - 1);
    }

    /// Its lowest bit is always set, so that no row is 0.
    private int hash(byte[] bytes, int from, int end) {
        long hash = seed ^ end - from;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES)
            hash = mix(hash ^ (long) LONGS.get(bytes, at));
        long rest = 0;
        for (; at < end; at++)
            rest = rest << Byte.SIZE | bytes[at] & 0xff;
        hash = mix(hash ^ rest);
        return (int) (hash >>> Integer.SIZE) | 1;
    }

    private static long mix(long bits) {
        return bits * MULTIPLIER ^ Math.unsignedMultiplyHigh(bits, MULTIPLIER);
    }
}
