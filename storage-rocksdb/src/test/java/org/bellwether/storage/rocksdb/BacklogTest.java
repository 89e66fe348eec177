package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Marks;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whether RocksDB has got what was committed shows in nothing that is asked for.
@Timeout(120)
class BacklogTest {
    private static final long MIB = 1 << 20;

    @Test
    void aSmallHeapIsNotFilledWithRows() {
        for (long heap : new long[]{990 * MIB, 1024 * MIB, 64 * 1024 * MIB}) {
            assertEquals(128 * MIB, Backlog.bytesMax(heap));
            assertEquals(48 * MIB, RocksConfig.ofHeap(heap).rowBytes());
        }
        assertTrue(Backlog.bytesMax(512 * MIB) < 80 * MIB);
        assertTrue(RocksConfig.ofHeap(512 * MIB).rowBytes() < 32 * MIB);
        // It must not be reached by a node that heeds that its storage is congested.
        assertTrue(Backlog.bytesMax(64 * MIB) >= 2 * RocksConfig.DEFAULT.memtableBytes());
    }

    private static final int TURNS = 6_000;
    private static final int KEYS = 300;
    private static final long END_OF_TIME = 1_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    private final TreeMap<Bytes, Versioned> model = new TreeMap<>();

    private record Seen(View view, NavigableMap<Bytes, Versioned> rows) {}

    private static Bytes key(SplittableRandom random) {
        return Bytes.utf8("k" + random.nextInt(KEYS));
    }

    private static @Nullable Versioned value(SplittableRandom random, long at) {
        if (random.nextInt(4) == 0) return null;
        long expires = random.nextInt(3) == 0
                ? 1 + random.nextLong(END_OF_TIME)
                : Versioned.NEVER;
        return new Versioned(Bytes.wrap(new byte[random.nextInt(300)]), new Revision(at),
                new Revision(at), 1, expires);
    }

    private List<Change> change(SplittableRandom random, long at, boolean replaces) {
        if (replaces) model.clear();
        var changes = new HashMap<Bytes, Change>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            var key = key(random);
            changes.put(key, new Change(key, model.get(key), value(random, at)));
        }
        for (var change : changes.values()) {
            if (change.value() == null)
                model.remove(change.key());
            else
                model.put(change.key(), change.value());
        }
        return List.copyOf(changes.values());
    }

    private List<Bytes> expiring(long through, int keysMax) {
        return model.entrySet().stream()
                .filter(row -> row.getValue().expires() != Versioned.NEVER
                        && row.getValue().expires() <= through)
                .map(row -> new Expiry(row.getValue().expires(), row.getKey()))
                .sorted(Comparator.naturalOrder()).limit(keysMax).map(Expiry::key).toList();
    }

    private static void assertShows(Seen seen, Bytes from) {
        var shown = new TreeMap<Bytes, Versioned>();
        seen.view.scan(from, (key, value) -> {
            shown.put(key, value);
            return true;
        });
        assertEquals(seen.rows.tailMap(from, true), shown);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatIsAskedForIsTheModels(int seed) {
        var random = new SplittableRandom(seed);
        var seen = new ArrayList<Seen>();
        var config = KilledWriter.small().withRowBytes(0);
        CompletableFuture<Long> flush = CompletableFuture.completedFuture(0L);
        int drained = 0;
        try (var storage = RocksStorage.open(temp.resolve("tables"), config)) {
            for (int turn = 1; turn <= TURNS; turn++) {
                boolean replaces = random.nextInt(500) == 0;
                var changes = change(random, turn, replaces);
                var mark = Marks.of(turn, new Revision(turn), model);
                if (replaces)
                    storage.replace(changes, mark);
                else
                    storage.commit(changes, mark);
                assertEquals(mark, storage.mark());

                var key = key(random);
                assertEquals(model.get(key), storage.get(key));
                if (random.nextInt(3) == 0) {
                    long through = random.nextLong(END_OF_TIME);
                    int keysMax = 1 + random.nextInt(8);
                    assertEquals(expiring(through, keysMax), storage.expiring(through, keysMax));
                }
                if (random.nextInt(30) == 0)
                    seen.add(new Seen(storage.view(), new TreeMap<>(model)));
                if (!seen.isEmpty() && random.nextInt(10) == 0)
                    assertShows(seen.get(random.nextInt(seen.size())), key);
                if (seen.size() > 5) seen.remove(random.nextInt(seen.size())).view.close();
                if (flush.isDone() && random.nextInt(200) == 0) {
                    flush.join();
                    var now = storage.view();
                    flush = CompletableFuture.supplyAsync(() -> {
                        try (now) {
                            return storage.flush(now);
                        }
                    });
                }
                if (storage.database().written().applied() > 0) drained++;
            }
            flush.join();
            assertTrue(drained > TURNS / 2, "RocksDB got nothing");
            for (var each : seen)
                assertShows(each, Bytes.EMPTY);
            assertEquals(TURNS, Replay.flush(storage));
            seen.forEach(each -> each.view.close());
        }
        try (var storage = RocksStorage.open(temp.resolve("tables"), config)) {
            assertEquals(model, Replay.contents(storage));
            assertEquals(expiring(END_OF_TIME, Integer.MAX_VALUE),
                    storage.expiring(END_OF_TIME, Integer.MAX_VALUE));
        }
    }
}
