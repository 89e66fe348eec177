package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A node that cannot start says why in one line, ends with 2, and changes nothing.
class StartRefusalTest {
    private final int port = Ports.row(2);

    @Test
    void anEmptyFolderNeedsNew(@TempDir Path dir) {
        expectRefusal("--new", "serve", "--dir", dir.resolve("nothing").toString());
        assertFalse(Files.exists(dir.resolve("nothing")));
    }

    @Test
    void aFolderInUseIsRefused(@TempDir Path dir) {
        try (var first = serveNew(dir)) {
            first.awaitLine("serving");
            expectRefusal("in use", "serve", "--dir", dir.toString());
            assertTrue(first.isAlive());
            first.signal("TERM");
            first.awaitExit();
        }
        expectRefusal("holds a node already", newNode(dir));
    }

    /// The lock is an empty file, which people delete.
    @Test
    void aFolderInUseIsRefusedThoughItsLockWasDeleted(@TempDir Path dir) throws IOException {
        try (var first = serveNew(dir)) {
            first.awaitLine("serving");
            Files.delete(dir.resolve("log/lock"));
            Files.delete(dir.resolve("tables/lock"));
            for (int i = 0; i < 2; i++)
                expectRefusal("in use", "serve", "--dir", dir.toString());
            assertTrue(Typed.run(Exit.USAGE, "check", "--dir", dir.toString()).contains("in use"));
            try (var put = BellProcess.start("put", "k", "v", "--node", "127.0.0.1:" + port)) {
                assertEquals(Exit.OK, put.awaitExit(), put::text);
            }
            first.signal("TERM");
            first.awaitExit();
        }
    }

    @Test
    void theLogIsNotTouchedIfTheTablesAreInUse(@TempDir Path dir) throws IOException {
        runOnce(dir);
        var segment = dir.resolve("log/log-00000000000000000001");
        var bytes = Files.readAllBytes(segment);
        bytes[bytes.length - 1] = 7; // a torn tail, which a start cuts
        Files.write(segment, bytes);
        try (var tables = FileChannel.open(dir.resolve("tables/lock"), StandardOpenOption.WRITE);
                var _ = tables.lock()) {
            expectRefusal("in use", "serve", "--dir", dir.toString());
        }
        assertArrayEquals(bytes, Files.readAllBytes(segment));
    }

    @Test
    void aPortInUseIsRefused(@TempDir Path dir) throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        try (var _ = new ServerSocket(port, 1, loopback)) {
            var text = expectRefusal("in use", newNode(dir));
            assertTrue(text.contains("127.0.0.1:" + port), text);
        }
        runOnce(dir);
        for (int taken : new int[]{port, port + 1}) {
            try (var _ = new ServerSocket(taken, 1, loopback)) {
                var text = expectRefusal("in use", "serve", "--dir", dir.toString());
                assertTrue(text.contains("127.0.0.1:" + taken), text);
            }
        }
        try (var node = BellProcess.start("serve", "--dir", dir.toString())) {
            node.awaitLine("serving");
        }
    }

    /// Each is free, but not both.
    @ParameterizedTest
    @CsvSource({"127.0.0.1,--resp,127.0.0.1", "127.0.0.1,--resp,localhost",
            "127.0.0.1,--resp-cluster,127.0.0.1", "127.0.0.1,--peer,0.0.0.0"})
    void oneAddressForTwoIsRefusedBeforeAnythingIsMade(String host, String option, String other,
            @TempDir Path dir) {
        var folder = dir.resolve("new");
        var same = new ArrayList<>(List.of("--dir", folder.toString(), "--http", host + ":" + port,
                option, other + ":" + port, "--insecure"));
        if (!option.equals("--peer")) same.addAll(List.of("--peer", host + ":" + (port + 1)));
        for (var how : List.of(List.of("--new"), List.of("--join", "127.0.0.1:" + (port + 1)))) {
            var command = new ArrayList<>(List.of("serve"));
            command.addAll(how);
            command.addAll(same);
            var said = Typed.run(Exit.USAGE, command.toArray(String[]::new));
            assertTrue(said.contains("--http " + host + ":" + port + " and " + option), said);
        }
        assertFalse(Files.exists(folder));
    }

    @Test
    void aRestoredNodeNeedsTwoPorts(@TempDir Path dir) {
        String same = "127.0.0.1:" + port;
        var said = Typed.run(Exit.USAGE, "restore", "any", "--dir", dir.resolve("r").toString(),
                "--http", same, "--peer", same);
        assertTrue(said.contains("each needs a port of its own"), said);
    }

    @Test
    void anAddressThatOthersReachIsRefused(@TempDir Path dir) {
        expectRefusal("--insecure", "serve", "--new", "--dir", dir.toString(), "--http",
                "0.0.0.0:" + port, "--peer", "127.0.0.1:" + (port + 1));
        assertFalse(Files.exists(dir.resolve("log")));
    }

    @Test
    void aMissingBallotIsRefused(@TempDir Path dir) throws IOException {
        runOnce(dir);
        Files.delete(dir.resolve("log").resolve("ballot"));
        var text = expectRefusal("ballot", "serve", "--dir", dir.toString());
        assertTrue(text.contains("`bell check`") && text.contains("not copied with the rest")
                && text.contains("join again with an empty folder"), text);
    }

    @Test
    void aFileOfAnotherNodeIsRefused(@TempDir Path dir) throws IOException {
        runOnce(dir.resolve("a"));
        runOnce(dir.resolve("b"));
        Files.copy(dir.resolve("a/log/ballot"), dir.resolve("b/log/ballot"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        expectRefusal("belongs to", "serve", "--dir", dir.resolve("b").toString());
    }

    @Test
    void damageIsRefusedWithFileAndOffset(@TempDir Path dir) throws IOException {
        runOnce(dir);
        Path segment;
        try (var files = Files.list(dir.resolve("log"))) {
            segment = files.filter(file -> !file.endsWith("ballot") && !file.endsWith("lock"))
                    .sorted().findFirst().orElseThrow();
        }
        var bytes = Files.readAllBytes(segment);
        // In the middle of the bootstrap record, the first of the log.
        bytes[200] ^= 0x55;
        Files.write(segment, bytes);
        var text = expectRefusal(segment.getFileName().toString(), "serve", "--dir",
                dir.toString());
        assertTrue(text.contains("offset"), text);
        assertTrue(text.contains("join again with an empty folder"), text);
    }

    /// Both have applied as much.
    @Test
    void tablesOfAnotherClusterAreRefused(@TempDir Path dir) throws IOException {
        runOnce(dir.resolve("a"));
        runOnce(dir.resolve("b"));
        var ours = dir.resolve("a/tables");
        Files.move(ours, dir.resolve("elsewhere"));
        Files.move(dir.resolve("b/tables"), ours);
        var text = expectRefusal("the tables are of cluster", "serve", "--dir",
                dir.resolve("a").toString());
        assertTrue(text.contains("not copied with the rest"), text);
        var found = Typed.run(Exit.NO, "check", "--dir", dir.resolve("a").toString());
        assertTrue(found.contains("they are of cluster"), found);
    }

    @Test
    void tablesThatCannotBeOpenedAreRefusedWithWhatToDo(@TempDir Path dir) throws IOException {
        runOnce(dir);
        var active = dir.resolve("tables").resolve("active");
        var good = Files.readString(active);
        Files.writeString(active, good.replace("version 1", "version 3"));
        var damaged = expectRefusal("'active'", "serve", "--dir", dir.toString());
        assertTrue(damaged.contains("is damaged") && damaged.contains("`bell check`")
                && damaged.contains("join again with an empty folder"), damaged);
        Files.delete(active);
        Files.createDirectory(active);
        var unreadable = expectRefusal("Is a directory", "serve", "--dir", dir.toString());
        assertTrue(unreadable.contains("Mend the cause"), unreadable);
        assertFalse(unreadable.contains("empty folder"), unreadable);
    }

    /// No file is changed, so the next start of what is put back goes well.
    @Test
    void aLogThatWasCutShortIsRefused(@TempDir Path dir) throws IOException {
        try (var node = serveNew(dir)) {
            node.awaitLine("serving");
            node.signal("KILL");
            node.awaitExit();
        }
        var segment = dir.resolve("log/log-00000000000000000001");
        var bytes = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(bytes, 5_000));
        var text = expectRefusal("log-00000000000000000001, offset 5000", "serve", "--dir",
                dir.toString());
        assertTrue(text.contains("it had " + bytes.length + " bytes"), text);
        assertTrue(text.contains("Put the file back"), text);
        assertTrue(Typed.run(Exit.NO, "check", "--dir", dir.toString())
                .contains("log-00000000000000000001, offset 5000"));
        Files.write(segment, bytes);
        try (var node = BellProcess.start("serve", "--dir", dir.toString())) {
            node.awaitLine("serving");
        }
    }

    /// It starts, and says so.
    @Test
    void aTornTailIsToldOf(@TempDir Path dir) throws IOException {
        runOnce(dir);
        var segment = dir.resolve("log/log-00000000000000000001");
        var bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (bytes[end - 1] == 0)
            end--;
        int at = (end + 7) / 8 * 8;
        bytes[at + 2] = 7;
        Files.write(segment, bytes);
        var where = "log-00000000000000000001, offset " + at + ": 3 bytes";
        var said = Typed.run(Exit.OK, "check", "--dir", dir.toString());
        assertTrue(said.contains(where), said);
        try (var node = BellProcess.start("serve", "--dir", dir.toString())) {
            node.awaitLine("serving");
            assertTrue(node.text().contains(where), node::text);
            assertTrue(node.text().contains("WARN"), node::text);
        }
    }

    @Test
    void garbageOnThePeerPortHarmsNobody(@TempDir Path dir) throws IOException {
        try (var node = serveNew(dir)) {
            node.awaitLine("serving");
            var random = new SplittableRandom(7);
            for (int i = 0; i < 50; i++) {
                byte[] garbage = new byte[1 + random.nextInt(4_000)];
                random.nextBytes(garbage);
                if (i % 2 == 0)
                    System.arraycopy("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8), 0, garbage, 0,
                            Math.min(18, garbage.length));
                try (var socket = new Socket(InetAddress.getLoopbackAddress(), port + 1)) {
                    socket.getOutputStream().write(garbage);
                } catch (IOException closed) {
                    // Refused in the middle of the garbage: as it should be.
                    assertTrue(node.isAlive());
                }
            }
            try (var put = BellProcess.start("put", "k", "v", "--node", "127.0.0.1:" + port)) {
                assertEquals(Exit.OK, put.awaitExit(), put::text);
            }
            assertFalse(node.text().contains("\tat "), node::text);
        }
    }

    private String[] newNode(Path dir) {
        return new String[]{"serve", "--new", "--dir", dir.toString(), "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1)};
    }

    private BellProcess serveNew(Path dir) {
        return BellProcess.start(newNode(dir));
    }

    /// Leaves a folder with a node that ran.
    private void runOnce(Path dir) {
        try (var node = serveNew(dir)) {
            node.awaitLine("serving");
            node.signal("TERM");
            node.awaitExit();
        }
    }

    private static String expectRefusal(String mention, String... args) {
        try (var refused = BellProcess.start(args)) {
            assertEquals(Exit.USAGE, refused.awaitExit(), refused::text);
            var ours = new ArrayList<String>();
            for (var line : refused.lines()) {
                if (line.startsWith("bell: ")) ours.add(line);
            }
            assertEquals(List.of(),
                    refused.lines().stream().filter(line -> line.startsWith("\tat "))
                            .toList());
            assertEquals(1, ours.size(), refused::text);
            assertTrue(ours.getFirst().contains(mention), refused::text);
            return ours.getFirst();
        }
    }
}
