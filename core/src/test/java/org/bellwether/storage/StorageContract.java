package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.FutureTask;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every storage promises. A new one adds a subclass and is held to the same.
public abstract class StorageContract {
    private static final Bytes A = Bytes.utf8("a");
    private static final Bytes B = Bytes.utf8("b");
    private static final Bytes C = Bytes.utf8("c");
    private static final int KEYS = 60;

    @SuppressWarnings("NullAway.Init")
    private Storage storage;

    /// Opens this test's storage: the first time anew, then with whatever it has kept.
    protected abstract Storage open();

    /// The folder that it has its files in now; null if it has none.
    protected abstract @Nullable Path files();

    @BeforeEach
    void start() {
        storage = open();
    }

    @AfterEach
    void end() {
        storage.close();
    }

    private void reopen() {
        storage.close();
        storage = open();
    }

    private static Versioned value(long revision) {
        return new Versioned(Bytes.utf8("v" + revision), new Revision(revision),
                new Revision(revision), 1);
    }

    private static List<Change> put(Bytes key, long revision) {
        return List.of(Marks.change(key, value(revision)));
    }

    private void commit(long applied, List<Change> changes) {
        Marks.commit(storage, changes, applied, new Revision(applied));
    }

    private static NavigableMap<Bytes, Versioned> contents(View view) {
        var contents = new TreeMap<Bytes, Versioned>();
        assertNull(view.scan(Bytes.EMPTY, (key, value) -> {
            assertTrue(contents.isEmpty() || contents.lastKey().compareTo(key) < 0,
                    "keys come in order, and once");
            contents.put(key, value);
            return true;
        }));
        assertEquals(contents.size(), view.mark().keys());
        return contents;
    }

    private NavigableMap<Bytes, Versioned> contents() {
        try (var view = storage.view()) {
            assertEquals(storage.applied(), view.applied());
            assertEquals(storage.revision(), view.revision());
            assertEquals(storage.mark().keys(), view.mark().keys());
            return contents(view);
        }
    }

    private long flush() {
        try (var now = storage.view()) {
            return storage.flush(now);
        }
    }

    private long digest() {
        try (var view = storage.view()) {
            return view.digest();
        }
    }

    // Keys and values.

    @Test
    void aNewStorageIsEmpty() {
        assertNull(storage.get(A));
        assertEquals(0, storage.applied());
        assertEquals(0, storage.durable());
        assertEquals(Revision.NONE, storage.revision());
        assertEquals(0, storage.mark().keys());
        assertEquals(Map.of(), contents());
        assertFalse(storage.congested());
    }

    @Test
    void aCommitChangesKeysIndexAndRevisionTogether() {
        Marks.commit(storage, List.of(Marks.change(A, value(1)), Marks.change(B, value(2))), 5,
                new Revision(2));
        assertEquals(value(1), storage.get(A));
        assertEquals(5, storage.applied());
        assertEquals(new Revision(2), storage.revision());
        Marks.commit(storage, List.of(Marks.change(A, null), Marks.change(B, value(3))), 6,
                new Revision(3));
        assertNull(storage.get(A));
        assertEquals(value(3), storage.get(B));
        assertEquals(1, storage.mark().keys());
    }

    @Test
    void theAppliedIndexOnlyMovesForward() {
        Marks.commit(storage, List.of(), 5, Revision.NONE);
        var change = put(A, 1);
        assertThrows(IllegalArgumentException.class,
                () -> Marks.commit(storage, change, 5, new Revision(1)));
        assertThrows(IllegalArgumentException.class,
                () -> Marks.commit(storage, change, 4, new Revision(1)));
        assertNull(storage.get(A), "a refused commit changes nothing");
        assertEquals(0, storage.mark().keys());
    }

    @Test
    void removingWhatIsNotThereIsNoError() {
        Marks.commit(storage, List.of(Marks.change(A, null)), 1, Revision.NONE);
        assertEquals(0, storage.mark().keys());
    }

    @Test
    void aKeyThatIsChangedTwiceByOneCommitHasTheLastValue() {
        commit(1,
                List.of(Marks.change(A, value(1)), Marks.change(A, null), Marks.change(A, value(2)),
                        Marks.change(B, value(1)), Marks.change(B, null)));
        assertEquals(Map.of(A, value(2)), contents());
        assertEquals(1, storage.mark().keys());
    }

    /// Whether they are there, were there, or never were.
    @Test
    void keysThatAreExpectedStayAsTheyAre() {
        storage.expect(List.of(A, B));
        commit(1, put(A, 1));
        commit(2, put(B, 2));
        commit(3, List.of(Marks.change(B, null)));
        storage.expect(List.of(A, B, Bytes.EMPTY, A));
        assertEquals(value(1), storage.get(A));
        assertNull(storage.get(B));
        assertEquals(Map.of(A, value(1)), contents());
    }

    @Test
    void aValueHasItsWholeHistory() {
        var kept = new Versioned(Bytes.EMPTY, new Revision(3), new Revision(Long.MAX_VALUE),
                Long.MAX_VALUE);
        commit(1, List.of(Marks.change(A, kept)));
        assertEquals(kept, storage.get(A));
        assertEquals(Map.of(A, kept), contents());
    }

    @Test
    void theLargestKeysAndValuesFit() {
        var key = Bytes.wrap(filled(8 * 1024, -1));
        var value = new Versioned(Bytes.wrap(filled(1 << 20, 7)), new Revision(1), new Revision(1),
                1);
        commit(1, List.of(Marks.change(key, value)));
        assertEquals(value, storage.get(key));
        assertEquals(Map.of(key, value), contents());
    }

    private static byte[] filled(int length, int with) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    @Test
    void closingTwiceIsClosingOnce() {
        commit(1, put(A, 1));
        storage.close();
        storage.close();
        assertEquals(1, storage.applied());
        assertEquals(new Revision(1), storage.revision());
        assertEquals(1, storage.mark().keys());
    }

    // Views.

    @Test
    void aScanShowsEveryKeyInUnsignedOrder() {
        var keys = List.of(Bytes.EMPTY, Bytes.wrap(new byte[]{0}), Bytes.wrap(new byte[]{0, 0}),
                Bytes.wrap(new byte[]{1}), Bytes.wrap(new byte[]{127}),
                Bytes.wrap(new byte[]{-128}),
                Bytes.wrap(new byte[]{-1}), Bytes.wrap(new byte[]{-1, 0}));
        long index = 0;
        for (var key : keys.reversed())
            commit(++index, put(key, 1));
        assertEquals(keys, List.copyOf(contents().keySet()));
    }

    @Test
    void aScanGoesInSlices() {
        commit(1, List.of(Marks.change(A, value(1)), Marks.change(B, value(2)),
                Marks.change(C, value(3))));
        try (var view = storage.view()) {
            var seen = new ArrayList<Bytes>();
            Bytes from = Bytes.EMPTY;
            int slices = 0;
            while (from != null) {
                slices++;
                from = view.scan(from, (key, _) -> {
                    seen.add(key);
                    return false;
                });
            }
            assertEquals(List.of(A, B, C), seen);
            assertEquals(4, slices, "one for each key, and one that finds the end");
            assertEquals(View.after(A), view.scan(A, (_, _) -> false), "from is included");
            assertNull(view.scan(View.after(C), (_, _) -> false));
        }
    }

    @Test
    void aViewShowsWhatWasThereWhenItWasTaken() {
        commit(1, List.of(Marks.change(A, value(1)), Marks.change(B, value(1))));
        try (var view = storage.view()) {
            commit(2, List.of(Marks.change(A, value(2)), Marks.change(B, null),
                    Marks.change(C, value(2))));
            commit(3, List.of(Marks.change(A, null), Marks.change(B, value(3)),
                    Marks.change(C, null)));
            assertEquals(Map.of(A, value(1), B, value(1)), contents(view));
            assertEquals(1, view.applied());
            assertEquals(new Revision(1), view.revision());
            assertEquals(2, view.mark().keys());
        }
        assertEquals(Map.of(B, value(3)), contents());
    }

    @Test
    void aClosedViewShowsNothing() {
        commit(1, List.of(Marks.change(A, value(1)), Marks.change(B, value(1))));
        var view = storage.view();
        view.close();
        assertThrows(IllegalStateException.class, () -> view.scan(Bytes.EMPTY, (_, _) -> true));
        view.close();
    }

    @Test
    void aViewOutlivesItsStorage() {
        commit(1, put(A, 1));
        try (var view = storage.view()) {
            storage.close();
            assertEquals(Map.of(A, value(1)), contents(view));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void viewsAndTableAreTheModelsUnderRandomWrites(int seed) {
        var random = new SplittableRandom(seed);
        var model = new TreeMap<Bytes, Versioned>();
        var views = new HashMap<View, NavigableMap<Bytes, Versioned>>();
        var open = new ArrayList<View>();
        for (int i = 1; i <= 1_000; i++) {
            commit(i, randomChanges(random, model, i));
            assertEquals(model.size(), storage.mark().keys());
            var key = randomKey(random);
            assertEquals(model.get(key), storage.get(key));
            if (random.nextInt(20) == 0) {
                var view = storage.view();
                open.add(view);
                views.put(view, new TreeMap<>(model));
            }
            if (!open.isEmpty() && random.nextInt(20) == 0) {
                var view = open.remove(random.nextInt(open.size()));
                assertEquals(views.remove(view), contents(view), "seed " + seed);
                view.close();
            }
            if (!open.isEmpty() && random.nextInt(5) == 0) {
                var view = open.get(random.nextInt(open.size()));
                assertSlice(views.get(view), view, random);
            }
            if (random.nextInt(200) == 0) flush();
        }
        assertEquals(model, contents());
        for (var view : open) {
            assertEquals(views.get(view), contents(view), "seed " + seed);
            view.close();
        }
    }

    private static void assertSlice(@Nullable NavigableMap<Bytes, Versioned> model, View view,
            SplittableRandom random) {
        var from = randomKey(random);
        int most = 1 + random.nextInt(10);
        var expected = new ArrayList<Bytes>();
        if (model != null) {
            model.tailMap(from, true).keySet().stream().limit(most).forEach(expected::add);
        }
        var seen = new ArrayList<Bytes>();
        view.scan(from, (key, _) -> {
            seen.add(key);
            return seen.size() < most;
        });
        assertEquals(expected, seen);
    }

    /// Another thread compares views with the model while the loop goes on.
    @ParameterizedTest
    @ValueSource(ints = {11, 12, 13})
    void viewsAreReadWhileWritesGoOn(int seed) throws Exception {
        record Taken(@Nullable View view, NavigableMap<Bytes, Versioned> model) {}
        var random = new SplittableRandom(seed);
        var queue = new ArrayBlockingQueue<Taken>(4);
        var reader = new FutureTask<>(() -> {
            int compared = 0;
            for (var taken = queue.take(); taken.view() != null; taken = queue.take()) {
                try (var view = taken.view()) {
                    assertEquals(taken.model(), contents(view), "seed " + seed);
                    assertEquals(taken.model(), contents(view), "seed " + seed);
                }
                compared++;
            }
            return compared;
        });
        Thread.ofPlatform().start(reader);
        var model = new TreeMap<Bytes, Versioned>();
        int offered = 0;
        for (int i = 1; i <= 20_000 && !reader.isDone(); i++) {
            commit(i, randomChanges(random, model, i));
            if (i % 50 == 0 && queue.remainingCapacity() > 1) {
                queue.put(new Taken(storage.view(), new TreeMap<>(model)));
                offered++;
            }
        }
        if (!reader.isDone()) queue.put(new Taken(null, model));
        assertEquals(offered, reader.get());
        assertEquals(model, contents());
    }

    private static Bytes randomKey(SplittableRandom random) {
        return Bytes.utf8("k" + random.nextInt(KEYS));
    }

    private static List<Change> randomChanges(SplittableRandom random,
            Map<Bytes, Versioned> model, long index) {
        var changes = new ArrayList<Change>();
        for (int i = random.nextInt(5); i > 0; i--) {
            var key = randomKey(random);
            if (random.nextInt(3) == 0) {
                changes.add(Marks.change(key, null));
                model.remove(key);
            } else {
                var value = new Versioned(Bytes.utf8("x".repeat(random.nextInt(30))),
                        new Revision(random.nextInt(100)), new Revision(index),
                        random.nextInt(100));
                changes.add(Marks.change(key, value));
                model.put(key, value);
            }
        }
        return changes;
    }

    // Expiry.

    private static Versioned expiring(long at) {
        return new Versioned(Bytes.utf8("v"), new Revision(1), new Revision(1), 1, at);
    }

    private void putExpiring(long applied, Bytes key, long at) {
        commit(applied, List.of(Marks.change(key, expiring(at))));
    }

    @Test
    void keysExpireInTheOrderOfTheirTime() {
        putExpiring(1, A, 300);
        putExpiring(2, B, 100);
        putExpiring(3, C, 200);
        commit(4, List.of(Marks.change(Bytes.utf8("d"), value(4))));
        assertEquals(List.of(), storage.expiring(99, 10));
        assertEquals(List.of(B), storage.expiring(100, 10));
        assertEquals(List.of(B, C), storage.expiring(299, 10));
        assertEquals(List.of(B, C, A), storage.expiring(Long.MAX_VALUE - 1, 10));
        assertEquals(List.of(B, C), storage.expiring(1_000, 2));
        assertEquals(expiring(300), storage.get(A));
        assertEquals(4, contents().size(), "the storage itself removes nothing");
    }

    @Test
    void anExpiryThatIsMovedOrTakenBackIsNotFoundAnyMore() {
        putExpiring(1, A, 100);
        putExpiring(2, A, 500);
        assertEquals(List.of(), storage.expiring(100, 10));
        assertEquals(List.of(A), storage.expiring(500, 10));
        commit(3, List.of(Marks.change(A, value(3))));
        assertEquals(List.of(), storage.expiring(500, 10));
        putExpiring(4, A, 100);
        commit(5, List.of(Marks.change(A, null)));
        assertEquals(List.of(), storage.expiring(500, 10));
    }

    @Test
    void keysOfTheSameTimeExpireInTheirOrder() {
        putExpiring(1, C, 100);
        putExpiring(2, A, 100);
        putExpiring(3, B, 100);
        assertEquals(List.of(A, B, C), storage.expiring(100, 10));
    }

    /// Looks for what is due, as a leader does, while keys come and go.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsDueIsFoundHoweverOftenItIsLookedFor(long seed) {
        var random = new SplittableRandom(seed);
        var ends = new TreeMap<Bytes, Long>();
        for (int i = 1; i <= 500; i++) {
            var key = Bytes.utf8("k" + random.nextInt(20));
            var old = storage.get(key);
            boolean stays = random.nextInt(4) > 0;
            long end = (long) i + random.nextInt(60);
            commit(i, List.of(new Change(key, old, stays ? expiring(end) : null)));
            if (stays)
                ends.put(key, end);
            else
                ends.remove(key);
            long now = i;
            var due = ends.entrySet().stream().filter(each -> each.getValue() <= now)
                    .sorted(Map.Entry.<Bytes, Long>comparingByValue()
                            .thenComparing(Map.Entry.comparingByKey()))
                    .map(Map.Entry::getKey).limit(3).toList();
            assertEquals(due, storage.expiring(now, 3), "seed " + seed + ", " + i);
        }
    }

    @Test
    void aReplaceRemovesEverythingThatWasThereAndNothingThatComesWithIt() {
        putExpiring(1, A, 100);
        commit(2, put(B, 2));
        try (var before = storage.view()) {
            var mark = new Mark(3, new Revision(3), 1, 0, Totals.NONE);
            assertThrows(IllegalArgumentException.class, () -> storage.replace(List.of(),
                    new Mark(2, new Revision(3), 1, 0, Totals.NONE)));
            storage.replace(List.of(), mark);
            assertEquals(mark, storage.mark());
            assertEquals(Map.of(), contents());
            assertEquals(List.of(), storage.expiring(1_000, 10));
            assertEquals(2, contents(before).size(), "a view stays as it is");
        }
        commit(4, put(A, 4));
        var sum = new Totals.Sum();
        sum.add(C, expiring(50));
        storage.replace(List.of(new Change(C, null, expiring(50))),
                new Mark(5, new Revision(5), 1, 0, sum.totals()));
        assertNull(storage.get(A));
        assertEquals(Map.of(C, expiring(50)), contents());
        assertEquals(List.of(C), storage.expiring(50, 10));
        flush();
        reopen();
        if (storage.applied() == 5) assertEquals(Map.of(C, expiring(50)), contents());
    }

    @Test
    void expiryOutlivesAReopeningAndARestore() {
        putExpiring(1, A, 100);
        putExpiring(2, B, 50);
        if (flush() > 0) {
            reopen();
            assertEquals(List.of(B, A), storage.expiring(100, 10));
        }
        var state = state(1, 3);
        state.put(Bytes.utf8("zz"), expiring(10));
        state.put(Bytes.utf8("zy"), expiring(20));
        try (var restore = restored(9, state)) {
            storage.install(restore);
        }
        assertEquals(List.of(Bytes.utf8("zz"), Bytes.utf8("zy")), storage.expiring(100, 10));
        assertEquals(state, contents());
    }

    // Digests.

    /// The expected numbers are another program's, from `docs/formats.md`.
    @Test
    void theDigestIsTheDocumentedOne() {
        assertEquals(0xe3b0c44298fc1c14L, digest(), "SHA-256 of nothing");
        commit(1, List.of(Marks.change(A, new Versioned(Bytes.utf8("v1"), new Revision(1),
                new Revision(2), 3))));
        assertEquals(0xc04a3f6038f50bf9L, digest());
    }

    @Test
    void equalContentsHaveEqualDigestsWhateverTheirHistory() {
        commit(1, List.of(Marks.change(A, value(1)), Marks.change(B, value(2))));
        long digest = digest();
        commit(2, List.of(Marks.change(B, value(3)), Marks.change(C, value(4))));
        assertNotEquals(digest, digest());
        commit(3, List.of(Marks.change(B, value(2)), Marks.change(C, null)));
        assertEquals(digest, digest());
    }

    @Test
    void everyDifferenceShowsInTheDigest() {
        var digests = new HashMap<Long, Versioned>();
        var text = Bytes.utf8("v");
        var one = new Revision(1);
        var two = new Revision(2);
        long index = 0;
        for (var value : List.of(new Versioned(text, one, one, 1), new Versioned(text, one, one, 2),
                new Versioned(text, one, two, 1), new Versioned(text, two, one, 1),
                new Versioned(Bytes.utf8("w"), one, one, 1),
                new Versioned(text, one, one, 1, 7), new Versioned(Bytes.EMPTY, one, one, 1))) {
            commit(++index, List.of(Marks.change(A, value)));
            assertNull(digests.put(digest(), value));
        }
        commit(++index, List.of(Marks.change(A, null), Marks.change(B, value(1))));
        assertFalse(digests.containsKey(digest()));
    }

    /// A key may end as a value begins.
    @Test
    void theDigestKnowsWhereAKeyEnds() {
        commit(1, List.of(Marks.change(Bytes.utf8("ab"), new Versioned(Bytes.utf8("c"),
                Revision.NONE, Revision.NONE, 1))));
        long digest = digest();
        commit(2, List.of(Marks.change(Bytes.utf8("ab"), null), Marks.change(A,
                new Versioned(Bytes.utf8("bc"), Revision.NONE, Revision.NONE, 1))));
        assertNotEquals(digest, digest());
    }

    // Durability.

    @Test
    void whatIsFoundLaterIsAStateThatWasThere() {
        var random = new SplittableRandom(5);
        var model = new TreeMap<Bytes, Versioned>();
        var models = new HashMap<Long, NavigableMap<Bytes, Versioned>>();
        models.put(0L, new TreeMap<>());
        for (int life = 0; life < 5; life++) {
            long start = storage.applied();
            model.clear();
            model.putAll(models.getOrDefault(start, new TreeMap<>()));
            for (long i = start + 1; i <= start + 40; i++) {
                commit(i, randomChanges(random, model, i));
                models.put(i, new TreeMap<>(model));
                if (i == start + 25) {
                    long durable = flush();
                    assertTrue(durable == 0 || durable == i);
                    assertEquals(durable, storage.durable());
                }
            }
            long durable = storage.durable();
            reopen();
            assertTrue(storage.applied() >= durable);
            assertTrue(storage.durable() <= storage.applied());
            assertEquals(models.get(storage.applied()), contents());
            assertEquals(new Revision(storage.applied()), storage.revision());
        }
    }

    @Test
    void flushingTwiceIsFlushingOnce() {
        commit(1, put(A, 1));
        assertEquals(flush(), flush());
    }

    /// Which makes the node stop. Whoever starts it again on a disk that works finds what was durable, or more.
    @Test
    void aDiskThatFailsIsToldAndTakesNothingBack() throws IOException {
        var files = files();
        assumeTrue(files != null, "it keeps nothing");
        commit(1, put(A, 1));
        assertEquals(1, flush());
        var elsewhere = files.resolveSibling(files.getFileName() + ".elsewhere");
        Files.move(files, elsewhere);
        commit(2, put(B, 2));
        var failed = assertThrows(StorageException.class, this::flush);
        assertFalse(failed instanceof StorageFullException, failed::toString);
        assertEquals(1, storage.durable());
        storage.close();
        Files.move(elsewhere, files);
        storage = open();
        assertEquals(value(1), storage.get(A));
        assertEquals(storage.applied() == 1 ? null : value(2), storage.get(B));
        commit(storage.applied() + 1, put(C, 3));
        assertEquals(storage.applied(), flush());
    }

    // Replacing everything.

    private Restore restored(long applied, NavigableMap<Bytes, Versioned> state) {
        var restore = storage.restore();
        state.forEach(restore::put);
        restore.finish(Marks.of(applied, new Revision(applied), state),
                Bytes.utf8("origin " + applied));
        return restore;
    }

    private static NavigableMap<Bytes, Versioned> state(int from, int count) {
        var state = new TreeMap<Bytes, Versioned>();
        for (int i = from; i < from + count; i++)
            state.put(Bytes.utf8("k" + i), value(i));
        return state;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 5, 20})
    void anInstallReplacesEverything(long applied) {
        commit(10, List.of(Marks.change(A, value(1)), Marks.change(Bytes.utf8("k1"), value(2))));
        var state = state(0, 1_000);
        var restore = restored(applied, state);
        commit(11, put(B, 3));
        assertEquals(3, storage.mark().keys());
        storage.install(restore);
        assertEquals(applied, storage.applied());
        assertEquals(new Revision(applied), storage.revision());
        assertEquals(Bytes.utf8("origin " + applied), storage.origin());
        assertEquals(state, contents());
        assertNull(storage.get(A));
        commit(applied + 1, put(A, 7));
        assertEquals(value(7), storage.get(A));
        assertEquals(1_001, storage.mark().keys());
        restore.close();
        assertEquals(1_001, contents().size(), "closing an installed restore does nothing");
    }

    @Test
    void anEmptyStateCanBeInstalled() {
        commit(1, put(A, 1));
        storage.install(restored(2, new TreeMap<>()));
        assertEquals(Map.of(), contents());
        assertEquals(2, storage.applied());
    }

    @Test
    void viewsStayWithTheStateTheyWereTakenOf() {
        commit(1, put(A, 1));
        try (var old = storage.view()) {
            storage.install(restored(9, state(0, 10)));
            commit(10, put(A, 2));
            try (var fresh = storage.view()) {
                commit(11, put(A, 3));
                flush();
                assertEquals(Map.of(A, value(1)), contents(old));
                assertEquals(1, old.applied());
                assertEquals(11, contents(fresh).size());
            }
            storage.install(restored(20, state(0, 3)));
            flush();
            assertEquals(Map.of(A, value(1)), contents(old));
        }
        assertEquals(state(0, 3), contents());
    }

    @Test
    void afterTheFlushAnInstalledStateStays() {
        commit(30, put(A, 1));
        flush();
        storage.install(restored(20, state(0, 100)));
        commit(21, put(A, 2));
        long durable = flush();
        assertTrue(durable == 0 || durable == 21);
        assertEquals(durable, storage.durable());
        reopen();
        assertEquals(durable, storage.applied());
        if (durable == 0) return;
        assertEquals(101, contents().size());
        assertEquals(Bytes.utf8("origin 20"), storage.origin());
    }

    @Test
    void beforeTheFlushTheOldStateIsFoundOrTheNew() {
        commit(30, put(A, 1));
        flush();
        storage.install(restored(40, state(0, 100)));
        long durable = storage.durable();
        reopen();
        assertTrue(storage.applied() >= durable);
        assertEquals(switch ((int) storage.applied()) {
            case 0 -> Map.of();
            case 30 -> Map.of(A, value(1));
            default -> state(0, 100);
        }, contents());
    }

    @Test
    void aRestoreThatIsGivenUpLeavesNothing() {
        commit(1, put(A, 1));
        flush();
        try (var filling = storage.restore(); var finished = restored(7, state(0, 10))) {
            filling.put(B, value(2));
            finished.close();
            assertThrows(IllegalStateException.class, () -> storage.install(finished));
        }
        assertEquals(Map.of(A, value(1)), contents());
        long durable = storage.durable();
        reopen();
        assertEquals(durable, storage.applied());
        storage.install(restored(8, state(0, 10)));
        assertEquals(state(0, 10), contents());
    }

    @Test
    void keysOfARestoreComeInOrder() {
        try (var restore = storage.restore()) {
            restore.put(B, value(1));
            assertThrows(IllegalArgumentException.class, () -> restore.put(B, value(1)));
        }
        try (var restore = storage.restore()) {
            restore.put(Bytes.wrap(new byte[]{-1}), value(1));
            assertThrows(IllegalArgumentException.class,
                    () -> restore.put(Bytes.wrap(new byte[]{1}), value(1)));
        }
    }

    @Test
    void onlyAFinishedRestoreOfThisStorageIsInstalledAndOnce() {
        commit(1, put(A, 1));
        try (var restore = storage.restore()) {
            assertThrows(IllegalStateException.class, () -> storage.install(restore));
            restore.finish(Mark.NONE.at(5), Bytes.EMPTY);
            assertThrows(IllegalStateException.class, () -> restore.put(A, value(1)));
            assertThrows(IllegalStateException.class,
                    () -> restore.finish(Mark.NONE.at(6), Bytes.EMPTY));
            storage.install(restore);
            assertThrows(IllegalStateException.class, () -> storage.install(restore));
        }
        try (var other = new MemoryStorage(); var foreign = other.restore()) {
            foreign.finish(Mark.NONE.at(9), Bytes.EMPTY);
            assertThrows(IllegalStateException.class, () -> storage.install(foreign));
        }
        assertEquals(5, storage.applied());
    }
}
