package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups and restores that were killed on the way.
class BackupFileTest {
    private static final Address HTTP = new Address("127.0.0.1", 1);
    private static final Address PEER = new Address("127.0.0.1", 2);

    @TempDir
    Path dir;

    private Path node;
    private Path backup;

    @BeforeEach
    void backUpANode() throws StartException {
        node = dir.resolve("node");
        backup = dir.resolve("b.backup");
        Bootstrap.found(List.of(new Bootstrap.Founder(node, "n1", HTTP, PEER)));
        BackupFile.ofFolder(node, backup);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private BackupFile.Summary restore(Path into) throws StartException {
        return BackupFile.restore(backup, new ServerConfig(into, HTTP, PEER, false)
                .withStorage(StorageKind.MEMORY), new BackupFile.Founding("n1", 3), _ -> {
                });
    }

    @Test
    void whatAKilledBackupLeftGoesWithTheNextOne() throws Exception {
        Files.delete(backup);
        Files.write(dir.resolve("b.backup.part"), new byte[10]); // as earlier versions named it
        Files.write(dir.resolve("b.backup." + UUID.randomUUID() + ".part"), new byte[10]);
        BackupFile.ofFolder(node, backup);
        assertEquals(List.of("b.backup", "node"), names());
        BackupFile.check(backup);
    }

    @Test
    void whatOthersHaveInTheFolderStays() throws Exception {
        Files.delete(backup);
        var others = new String[]{"b.backup.20261127.part", "b.backup.mine.part",
                "b.backup." + UUID.randomUUID(), "b.backup2.part", "b.part"};
        for (var name : others)
            Files.write(dir.resolve(name), new byte[10]);
        BackupFile.ofFolder(node, backup);
        assertTrue(names().containsAll(List.of(others)), names()::toString);
    }

    /// While one is written, another of the same name begins and ends.
    @Test
    void twoBackupsAtOnceLeaveEachOtherAlone() throws Exception {
        var copy = dir.resolve("copy.backup");
        var bytes = Files.readAllBytes(backup);
        var second = new BackupFile.Summary[1];
        var slow = new InputStream() {
            private final InputStream in = new ByteArrayInputStream(bytes);

            @Override
            public int read() throws IOException {
                return in.read();
            }

            @Override
            public int read(byte[] into, int at, int length) throws IOException {
                if (second[0] == null)
                    second[0] = BackupFile.receive(new ByteArrayInputStream(bytes), copy, _ -> {
                    });
                return in.read(into, at, length);
            }
        };
        var refused = assertThrows(IOException.class, () -> BackupFile.receive(slow, copy, _ -> {
        }));
        assertTrue(String.valueOf(refused.getMessage()).contains("is there already"));
        assertEquals(second[0], BackupFile.check(copy));
        assertEquals(List.of("b.backup", "copy.backup", "node"), names());
    }

    @Test
    void aDamagedBackupLeavesNothing() throws Exception {
        var bytes = Files.readAllBytes(backup);
        bytes[bytes.length / 2] ^= 1;
        var copy = dir.resolve("copy.backup");
        assertThrows(IOException.class,
                () -> BackupFile.receive(new ByteArrayInputStream(bytes), copy, _ -> {
                }));
        assertEquals(List.of("b.backup", "node"), names());
    }

    @Test
    void whatFollowsTheEndOfABackupIsNoPartOfIt() throws Exception {
        Files.write(backup, new byte[]{0}, StandardOpenOption.APPEND);
        var damaged = assertThrows(IOException.class, () -> BackupFile.check(backup));
        assertTrue(String.valueOf(damaged.getMessage()).contains("something follows its end"));
        var into = dir.resolve("r");
        assertThrows(StartException.class, () -> restore(into));
        assertFalse(Bootstrap.isNode(into));
    }

    @Test
    void aKilledRestoreIsBegunAnew() throws Exception {
        var into = dir.resolve("r");
        // Killed while the tables were filled.
        DataFolder.beginRestore(into);
        Files.createDirectories(into.resolve(Tables.FOLDER));
        Files.write(into.resolve(Tables.FOLDER).resolve("tables"), new byte[3]);
        var done = restore(into);
        assertFalse(DataFolder.isBeingRestored(into));
        assertTrue(Bootstrap.isNode(into));
        // Killed while the log was made.
        DataFolder.beginRestore(into);
        try (var files = Files.list(into.resolve("log"))) {
            for (var each : files.toList())
                Files.delete(each);
        }
        Files.write(into.resolve("log").resolve("new-log"), new byte[512]);
        assertEquals(done, restore(into));
        // Killed when all was done.
        DataFolder.beginRestore(into);
        var refused = assertThrows(StartException.class, () -> restore(into));
        assertTrue(String.valueOf(refused.getMessage()).contains("an earlier restore has made it"));
        assertFalse(DataFolder.isBeingRestored(into));
        assertTrue(String.valueOf(assertThrows(StartException.class, () -> restore(into))
                .getMessage()).contains("nothing was changed"));
    }

    @Test
    void whatAKilledRestoreLeftIsNoNode_andIsNamed() throws Exception {
        var into = dir.resolve("r");
        DataFolder.beginRestore(into);
        for (boolean tables : new boolean[]{false, true}) {
            if (tables) Files.createDirectories(into.resolve(Tables.FOLDER));
            var founded = assertThrows(StartException.class, () -> Bootstrap.found(
                    List.of(new Bootstrap.Founder(into, "n1", HTTP, PEER))));
            var started = assertThrows(StartException.class,
                    () -> NodeFolder.open(new ServerConfig(into, HTTP, PEER, false)));
            for (var refused : List.of(founded, started)) {
                assertEquals("a restore into " + into
                        + " was begun, and not ended: give it again; nothing was changed",
                        refused.getMessage());
            }
        }
        restore(into);
        assertTrue(Bootstrap.isNode(into));
    }

    /// A length may be what is damaged: then all that is known is that there is not so much.
    @Test
    void aLengthThatIsWrongIsNotTakenForALostEnd() throws Exception {
        var bytes = Files.readAllBytes(backup);
        int origin = ByteBuffer.wrap(bytes).getInt(32);
        damaged(with(bytes, 32, origin + (1 << 20)), "offset " + bytes.length
                + ": it ends within the 1048" + (576 + origin)
                + " bytes that the head gives its origin: it is cut short, or that length is wrong");
        damaged(with(bytes, 32, origin - 1), "offset 0: the head fails its checksum");
        // Behind the head there is but one block here, of the founder's marker or of nothing.
        int block = 56 + origin + 4;
        damaged(with(bytes, block, 77_777), "offset " + bytes.length
                + ": it ends within the 77777 bytes that a block says it has: it is cut short, or"
                + " that length is wrong");
        damaged(Arrays.copyOf(bytes, 20), "offset 20: it is cut short");
    }

    private static byte[] with(byte[] bytes, int at, int number) {
        var changed = bytes.clone();
        ByteBuffer.wrap(changed).putInt(at, number);
        return changed;
    }

    private void damaged(byte[] bytes, String what) throws IOException {
        Files.write(backup, bytes);
        assertEquals(what, assertThrows(BackupFile.DamagedException.class,
                () -> BackupFile.check(backup)).what());
    }

    @Test
    void tablesWithoutALogAreNotWrittenOver() throws Exception {
        var into = dir.resolve("r");
        restore(into);
        Files.move(into.resolve("log"), into.resolve("log.elsewhere"));
        var refused = assertThrows(StartException.class, () -> restore(into));
        assertTrue(String.valueOf(refused.getMessage()).contains("and no log"));
        var founded = assertThrows(StartException.class, () -> Bootstrap.found(
                List.of(new Bootstrap.Founder(into, "n1", HTTP, PEER))));
        assertTrue(String.valueOf(founded.getMessage()).contains("and no log"));
    }
}
