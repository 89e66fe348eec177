package org.bellwether.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;

/// The rows of [MemoryRows] as bytes. One that changes keeps its place if it takes as much as before; else it gets a new
/// one, and what chunks have lost is won back by moving the rest of the emptiest of them.
///
/// A record takes whole units, so that a place has 31 bits however many rows there are. A long value stays where it is;
/// the record has its number.
///
/// ```
/// i32 units × 8 + flags   i32 bytes of the key   i32 bytes of the value, or its number
/// i64 created   i64 modified   i64 version   i64 expires, if it does   key   value, unless it is long
/// ```
///
/// *Threads.* Of one, but for a frozen copy, which is nobody's, and for all to read.
final class MemoryRecords implements FlatRecords {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class,
            ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class,
            ByteOrder.LITTLE_ENDIAN);

    private static final int UNIT_BYTES = 16;
    private static final int UNITS = Chunks.BYTES / UNIT_BYTES;
    private static final int UNITS_BITS = Integer.numberOfTrailingZeros(UNITS);
    private static final int CHUNKS_MAX = 1 << Integer.SIZE - 1 - UNITS_BITS;
    /// Longer ones would leave too much empty at the end of a chunk.
    private static final int RECORD_BYTES_MAX = Chunks.BYTES / 8;

    private static final int LIVE = 1;
    private static final int EXPIRES = 2;
    private static final int LONG_VALUE = 4;
    private static final int FLAG_BITS = 3;

    private static final int KEY_BYTES_AT = 4;
    private static final int VALUE_AT = 8;
    private static final int CREATED_AT = 12;
    private static final int MODIFIED_AT = 20;
    private static final int VERSION_AT = 28;
    private static final int EXPIRES_AT = 36;
    private static final int NEVER_EXPIRES_BYTES = 36;
    private static final int EXPIRES_BYTES = 44;

    private final Chunks chunks;
    private final LongValues longValues;
    /// Of each chunk, the units of records that count.
    private int[] liveUnits = new int[16];
    /// Of all chunks that are in use, and of the records in them that count.
    private long unitsInUse;
    private long unitsLive;
    private int filling = -1;
    private int filledUnits;
    /// Where the search for an empty chunk goes on.
    private int hand;

    /// Whoever keeps places.
    interface Moved {
        void moved(int place, int to);
    }

    MemoryRecords() {
        this(new Chunks(CHUNKS_MAX), new LongValues());
    }

    private MemoryRecords(Chunks chunks, LongValues longValues) {
        this.chunks = chunks;
        this.longValues = longValues;
    }

    private static int place(int chunk, int unit) {
        return chunk << UNITS_BITS | unit;
    }

    private static int chunk(int place) {
        return place >>> UNITS_BITS;
    }

    @Override
    public byte[] bytes(int place) {
        return chunks.bytes(chunk(place));
    }

    @Override
    public int at(int place) {
        return (place & UNITS - 1) * UNIT_BYTES;
    }

    @Override
    public int keyAt(int place) {
        int at = at(place);
        return at + headBytes(head(bytes(place), at));
    }

    @Override
    public int keyEnd(int place) {
        return keyAt(place) + (int) INTS.get(bytes(place), at(place) + KEY_BYTES_AT);
    }

    private static int head(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    private static int headBytes(int head) {
        return (head & EXPIRES) != 0 ? EXPIRES_BYTES : NEVER_EXPIRES_BYTES;
    }

    private int units(int place) {
        return head(bytes(place), at(place)) >>> FLAG_BITS;
    }

    Versioned value(int place) {
        var bytes = bytes(place);
        int at = at(place);
        int head = head(bytes, at);
        int value = (int) INTS.get(bytes, at + VALUE_AT);
        int from = at + headBytes(head) + (int) INTS.get(bytes, at + KEY_BYTES_AT);
        return new Versioned(
                (head & LONG_VALUE) != 0
                        ? longValues.get(value)
                        : Bytes.wrap(Arrays.copyOfRange(bytes, from, from + value)),
                new Revision((long) LONGS.get(bytes, at + CREATED_AT)),
                new Revision((long) LONGS.get(bytes, at + MODIFIED_AT)),
                (long) LONGS.get(bytes, at + VERSION_AT),
                (head & EXPIRES) != 0 ? (long) LONGS.get(bytes, at + EXPIRES_AT) : Versioned.NEVER);
    }

    // Changing them.

    /// @return its place
    int append(Bytes key, Versioned row) {
        int units = unitsOf(key, row);
        int place = newPlace(units);
        write(place, units, key, row);
        return place;
    }

    /// In place of one that takes as much.
    ///
    /// @return false if it does not, and nothing was changed
    boolean overwrite(int place, Bytes key, Versioned row) {
        int units = unitsOf(key, row);
        if (units(place) != units) return false;
        forgetLongValue(place);
        write(place, units, key, row);
        return true;
    }

    /// It counts no more.
    void remove(int place) {
        forgetLongValue(place);
        var bytes = chunks.writable(chunk(place));
        int at = at(place);
        INTS.set(bytes, at, head(bytes, at) & ~LIVE);
        countOut(place);
    }

    private void forgetLongValue(int place) {
        var bytes = bytes(place);
        int at = at(place);
        if ((head(bytes, at) & LONG_VALUE) != 0)
            longValues.remove((int) INTS.get(bytes, at + VALUE_AT));
    }

    private void countOut(int place) {
        int chunk = chunk(place);
        int units = units(place);
        liveUnits[chunk] -= units;
        unitsLive -= units;
        if (liveUnits[chunk] == 0 && chunk != filling) release(chunk);
    }

    private void release(int chunk) {
        unitsInUse -= chunks.bytes(chunk).length / UNIT_BYTES;
        chunks.remove(chunk);
    }

    private static boolean isLong(Bytes key, Versioned row) {
        return EXPIRES_BYTES + key.length() + row.value().length() > RECORD_BYTES_MAX;
    }

    private static int unitsOf(Bytes key, Versioned row) {
        int bytes = row.expires() == Versioned.NEVER ? NEVER_EXPIRES_BYTES : EXPIRES_BYTES;
        bytes += key.length();
        if (!isLong(key, row)) bytes += row.value().length();
        return (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    }

    private int newPlace(int units) {
        int place;
        if (units * UNIT_BYTES > RECORD_BYTES_MAX) {
            // With a key that long it has a chunk to itself.
            place = place(add(units * UNIT_BYTES), 0);
        } else {
            if (filling < 0 || filledUnits + units > UNITS) {
                int full = filling;
                filling = add(Chunks.BYTES);
                filledUnits = 0;
                if (full >= 0 && liveUnits[full] == 0) release(full);
            }
            place = place(filling, filledUnits);
            filledUnits += units;
        }
        liveUnits[chunk(place)] += units;
        unitsLive += units;
        return place;
    }

    private int add(int bytes) {
        int chunk = chunks.add(bytes);
        if (chunk >= liveUnits.length)
            liveUnits = Arrays.copyOf(liveUnits, 2 * liveUnits.length);
        unitsInUse += bytes / UNIT_BYTES;
        return chunk;
    }

    private void write(int place, int units, Bytes key, Versioned row) {
        var to = chunks.writable(chunk(place));
        int at = at(place);
        var value = row.value();
        boolean isLong = isLong(key, row);
        int head = units << FLAG_BITS | LIVE | (isLong ? LONG_VALUE : 0)
                | (row.expires() == Versioned.NEVER ? 0 : EXPIRES);
        INTS.set(to, at, head);
        INTS.set(to, at + KEY_BYTES_AT, key.length());
        INTS.set(to, at + VALUE_AT, isLong ? longValues.add(value) : value.length());
        LONGS.set(to, at + CREATED_AT, row.created().number());
        LONGS.set(to, at + MODIFIED_AT, row.modified().number());
        LONGS.set(to, at + VERSION_AT, row.version());
        if (row.expires() != Versioned.NEVER) LONGS.set(to, at + EXPIRES_AT, row.expires());
        int keyAt = at + headBytes(head);
        System.arraycopy(key.array(), 0, to, keyAt, key.length());
        if (!isLong) System.arraycopy(value.array(), 0, to, keyAt + key.length(), value.length());
    }

    /// Of all chunks and long values.
    long bytes() {
        return unitsInUse * UNIT_BYTES + longValues.bytes();
    }

    // Winning back what is lost.

    /// If a third of all is, moves what is left of one chunk, of which it is a third as well: so a row that was removed
    /// makes two move, on average, and no more than a chunk's at a time.
    void tidy(Moved moved) {
        long lost = unitsInUse - unitsLive - UNITS;
        if (lost * 3 <= unitsInUse) return;
        // There is one: else less than a third were lost, or it is the one that is being filled.
        while (hand == filling || !isSparse(hand))
            hand = next(hand);
        int chunk = hand;
        var bytes = chunks.bytes(chunk);
        for (int unit = 0; liveUnits[chunk] > 0; unit += head(bytes,
                unit * UNIT_BYTES) >>> FLAG_BITS) {
            if ((head(bytes, unit * UNIT_BYTES) & LIVE) != 0) move(place(chunk, unit), moved);
        }
    }

    private int next(int chunk) {
        return chunk + 1 < chunks.count() ? chunk + 1 : 0;
    }

    private boolean isSparse(int chunk) {
        int units = chunks.bytes(chunk).length / UNIT_BYTES;
        return liveUnits[chunk] > 0 && liveUnits[chunk] * 3L <= units * 2L;
    }

    /// The old record stays as it is: a frozen copy may have it.
    private void move(int place, Moved moved) {
        int units = units(place);
        int to = newPlace(units);
        System.arraycopy(bytes(place), at(place), chunks.writable(chunk(to)), at(to),
                units * UNIT_BYTES);
        moved.moved(place, to);
        countOut(place);
    }

    // As of now.

    MemoryRecords freeze() {
        return new MemoryRecords(chunks.freeze(), longValues.copy());
    }

    /// Nobody reads a frozen copy any more.
    void thaw() {
        chunks.thaw();
    }

    /// The places of all records that count.
    long[] places() {
        var places = new long[16];
        int count = 0;
        for (int chunk = 0; chunk < chunks.count(); chunk++) {
            var bytes = chunks.bytes(chunk);
            int units = bytes.length / UNIT_BYTES;
            for (int unit = 0, taken; unit < units; unit += taken) {
                int head = head(bytes, unit * UNIT_BYTES);
                taken = head >>> FLAG_BITS;
                if (taken == 0) break;
                if ((head & LIVE) == 0) continue;
                if (count == places.length) places = Arrays.copyOf(places, 2 * count);
                places[count++] = place(chunk, unit);
            }
        }
        return Arrays.copyOf(places, count);
    }
}
