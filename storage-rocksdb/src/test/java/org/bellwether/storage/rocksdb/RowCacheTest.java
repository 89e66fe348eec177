package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Marks;
import org.bellwether.storage.Storage.Change;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the cache says is what the tables say, whatever has become of a row meanwhile.
class RowCacheTest {
    private static final int KEYS = 200;
    private static final int ROWS_BYTES = 24 * 1024;
    private static final int CACHE_BYTES = 128 * 1024;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    private static Bytes key(int number) {
        return Bytes.utf8("k" + number);
    }

    private static Versioned row(SplittableRandom random, long at) {
        var value = new byte[random.nextInt(100)];
        return new Versioned(Bytes.wrap(value), Revision.NONE, new Revision(at), 1);
    }

    @Test
    void aRowIsTheSameWithAndWithoutIt() {
        var random = new SplittableRandom(11);
        var known = new HashMap<Bytes, Versioned>();
        try (var storage = RocksStorage.open(temp.resolve("tables"),
                KilledWriter.small().withRowBytes(ROWS_BYTES))) {
            for (int turn = 1; turn <= 3_000; turn++) {
                var changed = new HashMap<Bytes, Change>();
                boolean replaces = random.nextInt(200) == 0;
                if (replaces) known.clear();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    var key = key(random.nextInt(KEYS));
                    var value = random.nextInt(4) == 0 ? null : row(random, turn);
                    changed.put(key, new Change(key, known.get(key), value));
                }
                changed.forEach((key, change) -> known.compute(key, (_, _) -> change.value()));
                var mark = Marks.of(turn, new Revision(turn), known);
                if (replaces)
                    storage.replace(List.copyOf(changed.values()), mark);
                else
                    storage.commit(List.copyOf(changed.values()), mark);
                if (random.nextInt(300) == 0) {
                    known.replaceAll((_, _) -> row(random, 1));
                    install(storage, known);
                }
                for (int i = 0; i < 5; i++) {
                    var key = key(random.nextInt(KEYS));
                    assertEquals(known.get(key), storage.get(key), "turn " + turn);
                }
            }
        }
    }

    /// At the same applied index, as after a repair.
    private static void install(RocksStorage storage, Map<Bytes, Versioned> rows) {
        try (var restore = storage.restore()) {
            new TreeMap<>(rows).forEach(restore::put);
            restore.finish(Marks.of(storage.applied(), storage.revision(), rows), Bytes.EMPTY);
            storage.install(restore);
        }
    }

    private static Versioned row(int bytes, long at) {
        return new Versioned(Bytes.wrap(new byte[bytes]), Revision.NONE, new Revision(at), 1);
    }

    /// Short rows and long ones, in turn and together.
    @Test
    void itHoldsNoMoreThanItMay() {
        var random = new SplittableRandom(12);
        var cache = new RowCache(CACHE_BYTES);
        for (int phase = 0; phase < 40; phase++) {
            int longest = List.of(1, 40, 700, 20_000).get(random.nextInt(4));
            for (int i = 0; i < 2_000; i++) {
                var key = key(random.nextInt(4_000));
                var row = row(random.nextInt(longest), i);
                cache.put(key, row);
                assertEquals(row, cache.get(key));
                assertTrue(cache.bytes() <= CACHE_BYTES, () -> cache.bytes() + " bytes");
            }
        }
        cache.clear();
        cache.put(key(1), row(CACHE_BYTES, 1));
        assertEquals(0, cache.bytes(), "a row that is too large leaves nothing behind");
        assertNull(cache.get(key(1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 10_000})
    void whatIsUsedStays(int bytes) {
        var cache = new RowCache(CACHE_BYTES);
        for (int i = 0; i < 20_000; i++) {
            cache.put(key(i), row(bytes, i));
            if (i == 0) continue;
            assertEquals(row(bytes, 0), cache.get(key(0)));
            if (i >= 5) assertEquals(row(bytes, i - 5), cache.get(key(i - 5)));
        }
        assertNull(cache.get(key(100)));
    }

    /// A row that shrinks, grows and comes back is never an earlier one.
    @Test
    void theNewestIsWhatItSays() {
        var random = new SplittableRandom(13);
        var cache = new RowCache(CACHE_BYTES);
        var model = new HashMap<Bytes, Versioned>();
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            var key = key(random.nextInt(500));
            switch (random.nextInt(3)) {
                case 0 -> {
                    var row = row(random.nextInt(random.nextInt(10) == 0 ? 5_000 : 300), i);
                    cache.put(key, row);
                    model.put(key, row);
                }
                case 1 -> {
                    var value = random.nextInt(3) == 0 ? null : row(random.nextInt(90), i);
                    cache.changed(List.of(new Change(key, model.get(key), value)));
                    if (value == null)
                        model.remove(key);
                    else
                        model.put(key, value);
                }
                default -> {
                    var known = cache.get(key);
                    if (known == null) continue;
                    assertEquals(model.get(key), known);
                    found++;
                }
            }
        }
        assertTrue(found > 10_000, "found " + found);
    }
}
