package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class RowIndexTest {
    private final MemoryRecords records = new MemoryRecords();
    private final RowIndex index = new RowIndex(records);

    /// Against the JDK's map, of places and marks.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void findsWhatAMapFinds(long seed) {
        var random = new Random(seed);
        Map<Bytes, Integer> places = new HashMap<>();
        var marked = new HashSet<Bytes>();
        for (int i = 0; i < 50_000; i++) {
            // It grows, and shrinks to nothing again.
            int most = i % 10_000 < 5_000 ? 3_000 : 20;
            var key = key(random.nextInt(most));
            int slot = index.find(key);
            assertEquals(places.containsKey(key), slot >= 0, "seed " + seed);
            switch (random.nextInt(most > 20 ? 4 : 2)) {
                case 0 -> {
                    var gone = most > 20 || places.isEmpty()
                            ? key
                            : places.keySet().iterator().next();
                    int at = index.find(gone);
                    if (at >= 0) index.remove(at);
                    places.remove(gone);
                    marked.remove(gone);
                }
                case 1 -> {
                    if (slot < 0) break;
                    index.mark(slot);
                    marked.add(key);
                }
                default -> {
                    int place = append(key);
                    if (slot < 0)
                        index.add(key, place);
                    else
                        index.move(slot, place);
                    places.put(key, place);
                    marked.remove(key);
                }
            }
            if (i % 1_000 == 0) assertSame(places, marked, "seed " + seed + ", step " + i);
        }
        assertSame(places, marked, "seed " + seed);
    }

    private void assertSame(Map<Bytes, Integer> places, Set<Bytes> marked, String when) {
        assertEquals(places.size(), index.size(), when);
        places.forEach((key, place) -> {
            int slot = index.find(key);
            assertTrue(slot >= 0, when);
            assertEquals(place, index.place(slot), when);
            assertEquals(marked.contains(key), index.isMarked(slot), when);
            assertEquals(slot, index.at(place), when);
        });
        var all = new long[index.size()];
        index.copyTo(all);
        assertEquals(new HashSet<>(places.values()),
                new HashSet<>(Arrays.stream(all).mapToObj(place -> (int) place).toList()), when);
    }

    /// Of one key, only the newest record is known.
    @Test
    void aRecordThatWasReplacedIsNotThere() {
        var key = key(1);
        int before = append(key);
        index.add(key, before);
        int now = append(key);
        index.move(index.find(key), now);
        assertTrue(index.at(before) < 0);
        assertTrue(index.at(now) >= 0);
    }

    @Test
    void keysOfEveryLengthAreTold() {
        var keys = IntStream.range(0, 200).mapToObj(length -> Bytes.wrap(new byte[length]))
                .toList();
        for (var key : keys) {
            assertTrue(index.find(key) < 0);
            index.add(key, append(key));
        }
        for (var key : keys)
            assertEquals(key, records.key(index.place(index.find(key))));
    }

    /// Changes nothing, whatever it is asked for, and more than it looks at.
    @Test
    void warmingChangesNothing() {
        index.warm(List.of());
        var keys = IntStream.range(0, 1_000).mapToObj(RowIndexTest::key).toList();
        index.warm(keys);
        for (var key : keys.subList(0, 500))
            index.add(key, append(key));
        index.warm(keys);
        for (var key : keys.subList(0, 500))
            assertFalse(index.isMarked(index.find(key)));
        for (var key : keys.subList(500, 1_000))
            assertTrue(index.find(key) < 0);
    }

    /// Keys that are all the same to `Arrays.hashCode`, as a stranger may send: in a chain, finding them would take hours.
    @Test
    void strangersCannotMakeKeysCollide() {
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            int bits = 18;
            for (int i = 0; i < 1 << bits; i++) {
                var key = new StringBuilder();
                for (int bit = 0; bit < bits; bit++)
                    key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
                var bytes = Bytes.utf8(key.toString());
                assertTrue(index.find(bytes) < 0);
                index.add(bytes, append(bytes));
            }
            assertEquals(1 << bits, index.size());
        });
    }

    private static Bytes key(int number) {
        return Bytes.utf8("key:" + number);
    }

    private int append(Bytes key) {
        return records.append(key, new Versioned(Bytes.utf8("v"), new Revision(1), new Revision(1),
                1, Versioned.NEVER));
    }
}
