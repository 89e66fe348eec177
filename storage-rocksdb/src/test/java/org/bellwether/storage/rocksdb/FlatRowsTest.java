package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// Rows in arrays are those of a sorted map, and become the batch that RocksDB itself would have made of them.
class FlatRowsTest {
    /// Around those at which a length takes a byte more, a row gets an array of its own, and an array is full.
    private static final int[] LENGTHS = {0, 1, 60, 127, 128, 5_000, 16_300, 16_384, 70_000,
            300_000};

    private final FlatRows rows = new FlatRows();
    private final TreeMap<Bytes, @Nullable Versioned> model = new TreeMap<>();
    private SplittableRandom random = new SplittableRandom(1);

    @BeforeAll
    static void load() {
        RocksDB.loadLibrary();
    }

    /// Few letters, zero and the highest among them, so that keys begin alike and are beginnings of others.
    private Bytes key(String begin) {
        var key = new StringBuilder(begin);
        for (int i = random.nextInt(12); i > 0; i--)
            key.append("\0a\u007f".charAt(random.nextInt(3)));
        var bytes = Bytes.utf8(key.toString()).array().clone();
        for (int i = begin.length(); i < bytes.length; i++) {
            if (bytes[i] == 0x7f) bytes[i] = (byte) 0xff;
        }
        return Bytes.wrap(bytes);
    }

    private @Nullable Versioned value() {
        if (random.nextInt(5) == 0) return null;
        int longest = LENGTHS[random.nextInt(random.nextInt(20) == 0 ? LENGTHS.length : 5)];
        var value = new byte[longest];
        random.nextBytes(value);
        return new Versioned(Bytes.wrap(value), new Revision(random.nextLong(1L << 40)),
                new Revision(random.nextLong(1L << 40)), 1 + random.nextInt(99),
                random.nextInt(3) == 0 ? 1 + random.nextLong(1L << 40) : Versioned.NEVER);
    }

    private void put(Bytes key, @Nullable Versioned value) {
        rows.put(key, value);
        model.put(key, value);
    }

    private void fill(int seed) {
        random = new SplittableRandom(seed);
        var begin = List.of("", "key:000", "x".repeat(200)).get(seed % 3);
        for (int i = random.nextInt(3_000); i > 0; i--)
            put(key(begin), value());
    }

    private List<Bytes> keysInOrder() {
        var keys = new ArrayList<Bytes>();
        for (int place : places())
            keys.add(rows.key(place));
        return keys;
    }

    private int[] places() {
        var order = rows.order();
        return IntStream.range(0, order.size()).map(order::place).toArray();
    }

    private void assertIsTheModel() {
        assertEquals(List.copyOf(model.keySet()), keysInOrder());
        for (int place : places())
            assertEquals(model.get(rows.key(place)), rows.value(place));
        model.forEach((key, value) -> {
            assertTrue(rows.knows(key));
            assertEquals(value, rows.get(key));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void theyAreTheModels(int seed) {
        fill(seed);
        assertIsTheModel();
        for (int i = 0; i < 100; i++) {
            var key = key("");
            int before = model.headMap(key, false).size();
            assertEquals(before, rows.order().rankOf(key));
            assertEquals(model.containsKey(key), rows.knows(key));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aBatchOfThemIsTheOneThatRocksDbMakes(int seed) throws RocksDBException {
        fill(seed);
        var writer = new BatchWriter();
        for (int place : places())
            rows.copy(place, writer);
        try (var theirs = new WriteBatch(); var ours = writer.take()) {
            for (var row : model.entrySet()) {
                var value = row.getValue();
                if (value == null)
                    theirs.delete(Rows.key(row.getKey()));
                else
                    theirs.put(Rows.key(row.getKey()), Rows.value(value));
            }
            BatchWriterTest.assertAreTheSame(theirs, ours);
        }
    }

    /// They begin alike for longer than what is sorted as a number.
    @Test
    void keysThatDifferInTheirLastByteOnlyAreInOrder() {
        for (int i = 0; i < 20_000; i++)
            put(Bytes.utf8("k%016d".formatted(random.nextLong(1L << 50))), null);
        for (int i = 0; i < 300; i++)
            put(Bytes.utf8("k" + "0".repeat(i)), null);
        assertIsTheModel();
    }

    private static Versioned row(String value, long revision) {
        return new Versioned(Bytes.utf8(value), new Revision(revision), new Revision(revision), 1,
                Versioned.NEVER);
    }

    /// As long as the row is as long; a removed one has no place for a value.
    @Test
    void aRowThatChangesTakesTheOldOnesPlace() {
        var key = Bytes.utf8("k");
        put(key, row("one", 1));
        long once = rows.bytes();
        for (int i = 2; i < 50; i++)
            put(key, row("t" + i, 2));
        put(key, row("two", 2));
        long longer = rows.bytes();
        assertTrue(longer > once);
        for (int i = 10; i < 99; i++)
            put(key, row("t" + i, 2));
        assertEquals(longer, rows.bytes());
        assertEquals(row("t98", 2), rows.get(key));
        put(key, null);
        assertNull(rows.get(key));
        put(key, row("t10", 2));
        assertTrue(rows.bytes() > longer);
        assertIsTheModel();
    }

    @Test
    void thereAreNoneAtFirst() {
        assertEquals(0, rows.order().size());
        assertEquals(0, rows.order().rankOf(Bytes.EMPTY));
        assertEquals(0, rows.bytes());
        assertFalse(rows.knows(Bytes.EMPTY));
        assertNull(rows.get(Bytes.EMPTY));
    }
}
