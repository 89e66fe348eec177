package org.bellwether.storage;

import java.util.Arrays;
import java.util.Objects;
import org.bellwether.api.Bytes;
import org.jspecify.annotations.Nullable;

/// Values that stay as they came, known by their numbers: copying them would cost more than it is worth.
final class LongValues {
    private @Nullable Bytes[] values;
    private int[] free = new int[16];
    private int freeCount;
    private int count;
    private long bytes;

    LongValues() {
        this(new Bytes[16], 0);
    }

    private LongValues(@Nullable Bytes[] values, int count) {
        this.values = values;
        this.count = count;
    }

    Bytes get(int number) {
        return Objects.requireNonNull(values[number], "a record has the number of a value");
    }

    int add(Bytes value) {
        if (freeCount == 0 && count == values.length) values = Arrays.copyOf(values, 2 * count);
        int number = freeCount > 0 ? free[--freeCount] : count++;
        values[number] = value;
        bytes += value.length();
        return number;
    }

    void remove(int number) {
        bytes -= get(number).length();
        values[number] = null;
        if (freeCount == free.length) free = Arrays.copyOf(free, 2 * freeCount);
        free[freeCount++] = number;
    }

    /// Of all of them.
    long bytes() {
        return bytes;
    }

    LongValues copy() {
        return new LongValues(Arrays.copyOf(values, count), count);
    }
}
