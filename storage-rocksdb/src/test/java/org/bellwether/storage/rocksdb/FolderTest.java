package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Marks;
import org.bellwether.storage.OldTables;
import org.bellwether.storage.Totals;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is found in the folder, and what is refused.
class FolderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void place() {
        folder = temp.resolve("deep").resolve("tables");
    }

    static List<String> states(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("state-")).sorted().toList();
        }
    }

    private RocksStorage open() {
        return RocksStorage.open(folder, KilledWriter.small());
    }

    /// Ten entries, durable.
    private void make() {
        var replay = new Replay(50);
        try (var storage = open()) {
            while (replay.applied() < 10)
                replay.commitNext(storage);
            assertEquals(10, Replay.flush(storage));
        }
    }

    @Test
    void tablesOfFormat1AreReadAndWrittenOn() throws Exception {
        var old = Path.of(Objects.requireNonNull(FolderTest.class.getResource("/tables-format-1"))
                .toURI());
        Files.createDirectories(folder.getParent());
        try (var files = Files.walk(old)) {
            for (var file : files.toList())
                Files.copy(file, folder.resolve(old.relativize(file).toString()));
        }
        try (var storage = open()) {
            OldTables.assertWhole(storage);
            var value = new Versioned(Bytes.utf8("new"), new Revision(81), new Revision(81), 1);
            Marks.commit(storage, List.of(Marks.change(Bytes.utf8("key-1"), value)), 3,
                    new Revision(81));
            assertEquals(3, Replay.flush(storage));
        }
        assertEquals(List.of(), Inspection.of(folder, KilledWriter.small()).findings());
        try (var storage = open()) {
            assertEquals(51, storage.mark().keys());
        }
    }

    private List<String> files() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(folder::relativize).map(Path::toString)
                    .filter(name -> !name.contains("LOG")).sorted().toList();
        }
    }

    @Test
    void anInspectionChangesNothingAndTellsWhereTheDamageIs() throws IOException {
        make();
        // What a start would remove.
        Files.createDirectories(folder.resolve("state-00000000000000000099"));
        Files.writeString(folder.resolve("state-00000000000000000099").resolve("x"), "left over");
        var before = files();
        var good = Inspection.of(folder, KilledWriter.small());
        assertEquals(List.of(), good.findings());
        assertEquals(10, good.mark().applied());
        assertEquals(before, files());

        var sst = folder.resolve(before.stream().filter(name -> name.endsWith(".sst")).findFirst()
                .orElseThrow());
        var bytes = Files.readAllBytes(sst);
        bytes[20] ^= 1;
        Files.write(sst, bytes);
        var bad = Inspection.of(folder, KilledWriter.small());
        assertEquals(1, bad.findings().size(), bad::toString);
        var finding = bad.findings().getFirst();
        assertTrue(finding.contains(sst.getFileName().toString()) && finding.contains("offset 0"),
                finding);
        assertEquals(before, files());
    }

    private void assertRefused(String why) {
        var refused = assertThrows(StorageException.class, this::open);
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused::toString);
        // What can be mended is not given up.
        assertEquals(why.contains("damaged") || why.contains("no file") || why.contains("missing"),
                refused instanceof StorageDamagedException, refused::toString);
    }

    private void assertGood() {
        try (var storage = open()) {
            assertEquals(10, storage.applied());
            assertEquals(new Replay(50).through(10).model, Replay.contents(storage));
        }
    }

    @Test
    void anUnknownVersionIsRefusedByName() throws IOException {
        make();
        var active = folder.resolve("active");
        var good = Files.readString(active);
        Files.writeString(active, "bellwether tables\nversion 2\nwhatever comes then");
        assertRefused("have format version 2; this program knows version 1");
        Files.writeString(active, good);
        assertGood();
    }

    @Test
    void aDamagedFileThatSaysWhatCountsIsRefused() throws IOException {
        make();
        var active = folder.resolve("active");
        var good = Files.readString(active);
        for (var bad : List.of("", good.substring(0, good.length() - 1), good + "x",
                good.replace("active 1", "active 2"), "x".repeat(1_000),
                // One bit.
                good.replace("version 1", "version 0"), good.replace("version 1", "version 3"),
                good.replace("version 1", "version 999999999999"))) {
            Files.writeString(active, bad);
            assertRefused("is damaged");
        }
        Files.writeString(active, good);
        assertGood();
    }

    @Test
    void tablesWithoutTheFileThatSaysWhatCountsAreRefused() throws IOException {
        make();
        Files.delete(folder.resolve("active"));
        assertRefused("has tables, but no file 'active'");
        assertEquals(1, states(folder).size(), "nothing was removed");
    }

    @Test
    void missingTablesAreRefused() throws IOException {
        make();
        TablesFolder.removeAll(folder.resolve(states(folder).getFirst()));
        assertRefused("are missing");
        Files.createDirectory(folder.resolve("state-%020d".formatted(1)));
        assertRefused("cannot open the tables");
    }

    @Test
    void aDamagedTableIsRefusedOrItsReadFails() throws IOException {
        make();
        Path table;
        try (var files = Files.list(folder.resolve(states(folder).getFirst()))) {
            table = files.filter(file -> file.toString().endsWith(".sst")).findFirst()
                    .orElseThrow();
        }
        var bytes = Files.readAllBytes(table);
        bytes[bytes.length / 4] ^= 1;
        Files.write(table, bytes);
        assertThrows(StorageDamagedException.class, () -> {
            try (var storage = open()) {
                Replay.contents(storage);
            }
        });
    }

    @Test
    void aRowOfAnUnknownVersionIsRefused() {
        var row = Rows.value(new Versioned(Bytes.utf8("v"), Revision.NONE,
                Revision.NONE, 1));
        row[0] = 9;
        var refused = assertThrows(StorageException.class, () -> Rows.value(row));
        assertTrue(String.valueOf(refused.getMessage()).contains("a value of version 9"),
                refused::toString);
        assertThrows(StorageException.class, () -> Rows.value(new byte[]{1, 0}));
        assertThrows(StorageException.class, () -> Rows.mark(new byte[]{1, 0}));
        assertThrows(StorageException.class, () -> Rows.mark(new byte[0]));
    }

    @Test
    void onlyOneMayUseTheFolder() {
        try (var first = open()) {
            assertRefused("are in use");
            Marks.commit(first, List.of(), 1, Revision.NONE);
        }
        open().close();
    }

    @Test
    void anOpenViewKeepsTheFolder() {
        make();
        var storage = open();
        var view = storage.view();
        storage.close();
        assertRefused("are in use");
        assertEquals(new Replay(50).through(10).model.size(), view.mark().keys());
        view.close();
        assertGood();
    }

    @Test
    void nothingIsLeftOfStatesThatDoNotCount() throws IOException {
        make();
        Files.createDirectories(folder.resolve("state-%020d".formatted(7)).resolve("parts"));
        Files.writeString(folder.resolve("new-active"), "half");
        try (var storage = open(); var left = storage.restore()) {
            assertEquals(2, states(folder).size(), "the active one and the one being restored");
            left.put(Bytes.utf8("k"), new Replay(5).through(9).model.firstEntry().getValue());
            left.close();
            assertEquals(1, states(folder).size());
            var restore = storage.restore();
            restore.finish(Mark.NONE.at(20), Bytes.EMPTY);
            try (var view = storage.view()) {
                storage.install(restore);
                assertEquals(20, Replay.flush(storage));
                assertEquals(2, states(folder).size(), "a view still reads the old one");
                assertEquals(10, view.applied());
            }
            assertEquals(20, Replay.flush(storage));
            assertEquals(1, states(folder).size());
        }
        assertFalse(Files.exists(folder.resolve("new-active")));
    }

    @Test
    void aRestoreIsWrittenInManyParts() {
        var value = new Versioned(Bytes.wrap(new byte[1 << 20]), Revision.NONE,
                Revision.NONE, 1);
        try (var storage = open()) {
            var restore = storage.restore();
            for (int i = 0; i < 150; i++)
                restore.put(Bytes.utf8("k%03d".formatted(i)), value);
            restore.finish(new Mark(7, new Revision(3), 1, 0, new Totals(150, 0)), Bytes.EMPTY);
            storage.install(restore);
            assertEquals(150, storage.mark().keys());
            assertEquals(value, storage.get(Bytes.utf8("k149")));
            assertEquals(150, Replay.contents(storage).size());
            assertEquals(7, Replay.flush(storage));
        }
        try (var storage = open()) {
            assertEquals(7, storage.applied());
            assertEquals(150, storage.mark().keys());
        }
    }

    /// On its way through the disk.
    @Test
    void aRestoreWhosePartsAreNotWhatWasPutIsRefusedAndLeavesNothing() throws IOException {
        make();
        var value = new Versioned(Bytes.wrap(new byte[1 << 20]), Revision.NONE,
                Revision.NONE, 1);
        for (boolean gone : new boolean[]{false, true}) {
            try (var storage = open(); var restore = storage.restore()) {
                for (int i = 0; i < 70; i++)
                    restore.put(Bytes.utf8("k%03d".formatted(i)), value);
                var part = folder.resolve(states(folder).getLast()).resolve("parts")
                        .resolve("00000000.sst");
                if (gone)
                    Files.delete(part);
                else
                    flipBit(part);
                var refused = assertThrows(StorageDamagedException.class, () -> restore
                        .finish(new Mark(7, new Revision(3), 1, 0, new Totals(70, 0)),
                                Bytes.EMPTY));
                assertTrue(String.valueOf(refused.getMessage()).contains("00000000.sst"),
                        refused::toString);
                restore.close();
                assertEquals(1, states(folder).size());
            }
            assertGood();
        }
    }

    private static void flipBit(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long middle = bytes.length() / 2;
            bytes.seek(middle);
            int was = bytes.read();
            bytes.seek(middle);
            bytes.write(was ^ 1);
        }
    }
}
