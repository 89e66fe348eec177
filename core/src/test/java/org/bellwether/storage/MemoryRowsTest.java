package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows in arrays are those of a sorted map, whatever becomes of them, and frozen ones are those of a copy of it.
class MemoryRowsTest {
    /// Around those at which a value stays apart.
    private static final int[] VALUE_LENGTHS = {0, 1, 12, 13, 128, 1_000, 1_900, 2_048, 20_000};
    /// The last two have a chunk to themselves, and the last one a longer chunk.
    private static final int[] KEY_LENGTHS = {0, 1, 16, 100, 2_000, 2_100, 17_000};

    private final MemoryRows rows = new MemoryRows();
    private final TreeMap<Bytes, Versioned> model = new TreeMap<>();
    private final List<Frozen> frozen = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(1);

    private record Frozen(MemoryRecords rows, TreeMap<Bytes, Versioned> model) {
        void assertIsTheModel(String when) {
            var order = new RowOrder(rows, rows.places());
            var keys = new ArrayList<Bytes>();
            for (int rank = 0; rank < order.size(); rank++) {
                int place = order.place(rank);
                keys.add(rows.key(place));
                assertEquals(model.get(rows.key(place)), rows.value(place), when);
            }
            assertEquals(List.copyOf(model.keySet()), keys, when);
        }
    }

    private Bytes key(int most) {
        int number = random.nextInt(most);
        int length = number % 50 == 0 ? KEY_LENGTHS[number / 50 % KEY_LENGTHS.length] : 12;
        return Bytes.utf8(number + "k".repeat(length));
    }

    private Versioned value() {
        var value = new byte[VALUE_LENGTHS[random.nextInt(VALUE_LENGTHS.length)]];
        random.nextBytes(value);
        return new Versioned(Bytes.wrap(value), new Revision(random.nextLong(1L << 60)),
                new Revision(random.nextLong(1L << 60)), 1 + random.nextLong(1L << 60),
                random.nextInt(3) == 0 ? 1 + random.nextLong(1L << 60) : Versioned.NEVER);
    }

    private void put(Bytes key, Versioned row) {
        assertEquals(model.put(key, row) == null, rows.put(key, row));
    }

    private void remove(Bytes key) {
        rows.remove(key);
        model.remove(key);
    }

    private void assertIsTheModel(String when) {
        model.forEach((key, row) -> assertEquals(row, rows.get(key), when));
        new Frozen(rows.freeze(), model).assertIsTheModel(when);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theyAreTheModels(long seed) {
        random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            var when = "seed " + seed + ", step " + i;
            // They become many and few again, by turns.
            int most = i % 5_000 < 2_500 ? 1_500 : 60;
            var key = most == 60 && !model.isEmpty() && random.nextBoolean()
                    ? model.firstKey()
                    : key(most);
            assertEquals(model.get(key), rows.get(key), when);
            if (random.nextInt(3) == 0)
                remove(key);
            else
                put(key, value());
            switch (random.nextInt(500)) {
                case 0 -> frozen.add(new Frozen(rows.freeze(), new TreeMap<>(model)));
                case 1 -> {
                    for (var copy : frozen)
                        copy.assertIsTheModel(when);
                    frozen.clear();
                    rows.thaw();
                }
                default -> {
                }
            }
        }
        for (var copy : frozen)
            copy.assertIsTheModel("seed " + seed);
        assertIsTheModel("seed " + seed);
    }

    private static Versioned row(int length, long revision) {
        return new Versioned(Bytes.wrap(new byte[length]), new Revision(revision),
                new Revision(revision), 1, Versioned.NEVER);
    }

    /// However often rows change, and however many of them are frozen meanwhile: what was lost is won back.
    @ParameterizedTest(name = "frozen every {0}")
    @ValueSource(ints = {Integer.MAX_VALUE, 1_000})
    void theyTakeHalfAsMuchMoreThanTheyAreAtMost(int frozenEvery) {
        int keys = 2_000;
        int longest = 400;
        for (int i = 0; i < 200_000; i++) {
            rows.put(Bytes.utf8("key:" + random.nextInt(keys)), row(random.nextInt(longest), i));
            if (i % frozenEvery == 0) rows.freeze();
        }
        long most = (long) keys * (longest / 2 + 64);
        assertTrue(rows.bytes() < most * 3 / 2 + 4L * Chunks.BYTES, rows.bytes() + " bytes");
        for (int i = 0; i < keys; i++)
            rows.remove(Bytes.utf8("key:" + i));
        assertTrue(rows.bytes() <= Chunks.BYTES, rows.bytes() + " bytes for none");
    }

    @Test
    void aRowThatChangesTakesTheOldOnesPlace() {
        var key = Bytes.utf8("k");
        put(key, row(128, 1));
        long once = rows.bytes();
        for (int i = 2; i < 10_000; i++)
            put(key, row(128, i));
        assertEquals(once, rows.bytes());
        assertIsTheModel("after all");
    }

    /// One that takes more, or less, leaves nothing behind but for a while.
    @Test
    void aRowThatBecomesLongerAndShorterTakesNoMoreThanAChunkOrTwo() {
        var key = Bytes.utf8("k");
        for (int i = 0; i < 10_000; i++)
            put(key, row(i % 1_000, i));
        assertTrue(rows.bytes() <= 2 * Chunks.BYTES, rows.bytes() + " bytes");
        assertIsTheModel("after all");
    }

    @Test
    void aRowThatComesAndGoesTakesNoMoreThanAChunkOrTwo() {
        for (int i = 0; i < 10_000; i++) {
            put(Bytes.utf8("k"), row(100, i));
            remove(Bytes.utf8("k"));
        }
        assertTrue(rows.bytes() <= 2 * Chunks.BYTES, rows.bytes() + " bytes");
        assertIsTheModel("after all");
    }

    /// Chunks that were free when it was frozen, and are not any more.
    @Test
    void whatIsFrozenWithoutRowsStaysWithout() {
        for (int i = 0; i < 1_000; i++)
            put(Bytes.utf8("key:" + i), row(100, i));
        for (int i = 0; i < 1_000; i++)
            remove(Bytes.utf8("key:" + i));
        var empty = rows.freeze();
        for (int i = 0; i < 1_000; i++)
            put(Bytes.utf8("key:" + i), row(100, i));
        assertEquals(0, empty.places().length);
        assertIsTheModel("after all");
    }

    /// It is the very same, and is not kept longer than it is needed.
    @Test
    void aLongValueIsNotCopied() {
        var key = Bytes.utf8("k");
        var row = row(1 << 20, 1);
        put(key, row);
        var found = rows.get(key);
        assertSame(row.value(), found == null ? null : found.value());
        for (int i = 2; i < 100; i++)
            put(key, row(5_000, i));
        assertTrue(rows.bytes() <= 5_000 + 2 * Chunks.BYTES, rows.bytes() + " bytes");
        put(key, row(1, 100));
        put(key, row(5_000, 101));
        remove(key);
        assertNull(rows.get(key));
        assertTrue(rows.bytes() <= 2 * Chunks.BYTES, rows.bytes() + " bytes");
        assertIsTheModel("after all");
    }

    @Test
    void whatIsExpectedStaysAsItIs() {
        put(Bytes.utf8("a"), row(1, 1));
        rows.warm(List.of(Bytes.utf8("a"), Bytes.utf8("b"), Bytes.EMPTY));
        assertIsTheModel("after all");
    }
}
