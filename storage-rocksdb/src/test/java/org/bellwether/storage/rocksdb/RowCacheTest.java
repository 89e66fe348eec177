package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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

/// What the cache says is what the tables say, whatever has become of a row meanwhile.
class RowCacheTest {
    private static final int KEYS = 40;
    /// A third of the keys fits.
    private static final int ROWS_BYTES = 13 * 300;

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

    @Test
    void itHoldsNoMoreThanItMayAndWhatWasUsedLast() {
        var cache = new RowCache(ROWS_BYTES);
        var random = new SplittableRandom(12);
        for (int i = 0; i < 1_000; i++) {
            cache.put(key(i % 300), row(random, i));
            cache.put(key(1_000), row(random, i));
            assertTrue(cache.bytes() <= ROWS_BYTES, () -> cache.bytes() + " bytes");
            assertNotNull(cache.get(key(i % 300)));
        }
        assertNotNull(cache.get(key(1_000)));
        assertNull(cache.get(key(5)));
        cache.put(key(1), new Versioned(Bytes.wrap(new byte[ROWS_BYTES]), new Revision(1),
                new Revision(1), 1));
        assertEquals(0, cache.bytes(), "a row that is too large leaves nothing behind");
        assertNull(cache.get(key(1)));
    }
}
