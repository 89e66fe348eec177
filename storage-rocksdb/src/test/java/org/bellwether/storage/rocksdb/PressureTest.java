package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Marks;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// More than fits, faster than it can be written, and onto a disk that is gone.
@Timeout(60)
class PressureTest {
    private static final Duration HANGING = Duration.ofSeconds(60);
    private static final RocksConfig SMALL = KilledWriter.small();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    private RocksStorage open() {
        return RocksStorage.open(temp.resolve("tables"), SMALL);
    }

    private static List<Change> put(long number, int bytes) {
        return List.of(Marks.change(Bytes.utf8("k" + number), value(number, bytes)));
    }

    private static Versioned value(long number, int bytes) {
        return new Versioned(Bytes.wrap(new byte[bytes]), new Revision(number),
                new Revision(number), 1);
    }

    /// With RocksDB's flushes and compactions held, which is slower than any disk.
    @Test
    void aWriterNeverWaitsAndCanTellWhenToHoldBack() throws Exception {
        try (var storage = open()) {
            storage.database().db().pauseBackgroundWork();
            assertFalse(storage.congested());
            long index = 0;
            while (!storage.congested()) {
                index++;
                Marks.commit(storage, put(index, 8_000), index, new Revision(index));
                await(() -> storage.database().backlogBytes() < SMALL.memtableBytes() / 2);
            }
            assertTrue(index * 8_000 >= SMALL.memtableBytes() * (SMALL.memtablesMax() - 1));
            assertTrue(index * 8_000 <= SMALL.memtableBytes() * (SMALL.memtablesMax() + 3));
            for (int i = 0; i < 50; i++) {
                index++;
                Marks.commit(storage, put(index, 8_000), index, new Revision(index));
            }
            assertTrue(storage.congested());
            storage.database().db().continueBackgroundWork();
            await(() -> !storage.congested());
            assertEquals(index, storage.mark().keys());
            assertEquals(index, Replay.contents(storage).size());
        }
    }

    /// It would take memory without end.
    @Test
    void aWriterThatNeverHoldsBackIsRefusedAndDoesNotHang() throws Exception {
        try (var storage = open()) {
            storage.database().db().pauseBackgroundWork();
            var refused = assertThrows(StorageException.class, () -> {
                for (long i = 1; i < 100_000; i++)
                    Marks.commit(storage, put(i, 8_000), i, new Revision(i));
            });
            assertTrue(String.valueOf(refused.getMessage()).contains("cannot commit"),
                    refused::toString);
            long applied = storage.applied();
            assertEquals(applied, storage.mark().keys(), "the refused commit changed nothing");
            storage.database().db().continueBackgroundWork();
            await(() -> !storage.congested());
            Marks.commit(storage, put(applied + 1, 10), applied + 1, new Revision(applied + 1));
            assertEquals(applied + 1, Replay.flush(storage));
        }
    }

    @Test
    void anErrorInTheBackgroundComesOutOfTheNextCall() throws Exception {
        try (var storage = open()) {
            Marks.commit(storage, put(1, 10), 1, new Revision(1));
            TablesFolder.removeAll(temp.resolve("tables")
                    .resolve(FolderTest.states(temp.resolve("tables")).getFirst()));
            // Enough for RocksDB to flush by itself: nobody calls it, so nobody is told.
            await(() -> {
                try {
                    if (storage.congested()) return false;
                    long next = storage.applied() + 1;
                    Marks.commit(storage, put(next, 8_000), next, new Revision(next));
                    return false;
                } catch (StorageException told) {
                    return true;
                }
            });
            for (Executable call : List.<Executable>of(() -> storage.get(Bytes.utf8("k1")),
                    () -> Replay.flush(storage), storage::congested)) {
                var told = assertThrows(StorageException.class, call);
                assertFalse(told instanceof StorageDamagedException, told::toString);
            }
        }
    }

    @Test
    void dataMayBeMuchLargerThanCacheAndMemtables() {
        int keys = 30_000;
        try (var storage = open()) {
            for (int i = 1; i <= keys; i++) {
                await(() -> !storage.congested());
                Marks.commit(storage, put(i, 1_000), i, new Revision(i));
            }
            Replay.flush(storage);
            var random = new SplittableRandom(1);
            for (int i = 0; i < 5_000; i++) {
                long key = 1L + random.nextInt(keys);
                var found = storage.get(Bytes.utf8("k" + key));
                assertEquals(value(key, 1_000), found);
            }
            assertEquals(keys, storage.mark().keys());
        }
        try (var storage = open()) {
            assertEquals(keys, storage.applied());
            assertEquals(keys, Replay.contents(storage).size());
        }
    }

    /// Commits, installs, views, flushes and restores at once, and a close in the middle of them.
    @Test
    void closingWhileOthersWorkEndsTheirWorkWithAnError() throws Exception {
        for (int round = 0; round < 10; round++) {
            var storage = RocksStorage.open(temp.resolve("round" + round), SMALL);
            var view = storage.view();
            var flusher = new FutureTask<>(() -> {
                while (true)
                    storage.flush(view);
            });
            var restorer = new FutureTask<>(() -> {
                while (true) {
                    try (var restore = storage.restore()) {
                        restore.put(Bytes.utf8("k"), value(1, 10));
                        restore.finish(Mark.NONE.at(1), Bytes.EMPTY);
                    }
                }
            });
            var scanner = new FutureTask<>(() -> {
                while (true)
                    view.scan(Bytes.EMPTY, (_, _) -> true);
            });
            Thread.ofPlatform().start(flusher);
            Thread.ofPlatform().start(restorer);
            Thread.ofPlatform().start(scanner);
            long applied = 0;
            for (int i = 1; i <= 2_000; i++) {
                applied++;
                Marks.commit(storage, put(applied, 100), applied, new Revision(applied));
            }
            storage.close();
            assertEnded(flusher);
            assertEnded(restorer);
            view.close();
            assertEnded(scanner);
            RocksStorage.open(temp.resolve("round" + round), SMALL).close();
        }
    }

    private static void assertEnded(FutureTask<?> task) throws InterruptedException,
            TimeoutException {
        var failed = assertThrows(ExecutionException.class, () -> task.get(20, TimeUnit.SECONDS));
        assertTrue(failed.getCause() instanceof IllegalStateException, failed::toString);
    }

    private static void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > HANGING.toNanos())
                throw new AssertionError("waited in vain");
            Thread.onSpinWait();
        }
    }

    /// On a disk of which nobody has patience, as if it took long.
    @Test
    void whatIsNotAtHandIsFetchedByAnotherThread() throws Exception {
        int keys = 30_000;
        var impatient = SMALL.withPatience(Duration.ZERO);
        try (var storage = open()) {
            for (int i = 1; i <= keys; i++) {
                await(() -> !storage.congested());
                Marks.commit(storage, put(i, 1_000), i, new Revision(i));
            }
            Replay.flush(storage);
        }
        try (var storage = RocksStorage.open(temp.resolve("tables"), impatient)) {
            assertTrue(storage.isSlow());
            int fetched = 0;
            for (int i = 1; i <= keys; i += 1_000) {
                var key = Bytes.utf8("k" + i);
                if (storage.isAtHand(key)) continue;
                var there = new CompletableFuture<String>();
                storage.fetch(() -> List.of(key),
                        () -> there.complete(Thread.currentThread().getName()));
                assertEquals("reader", there.get(20, TimeUnit.SECONDS));
                assertTrue(storage.isAtHand(key));
                assertEquals(1_000, Objects.requireNonNull(storage.get(key)).value().length());
                fetched++;
            }
            assertTrue(fetched > 20, fetched + " of 30 were not at hand");
        }
    }

    /// Where processors are rare a read of what is in memory takes long, too, the more so the more is fetched: it must not
    /// be the reason to go on with that.
    @Test
    void whatIsInMemoryDoesNotTellOfASlowDisk() throws Exception {
        var hasty = SMALL.withPatience(Duration.ofNanos(1));
        try (var storage = RocksStorage.open(temp.resolve("tables"), hasty)) {
            Marks.commit(storage, put(1, 10), 1, new Revision(1));
            Replay.flush(storage);
            var absent = Bytes.utf8("absent");
            for (int i = 0; i < 3; i++)
                assertNull(storage.get(absent));
            assertTrue(storage.isSlow());
            await(() -> {
                var there = new CompletableFuture<Boolean>();
                storage.fetch(() -> List.of(absent), () -> there.complete(true));
                there.join();
                return !storage.isSlow();
            });
        }
    }

    @Test
    void moreThanCanWaitIsNotFetchedAndNobodyWaits() throws Exception {
        var impatient = SMALL.withPatience(Duration.ZERO);
        try (var storage = RocksStorage.open(temp.resolve("tables"), impatient)) {
            var gate = new CountDownLatch(1);
            int asked = 2 * Readers.WAITING_MAX;
            var done = new CountDownLatch(asked);
            for (int i = 0; i < asked; i++) {
                storage.fetch(() -> {
                    try {
                        gate.await();
                    } catch (InterruptedException closed) {
                        Thread.currentThread().interrupt();
                    }
                    return List.of();
                }, done::countDown);
            }
            assertTrue(done.getCount() > 0 && done.getCount() <= Readers.WAITING_MAX + 16,
                    done.getCount() + " wait");
            gate.countDown();
            assertTrue(done.await(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void whoWaitsForWhatFailsIsToldAllTheSame() throws Exception {
        try (var storage = open()) {
            var done = new CountDownLatch(1);
            storage.fetch(() -> {
                throw new AssertionError("unexpected");
            }, done::countDown);
            assertTrue(done.await(20, TimeUnit.SECONDS));
        }
    }
}
