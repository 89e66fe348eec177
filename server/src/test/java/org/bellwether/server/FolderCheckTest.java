package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.bellwether.api.Address;
import org.bellwether.disk.FolderDisk;
import org.bellwether.raft.Membership;
import org.bellwether.storage.Mark;
import org.bellwether.storage.MemoryStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder that a start refuses is not one without damage.
class FolderCheckTest {
    private static final Address HTTP = new Address("127.0.0.1", 1);
    private static final Address PEER = new Address("127.0.0.1", 2);

    @TempDir
    Path dir;

    private Path node;

    @BeforeEach
    void foundCluster() throws StartException {
        node = dir.resolve("node");
        Bootstrap.found(List.of(new Bootstrap.Founder(node, "n1", HTTP, PEER)));
    }

    private void saveTables(long applied) throws IOException {
        try (var disk = new FolderDisk(node.resolve(Tables.FOLDER));
                var storage = new MemoryStorage(disk)) {
            storage.commit(List.of(), Mark.NONE.at(applied));
            try (var now = storage.view()) {
                storage.flush(now);
            }
        }
    }

    @Test
    void tablesThatHaveAppliedWhatTheLogDoesNotHaveAreFound() throws Exception {
        saveTables(1);
        assertEquals(List.of(), FolderCheck.run(node).findings());
        saveTables(7);
        var findings = FolderCheck.run(node).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.getFirst().contains("applied entry 7, but the log ends at 1"),
                findings::toString);
        assertRefused(node, "applied entry 7");
    }

    @Test
    void aRestoredNodeIsSoundBeforeItIsStartedButNotWithTablesOfAnotherCluster() throws Exception {
        var backup = dir.resolve("b.backup");
        BackupFile.ofFolder(node, backup);
        for (var name : List.of("r1", "r2")) {
            BackupFile.restore(backup, new ServerConfig(dir.resolve(name), HTTP, PEER, false)
                    .withStorage(StorageKind.MEMORY), new BackupFile.Founding("n1", 3), _ -> {
                    });
        }
        var folder = dir.resolve("r1");
        assertEquals(List.of(), FolderCheck.run(folder).findings());
        Files.copy(dir.resolve("r2").resolve(Tables.FOLDER).resolve("tables"),
                folder.resolve(Tables.FOLDER).resolve("tables"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        var findings = FolderCheck.run(folder).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.getFirst().contains("they are of cluster"), findings::toString);
        assertRefused(folder, "the tables are of cluster");
    }

    /// Tables that were not mounted, or not copied: what is left is no cluster without a key.
    @Test
    void aRestoredNodeWithoutItsTablesIsRefused() throws Exception {
        var backup = dir.resolve("b.backup");
        BackupFile.ofFolder(node, backup);
        var folder = dir.resolve("r");
        BackupFile.restore(backup, new ServerConfig(folder, HTTP, PEER, false)
                .withStorage(StorageKind.MEMORY), new BackupFile.Founding("n1", 3), _ -> {
                });
        var report = FolderCheck.run(folder);
        assertEquals(List.of(), report.findings());
        assertTrue(report.summary().contains("the log has 0 entries, and begins behind entry 2"),
                report::summary);
        Files.move(folder.resolve(Tables.FOLDER), folder.resolve("elsewhere"));
        var findings = FolderCheck.run(folder).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.getFirst().contains("applied entry 0, but the log begins at 3"),
                findings::toString);
        assertRefused(folder, "they are not this log's tables");
    }

    /// They have applied as much, and have never been restored: nothing in them tells.
    @Test
    void tablesOfAnotherClusterAreFoundAndRefused() throws Exception {
        var other = dir.resolve("other");
        Bootstrap.found(List.of(new Bootstrap.Founder(other, "n1", HTTP, PEER)));
        for (var each : List.of(node, other)) {
            startAndStop(each);
            assertEquals(List.of(), FolderCheck.run(each).findings());
        }
        var ours = node.resolve(Tables.FOLDER);
        Files.move(ours, dir.resolve("ours"));
        Files.move(other.resolve(Tables.FOLDER), ours);
        var findings = FolderCheck.run(node).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.getFirst().contains("they are of cluster"), findings::toString);
        assertRefused(node, "the tables are of cluster");
        assertThrows(StartException.class,
                () -> BackupFile.ofFolder(node, dir.resolve("b.backup")));
        assertThrows(StartException.class, () -> LastResort.recover(node, StorageKind.MEMORY));
        Files.move(ours, other.resolve(Tables.FOLDER));
        Files.move(dir.resolve("ours"), ours);
        startAndStop(node);
    }

    @Test
    void tablesThatDoNotSayWhoseTheyAreSayItFromTheNextStartOn() throws Exception {
        startAndStop(node);
        var owner = node.resolve(Tables.FOLDER).resolve(TablesOwner.NAME);
        var said = Files.readString(owner);
        Files.delete(owner);
        assertEquals(List.of(), FolderCheck.run(node).findings());
        startAndStop(node);
        assertEquals(said, Files.readString(owner));
        for (var bad : List.of("", said + "x", said.replace("version 1", "version 3"))) {
            Files.writeString(owner, bad);
            assertTrue(FolderCheck.run(node).findings().getFirst().contains("is damaged"));
            assertRefused(node, "if they are this node's, remove it");
        }
    }

    /// But for the loop in between, and its ports.
    private static void startAndStop(Path folder) throws Exception {
        try (var open = NodeFolder.open(new ServerConfig(folder, null, null, false)
                .withStorage(StorageKind.MEMORY))) {
            open.claimTables();
        }
    }

    @Test
    void tablesOfWhichNobodySaysThatTheyCountAreFound() throws Exception {
        try (var tables = Tables.open(node, StorageKind.ROCKSDB)) {
            tables.storage().commit(List.of(), Mark.NONE.at(1));
            try (var now = tables.storage().view()) {
                tables.storage().flush(now);
            }
        }
        assertEquals(List.of(), FolderCheck.run(node).findings());
        Files.delete(node.resolve(Tables.FOLDER).resolve("active"));
        var findings = FolderCheck.run(node).findings();
        assertEquals(1, findings.size(), findings::toString);
        assertTrue(findings.getFirst().contains("no file 'active'"), findings::toString);
        for (var kind : StorageKind.values()) {
            assertThrows(StartException.class, () -> Server.start(
                    new ServerConfig(node, null, null, false).withStorage(kind), _ -> {
                    }));
        }
    }

    /// A line break in it would break every header that has it.
    @Test
    void aFoundersNameIsOne() {
        for (var name : List.of("a\r\nX-Evil: 1", "x y", "n".repeat(65))) {
            var into = dir.resolve("named");
            var refused = assertThrows(StartException.class, () -> Bootstrap.found(
                    List.of(new Bootstrap.Founder(into, name, HTTP, PEER))));
            assertTrue(refused.getMessage().contains("a node's name is"), refused::toString);
            assertFalse(Files.exists(into));
        }
    }

    private static void assertRefused(Path folder, String why) {
        var halted = new AtomicReference<Throwable>();
        var refused = assertThrows(StartException.class, () -> Server.start(
                new ServerConfig(folder, null, null, false).withStorage(StorageKind.MEMORY),
                halted::set));
        for (var part : List.of(why, folder.toString()))
            assertTrue(refused.getMessage().contains(part), refused::toString);
        assertNull(halted.get(), "it is refused, and has not failed");
    }

    @Test
    void seatAndEvidenceAreMentionedAndADamagedSeatIsFound() throws Exception {
        try (var stopped = StoppedNode.open(node, node.resolve(DataFolder.LOG),
                StorageKind.MEMORY)) {
            new SeatFile(node).keep(stopped.lastList());
        }
        Files.createDirectories(node.resolve("evidence"));
        Files.writeString(node.resolve("evidence").resolve("tables-1-1.backup"), "x");
        var sound = FolderCheck.run(node);
        assertTrue(sound.summary().contains("; a seat"), sound::toString);
        assertTrue(sound.summary().contains("evidence/: 1"), sound::toString);
        assertEquals(List.of(), sound.findings());
        var seat = Files.readAllBytes(node.resolve("seat"));
        seat[3] ^= 1;
        Files.write(node.resolve("seat"), seat);
        assertTrue(FolderCheck.run(node).findings().getFirst().contains("fails its checksum"));
    }

    @Test
    void aClusterIsFoundedWithAsManyVotersAsWanted() throws Exception {
        var first = new Bootstrap.Founder(dir.resolve("a"), "a", HTTP, PEER);
        Bootstrap.found(List.of(first, new Bootstrap.Founder(dir.resolve("b"), "b", HTTP, PEER)),
                1);
        try (var stopped = StoppedNode.open(first.dir(), first.dir().resolve(DataFolder.LOG),
                StorageKind.MEMORY)) {
            Membership list = stopped.lastList();
            assertEquals(1, list.votersTarget());
            assertEquals(1, list.voters().size());
            assertEquals("a", list.members().stream().filter(each -> each.voter()).findFirst()
                    .orElseThrow().name());
        }
    }
}
