package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Marks;
import org.bellwether.storage.Slice;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.Totals;
import org.bellwether.storage.View;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/// A bit has changed in a table, behind which there are rows that RocksDB has not got yet: they are not shown as if they were next.
class DamageTest {
    private static final int ROWS = 2_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void place() {
        folder = temp.resolve("tables");
    }

    private RocksStorage open() {
        return RocksStorage.open(folder, KilledWriter.small());
    }

    /// Tables of which RocksDB gets nothing more.
    private final class Held implements AutoCloseable {
        private final Tuning tuning = new Tuning(KilledWriter.small());
        private final Drain drain = new Drain();
        private final CountDownLatch held = new CountDownLatch(1);
        final Database database;

        Held() throws RocksDBException {
            drain.run(() -> {
                try {
                    held.await();
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            });
            var path = folder.resolve("state-%020d".formatted(1));
            database = new Database(new Database.Place(1, path, false), KilledWriter.small(),
                    tuning.options(), drain, new Slowness(RocksConfig.DEFAULT.patience()),
                    tuning::close);
        }

        void commit(Change row) {
            var sum = new Totals.Sum(database.mark().totals());
            sum.add(row.key(), Objects.requireNonNull(row.value()));
            database.commit(List.of(row), new Mark(2, new Revision(2), 1, 0, sum.totals()),
                    false);
        }

        View view() {
            return new RocksView(database);
        }

        @Override
        public void close() {
            held.countDown();
            drain.close();
            database.references.release();
        }
    }

    private static Bytes key(int number) {
        return Bytes.utf8("key-%06d".formatted(number));
    }

    private static Change row(int number, long expires) {
        return Marks.change(key(number), new Versioned(Bytes.utf8("value-%06d".formatted(number)),
                new Revision(1), new Revision(1), 1, expires));
    }

    /// One table of many blocks.
    private void make(long firstExpiry) {
        var rows = new ArrayList<Change>();
        for (int i = 0; i < ROWS; i++)
            rows.add(row(i, firstExpiry == Versioned.NEVER ? firstExpiry : firstExpiry + i));
        try (var storage = open()) {
            Marks.commit(storage, rows, 1, new Revision(1));
            assertEquals(1, Replay.flush(storage));
        }
    }

    private void flip(byte[] near) throws IOException {
        Path table;
        try (var files = Files.walk(folder)) {
            table = files.filter(file -> file.toString().endsWith(".sst")).findFirst()
                    .orElseThrow();
        }
        var bytes = Files.readAllBytes(table);
        bytes[find(bytes, near)] ^= 1;
        Files.write(table, bytes);
    }

    private static int find(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (ByteBuffer.wrap(bytes, at, wanted.length).equals(ByteBuffer.wrap(wanted)))
                return at;
        }
        throw new AssertionError("it is not in the table");
    }

    private static byte[] valueOf(int number) {
        return "value-%06d".formatted(number).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aScanThatHasEnoughBehindTheDamageFails() throws Exception {
        make(Versioned.NEVER);
        flip(valueOf(ROWS / 2));
        try (var tables = new Held()) {
            tables.commit(row(ROWS, Versioned.NEVER));
            var seen = new ArrayList<Bytes>();
            try (var view = tables.view()) {
                assertThrows(StorageException.class, () -> view.scan(Bytes.EMPTY, (key, _) -> {
                    seen.add(key);
                    return !key.equals(key(ROWS));
                }));
                assertThrows(StorageException.class, () -> view.scan(key(ROWS / 2), (key, _) -> {
                    seen.add(key);
                    return false;
                }), "also where the damage is the first that there is");
            }
            for (int i = 0; i < seen.size(); i++)
                assertEquals(key(i), seen.get(i));
        }
    }

    @Test
    void aSliceThatIsFullBehindTheDamageFails() throws Exception {
        make(Versioned.NEVER);
        flip(valueOf(ROWS / 2));
        try (var tables = new Held()) {
            tables.commit(row(ROWS, Versioned.NEVER));
            try (var view = tables.view()) {
                assertThrows(StorageDamagedException.class,
                        () -> Slice.read(view, key(ROWS / 2), 1));
            }
        }
    }

    @Test
    void keysThatExpireBehindTheDamageAreNotTheNext() throws Exception {
        make(1_000);
        var middle = Rows.expiry(new Expiry(1_000 + ROWS / 2, key(ROWS / 2)));
        // RocksDB leaves out of a row what it has in common with the one before: here, all but the end of the time, and the key.
        int rest = 1 + key(0).length();
        flip(ByteBuffer.allocate(rest).put(middle, middle.length - rest, rest).array());
        try (var tables = new Held()) {
            tables.commit(row(ROWS, 1_000 + ROWS));
            assertThrows(StorageException.class,
                    () -> tables.database.expiring(1_000 + ROWS, ROWS + 1));
        }
    }

    /// As little memory as that may be. Nobody would ever write what is frozen, and commits were refused as congested for ever.
    @Test
    void anErrorWhereCommitsAreWrittenIsTheEndOfTheTables() throws Exception {
        make(Versioned.NEVER);
        try (var tables = new Held()) {
            assertFalse(tables.database.congested());
            tables.database.whileDraining(() -> {
                throw new OutOfMemoryError("no room for a batch");
            });
            for (Executable call : List.<Executable>of(tables.database::congested,
                    () -> tables.commit(row(ROWS, Versioned.NEVER)),
                    () -> tables.database.get(key(1)))) {
                var told = assertThrows(StorageException.class, call);
                assertFalse(told instanceof StorageCongestedException, told::toString);
                assertTrue(told.toString().contains("no room for a batch"), told::toString);
            }
        }
    }
}
