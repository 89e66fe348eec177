package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bellwether.api.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bell backup` and `bell restore`, as they are typed.
class BackupTest {
    private final int port = Ports.row(8);

    @TempDir
    Path dir;

    private String http(int node) {
        return "127.0.0.1:" + (port + 2 * node);
    }

    private String[] addresses(int node) {
        return new String[]{"--http", http(node), "--peer", "127.0.0.1:" + (port + 2 * node + 1)};
    }

    private static String[] with(String[] tail, String... head) {
        var all = java.util.Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, all, head.length, tail.length);
        return all;
    }

    private String get(int node, String key) {
        return Typed.run(Exit.OK, "get", key, "--node", http(node), "--timeout", "30s");
    }

    private String clusterId(int node) {
        return ClusterStatus.of(new NodeClient(List.of(Address.parse(http(node))),
                Duration.ofSeconds(10)).ask(NodeClient.Call.get("/v1/cluster"))).cluster();
    }

    @Test
    void whatWasBackedUpIsRestoredIntoAnotherClusterThatGrows() throws IOException {
        var backup = dir.resolve("b.backup");
        String founded;
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--dir",
                dir.resolve("a").toString()))) {
            node.awaitLine("serving");
            for (int i = 0; i < 3; i++)
                Typed.run(Exit.OK, "put", "k" + i, "v" + i, "--node", http(0));
            founded = clusterId(0);
            // From one that follows while the cluster runs.
            try (var replica = BellProcess.start(with(addresses(3), "serve", "--join", http(0),
                    "--dir", dir.resolve("b").toString()))) {
                replica.awaitLine("serving");
                assertEquals("v2", get(3, "k2"));
                var said = Typed.run(Exit.OK, "backup", backup.toString(), "--node", http(3));
                assertTrue(said.contains("revision 3, 3 keys"), said);
                assertTrue(Typed.run(Exit.USAGE, "backup", dir.resolve("no/b").toString(),
                        "--node", http(3)).contains("no such file or folder"));
                Typed.run(Exit.OK, "put", "k1", "later", "--node", http(0));
                assertTrue(Typed.run(Exit.USAGE, "backup", backup.toString(), "--node", http(0))
                        .contains("there already"));
            }
        }
        assertTrue(Typed.run(Exit.OK, "backup", backup.toString(), "--check").contains("3 keys"));

        var restored = dir.resolve("r").toString();
        var said = Typed.run(Exit.OK, with(addresses(1), "restore", backup.toString(), "--dir",
                restored));
        assertTrue(said.contains("revision 3, 3 keys"), said);
        assertTrue(Typed.run(Exit.USAGE, "restore", backup.toString(), "--dir", restored)
                .contains("holds a node already"));
        try (var node = BellProcess.start("serve", "--dir", restored)) {
            node.awaitLine("serving");
            for (int i = 0; i < 3; i++)
                assertEquals("v" + i, get(1, "k" + i));
            assertNotEquals(founded, clusterId(1), "nodes of the two must never meet");
            try (var newcomer = BellProcess.start(with(addresses(2), "serve", "--join", http(1),
                    "--storage", "memory", "--dir", dir.resolve("s").toString()))) {
                newcomer.awaitLine("serving");
                assertEquals("v2", get(2, "k2"));
                assertTrue(Typed.run(Exit.OK, "put", "k4", "v4", "--node", http(2))
                        .contains("revision 4"));
            }
        }
    }

    @Test
    void aSurvivorBecomesANewCluster() throws IOException {
        var folder = dir.resolve("a").toString();
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--dir", folder))) {
            node.awaitLine("serving");
            Typed.run(Exit.OK, "put", "key", "value", "--node", http(0));
            // A second voter, which is then lost: nothing can be committed any more.
            try (var second = BellProcess.start(with(addresses(1), "serve", "--join", http(0),
                    "--dir", dir.resolve("b").toString()))) {
                second.awaitLine("serving");
                Await.until("two voters",
                        () -> Typed.run(Exit.OK, "status", "--node", http(0)).lines()
                                .filter(line -> line.contains(" yes ")).count() == 2);
            }
            assertTrue(Typed.run(Exit.USAGE, "recover", "--force", "--dir", folder)
                    .contains("in use"));
        }
        assertTrue(Typed.run(Exit.USAGE, "recover", "--dir", folder).contains("--force"));
        var offline = dir.resolve("offline.backup").toString();
        assertTrue(Typed.run(Exit.OK, "backup", offline, "--dir", folder).contains("1 keys"));
        assertTrue(Typed.run(Exit.USAGE, "backup", dir.resolve("no/b").toString(), "--dir", folder)
                .contains("no such file or folder"));
        assertTrue(Typed.run(Exit.OK, "check", "--dir", folder).contains("no damage"));
        assertTrue(Typed.run(Exit.OK, "recover", "--force", "--dir", folder).contains("1 keys"));
        assertTrue(Typed.run(Exit.USAGE, "recover", "--force", "--dir", folder).contains("before"));
        try (var node = BellProcess.start("serve", "--dir", folder)) {
            node.awaitLine("serving");
            assertEquals("value", get(0, "key"));
            Typed.run(Exit.OK, "put", "key", "new", "--node", http(0));
        }
    }

    @Test
    void aBackupOfAStoppedNodeLeavesItAsItWas() throws IOException {
        var folder = dir.resolve("a").toString();
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--storage",
                "memory", "--dir", folder))) {
            node.awaitLine("serving");
            Typed.run(Exit.OK, "put", "key", "value", "--node", http(0));
        }
        var backup = dir.resolve("b.backup").toString();
        assertTrue(Typed.run(Exit.OK, "backup", backup, "--dir", folder).contains("1 keys"));
        try (var node = BellProcess.start("serve", "--dir", folder, "--storage", "memory")) {
            node.awaitLine("serving");
            assertEquals("value", get(0, "key"));
        }
    }

    /// Tables in memory are on the disk as a snapshot: so are those that were restored.
    @Test
    void aSnapshotWithAChangedBitIsRefused() throws IOException {
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--dir",
                dir.resolve("a").toString()))) {
            node.awaitLine("serving");
            Typed.run(Exit.OK, "put", "key", "value", "--node", http(0));
        }
        var backup = dir.resolve("b.backup").toString();
        Typed.run(Exit.OK, "backup", backup, "--dir", dir.resolve("a").toString());
        var restored = dir.resolve("r");
        Typed.run(Exit.OK, with(addresses(0), "restore", backup, "--dir", restored.toString(),
                "--storage", "memory"));
        var snapshot = snapshotIn(restored);
        var good = Files.readAllBytes(snapshot);
        // Of the head, and of the rows.
        for (int at : new int[]{9, good.length - 12}) {
            var bytes = good.clone();
            bytes[at] ^= 1;
            Files.write(snapshot, bytes);
            try (var node = BellProcess.start("serve", "--dir", restored.toString(), "--storage",
                    "memory")) {
                assertEquals(Exit.USAGE, node.awaitExit(), node::text);
                assertTrue(node.text().contains("file tables, offset"), node::text);
                assertFalse(node.text().contains("serving"), node::text);
            }
            var said = Typed.run(Exit.NO, "check", "--dir", restored.toString());
            assertTrue(said.contains("tables") && said.contains("offset"), said);
        }
        Files.write(snapshot, good);
        try (var node = BellProcess.start("serve", "--dir", restored.toString(), "--storage",
                "memory")) {
            node.awaitLine("serving");
            assertEquals("value", get(0, "key"));
        }
    }

    private static Path snapshotIn(Path folder) throws IOException {
        try (var files = Files.walk(folder.resolve("tables"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().equals("tables")).findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void checkTellsOfDamage() throws IOException {
        var folder = dir.resolve("a");
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--dir",
                folder.toString()))) {
            node.awaitLine("serving");
            Typed.run(Exit.OK, "put", "key", "value", "--node", http(0));
            assertTrue(
                    Typed.run(Exit.USAGE, "check", "--dir", folder.toString()).contains("in use"));
            node.signal("TERM");
            node.awaitExit();
        }
        var segment = folder.resolve("log/log-00000000000000000001");
        var bytes = Files.readAllBytes(segment);
        bytes[200] ^= 1;
        Files.write(segment, bytes);
        var said = Typed.run(Exit.NO, "check", "--dir", folder.toString());
        assertTrue(said.contains("log/log-00000000000000000001, offset"), said);
    }

    @Test
    void aFullDiskIsNotTheBackupsFault() throws IOException, InterruptedException {
        var disk = new SmallDisk(Files.createDirectory(dir.resolve("small")));
        disk.require();
        var backup = dir.resolve("b.backup");
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--storage",
                "memory", "--dir", dir.resolve("a").toString()))) {
            node.awaitLine("serving");
            var client = new NodeClient(List.of(Address.parse(http(0))), Duration.ofSeconds(10));
            for (int i = 0; i < 16; i++) {
                var value = new byte[1_000_000];
                new Random(i).nextBytes(value);
                client.ask(new NodeClient.Call("PUT", NodeClient.pathOf("k" + i), Map.of(), value));
            }
            Typed.run(Exit.OK, "backup", backup.toString(), "--node", http(0));
        }
        var restore = with(addresses(1), "restore", backup.toString(), "--dir",
                disk.dir().resolve("r").toString());
        try (var command = BellProcess.startIn(disk.before(8), restore)) {
            assertEquals(Exit.UNAVAILABLE, command.awaitExit(), command::text);
            assertTrue(command.text().contains("No space left on device"), command::text);
            assertTrue(command.text().contains("the backup " + backup + " is whole"),
                    command::text);
            assertFalse(command.text().contains("not a whole backup"), command::text);
        }
        Typed.run(Exit.OK, restore);
    }

    @Test
    void damageIsRefusedAndLeavesNothing() throws IOException {
        var backup = dir.resolve("b.backup");
        try (var node = BellProcess.start(with(addresses(0), "serve", "--new", "--dir",
                dir.resolve("a").toString()))) {
            node.awaitLine("serving");
            Typed.run(Exit.OK, "put", "key", "value", "--node", http(0));
            // It may have taken a write before it knows that it is level; who reads knows.
            assertEquals("value", get(0, "key"));
            Typed.run(Exit.OK, "backup", backup.toString(), "--node", http(0));
        }
        var bytes = Files.readAllBytes(backup);
        bytes[bytes.length - 12] ^= 1;
        Files.write(backup, bytes);
        var said = Typed.run(Exit.NO, "backup", backup.toString(), "--check");
        assertTrue(said.contains("damaged backup " + backup + ": offset "), said);
        assertFalse(said.contains("no backup"), said);
        var restored = dir.resolve("r");
        said = Typed.run(Exit.USAGE, "restore", backup.toString(), "--dir", restored.toString());
        assertTrue(said.contains("offset"), said);
        assertFalse(Files.exists(restored.resolve("log")));
        assertFalse(Files.exists(restored.resolve("tables")));
        assertTrue(Typed.run(Exit.USAGE, "restore", dir.resolve("none").toString(), "--dir",
                restored.toString()).contains("no file"));
        assertTrue(Typed.run(Exit.USAGE, "backup", dir.resolve("none").toString(), "--check")
                .contains("no file"));
    }
}
