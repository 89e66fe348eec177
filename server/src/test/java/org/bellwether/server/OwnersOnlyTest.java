package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.transport.SnapshotHead;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// However a node was made, nobody else may read what it holds.
class OwnersOnlyTest {
    private static final Address HTTP = new Address("127.0.0.1", 1);
    private static final Address PEER = new Address("127.0.0.1", 2);
    private static final String FOLDER = "rwx------";
    private static final String FILE = "rw-------";

    @TempDir
    Path dir;

    @BeforeEach
    void filesHaveModes() {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    }

    private static void assertModes(String modes, Path path) throws IOException {
        assertEquals(modes, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)),
                path::toString);
    }

    @Test
    void whatANewcomerRemembersIsItsOwn() throws Exception {
        var deep = dir.resolve("deep");
        var folder = deep.resolve("node");
        new SeatFile(folder).nonce();
        assertModes(FOLDER, deep);
        assertModes(FOLDER, folder);
        assertModes(FILE, folder.resolve("join.nonce"));
    }

    @Test
    void alsoInAFolderThatOthersMayRead() throws Exception {
        Files.createDirectory(dir.resolve("node"));
        Files.setPosixFilePermissions(dir.resolve("node"),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(dir.resolve("node").resolve("join.nonce.new"), "left over");
        new SeatFile(dir.resolve("node")).nonce();
        assertModes(FILE, dir.resolve("node").resolve("join.nonce"));
    }

    @Test
    void backupsEvidenceAndRestoredNodesAreTheirOwners() throws Exception {
        var node = dir.resolve("node");
        Bootstrap.found(List.of(new Bootstrap.Founder(node, "n1", HTTP, PEER)));
        assertModes(FOLDER, node);
        var backup = dir.resolve("b.backup");
        BackupFile.ofFolder(node, backup);
        assertModes(FILE, backup);
        var restored = dir.resolve("restored");
        BackupFile.restore(backup, new ServerConfig(restored, HTTP, PEER, false),
                new BackupFile.Founding("n1", 3), _ -> {
                });
        assertModes(FOLDER, restored);
        try (var stopped = StoppedNode.open(node, node.resolve(DataFolder.LOG),
                StorageKind.ROCKSDB); var all = stopped.storage().view()) {
            var head = new SnapshotHead(1,
                    stopped.lastList().bootstrapEntry(), all.mark());
            var kept = Path.of(new EvidenceFolder(node).keep(all, head));
            assertModes(FOLDER, node.resolve(EvidenceFolder.NAME));
            assertModes(FILE, kept);
        }
    }

    /// What may not be entered may hold a node. (A loop of links is one that root may not enter, either.)
    @Test
    void aFolderThatCannotBeEnteredIsNotCalledEmpty() throws Exception {
        var folder = dir.resolve("loop");
        Files.createSymbolicLink(folder, folder);
        var config = new ServerConfig(folder, HTTP, PEER, false);
        for (var refused : List.of(
                assertThrows(StartException.class, () -> Bootstrap.isNode(folder)),
                assertThrows(StartException.class, () -> Server.start(config, _ -> {
                })))) {
            assertTrue(refused.getMessage().contains("cannot look into " + folder),
                    refused::toString);
            assertFalse(refused.getMessage().contains("there is no node"), refused::toString);
        }
    }
}
