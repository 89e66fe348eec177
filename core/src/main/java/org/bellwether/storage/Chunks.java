package org.bellwether.storage;

import java.util.Arrays;

/// Arrays of bytes, known by their numbers, that can be frozen: whoever changes one while somebody reads a frozen copy
/// changes a copy of its own. So freezing copies nothing but references.
///
/// *Threads.* Of one, but for a frozen copy, which is nobody's, and for all to read.
final class Chunks {
    /// Of most; whoever needs a longer one has it alone.
    static final int BYTES = 1 << 14;
    private static final byte[] NONE = {};

    private final int countMax;
    private byte[][] chunks;
    /// How many frozen copies there had been when each of them was made.
    private int[] madeAfter;
    private int[] free = new int[16];
    private int freeCount;
    private int count;
    private int copies;
    private boolean isFrozen;

    Chunks(int countMax) {
        this.countMax = countMax;
        this.chunks = new byte[16][];
        this.madeAfter = new int[16];
    }

    private Chunks(Chunks from) {
        this.countMax = from.count;
        this.count = from.count;
        this.chunks = Arrays.copyOf(from.chunks, count);
        this.madeAfter = new int[0];
    }

    /// One more than the highest number.
    int count() {
        return count;
    }

    /// To be read; none if nothing is in there.
    byte[] bytes(int number) {
        return chunks[number];
    }

    byte[] writable(int number) {
        if (isShared(number)) {
            chunks[number] = chunks[number].clone();
            madeAfter[number] = copies;
        }
        return chunks[number];
    }

    private boolean isShared(int number) {
        return isFrozen && madeAfter[number] != copies;
    }

    /// @return the number of one full of zeros
    int add(int bytes) {
        int number = freeCount > 0 ? free[--freeCount] : next();
        if (chunks[number].length != bytes) {
            chunks[number] = new byte[bytes];
            madeAfter[number] = copies;
        }
        return number;
    }

    private int next() {
        if (count == countMax) {
            throw new StorageException("tables in memory hold at most "
                    + ((long) countMax * BYTES >> 30) + " GiB of keys and short values");
        }
        if (count == chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * count);
            madeAfter = Arrays.copyOf(madeAfter, 2 * count);
        }
        chunks[count] = NONE;
        return count++;
    }

    void remove(int number) {
        var bytes = chunks[number];
        if (bytes.length == BYTES && !isShared(number))
            Arrays.fill(bytes, (byte) 0);
        else
            chunks[number] = NONE;
        if (freeCount == free.length) free = Arrays.copyOf(free, 2 * freeCount);
        free[freeCount++] = number;
    }

    /// All of them as they are now.
    Chunks freeze() {
        copies++;
        isFrozen = true;
        return new Chunks(this);
    }

    /// Nobody reads a frozen copy any more.
    void thaw() {
        isFrozen = false;
    }
}
