package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A development cluster grows.
class DevAddTest {
    private static final int ROOM = 8;

    private final int ports = Ports.row(5 * ROOM);
    private final DevLayout three = new DevLayout(3, ports, ports + 2 * ROOM, ports + ROOM);

    @Test
    void aNodeIsAddedWhileDevRuns_andIsThereTheNextTime(@TempDir Path dir) throws IOException {
        List<ProcessHandle> nodes;
        try (var dev = dev(dir)) {
            dev.awaitLine("ready");
            // What an attempt that was cut short leaves is no node, and in nobody's way.
            Files.createDirectories(dir.resolve("n4"));
            Files.writeString(dir.resolve("n4/node.log"), "bell: cut short\n");
            expect(Exit.OK, 1, "put", "greeting", "hello");

            var added = expect(Exit.OK, 0, "dev", "add", "--dir", dir.toString());
            assertTrue(added.contains("n4 has joined: http://" + three.larger().http(4)), added);
            assertTrue(added.endsWith(
                    "n4 is a read replica without a vote; the voters are n1, n2, n3"), added);
            dev.awaitLine("n4 has joined");
            assertEquals("hello", expect(Exit.OK, 4, "get", "greeting"));
            assertEquals(4, listed());
            nodes = dev.children();
            assertEquals(4, nodes.size());
            assertFalse(Files.exists(dir.resolve(DevAddCommand.REQUEST)));

            BellProcess.signal(pid(dir, 4), "KILL");
            dev.awaitLine("n4 is gone");
            expect(Exit.OK, 0, "dev", "restart", "n4", "--dir", dir.toString());
            dev.signal("INT");
            dev.awaitExit();
        }
        assertTrue(nodes.stream().noneMatch(ProcessHandle::isAlive));

        // As if nobody had been left to record the fourth; it belongs to the cluster all the same.
        var layout = dir.resolve("bellwether-dev.properties");
        Files.writeString(layout, Files.readString(layout).replace("nodes=4", "nodes=3"));
        Files.createDirectories(dir.resolve("n5"));
        try (var again = dev(dir)) {
            again.awaitLine("n4");
            again.awaitLine("ready");
            assertEquals("hello", expect(Exit.OK, 4, "get", "greeting"));
            assertEquals(4, again.children().size());

            expect(Exit.OK, 1, "remove", "n4");
            var events = expect(Exit.OK, 1, "events").lines().toList();
            assertTrue(events.getLast().matches("\\d{4}-.* {2}n4 was removed from the cluster"),
                    events::toString);
            again.awaitLine("n4 was removed from the cluster");
            // It ends as soon as it has read why.
            var back = expect(Exit.REMOVED, 0, "dev", "restart", "n4", "--dir", dir.toString());
            assertTrue(back.contains("n4 was removed from the cluster"), back);
            again.signal("TERM");
            again.awaitExit();
        }
        try (var third = dev(dir)) {
            third.awaitLine("n4 was removed from the cluster");
            third.awaitLine("ready");
            assertEquals(3, third.children().size());
        }
    }

    @Test
    void withoutADevTheNodeIsStartedOnItsOwn(@TempDir Path dir)
            throws IOException, StartException {
        try (var folder = DevFolder.claim(dir)) {
            folder.found(new DevLayout(1, ports, ports + 2 * ROOM, ports + ROOM));
        }
        var refused = expect(Exit.UNAVAILABLE, 0, "dev", "add", "--dir", dir.toString());
        assertTrue(refused.contains("no node of " + dir + " answers"), refused);
        try (var _ = new ServerSocket(ports, 1, InetAddress.getLoopbackAddress())) {
            var ended = expect(Exit.USAGE, 0, "dev", "restart", "n1", "--dir", dir.toString());
            assertTrue(ended.contains("n1 did not start, it ended with exit code 2"), ended);
            assertTrue(ended.contains("the port is in use"), ended);
        }
        try {
            expect(Exit.OK, 0, "dev", "restart", "n1", "--dir", dir.toString());
            var added = expect(Exit.OK, 0, "dev", "add", "--dir", dir.toString());
            assertTrue(added.endsWith("n2 is a voter; the voters are n1, n2"), added);
            try (var dev = BellProcess.start("dev", "--dir", dir.toString())) {
                assertEquals(Exit.USAGE, dev.awaitExit());
                assertTrue(dev.text().contains("n1 of " + dir + " is still running"), dev::text);
            }
            expect(Exit.OK, 1, "remove", "n2");
            Await.until("n2 to end",
                    () -> NodeProcess.running(DevLayout.folder(dir, 2)).isEmpty());
            var back = expect(Exit.REMOVED, 0, "dev", "restart", "n2", "--dir", dir.toString());
            assertTrue(back.contains("n2 was removed from the cluster"), back);
        } finally {
            for (int node = 1; node <= 2; node++)
                NodeProcess.running(DevLayout.folder(dir, node))
                        .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void whatCannotGrowIsLeftAsItIs(@TempDir Path dir) throws StartException {
        var nothing = expect(Exit.USAGE, 0, "dev", "add", "--dir", dir.toString());
        assertTrue(nothing.contains("there is no cluster in " + dir), nothing);

        var full = dir.resolve("full");
        try (var folder = DevFolder.claim(full)) {
            folder.found(new DevLayout(7, ports, ports + 2 * ROOM, ports + ROOM));
        }
        var eighth = expect(Exit.USAGE, 0, "dev", "add", "--dir", full.toString());
        assertTrue(eighth.contains("it has 7 nodes already"), eighth);
        assertFalse(Files.exists(full.resolve("n8")));

        var tight = dir.resolve("tight");
        try (var folder = DevFolder.claim(tight)) {
            folder.found(new DevLayout(3, ports, ports + 3, ports + 6));
        }
        var overlap = expect(Exit.USAGE, 0, "dev", "add", "--dir", tight.toString());
        assertTrue(overlap.contains("overlap for 4 nodes"), overlap);
    }

    private BellProcess dev(Path dir) {
        return BellProcess.start("dev", "--dir", dir.toString(), "--http-port",
                Integer.toString(three.httpPort()), "--resp-port",
                Integer.toString(three.respPort()), "--peer-port",
                Integer.toString(three.peerPort()));
    }

    private long listed() {
        return expect(Exit.OK, 4, "status").lines().filter(line -> line.startsWith("n")).count();
    }

    /// Runs a command to its end; its output. @param node whom it asks; 0 if it asks none
    private String expect(int code, int node, String... args) {
        var all = new java.util.ArrayList<>(List.of(args));
        if (node > 0) {
            all.addAll(List.of("--node", "127.0.0.1:" + (ports + node - 1)));
            return Typed.run(code, all.toArray(String[]::new));
        }
        try (var command = BellProcess.start(all.toArray(String[]::new))) {
            assertEquals(code, command.awaitExit(), command::text);
            return command.text();
        }
    }

    private static long pid(Path dir, int node) throws IOException {
        return Long.parseLong(
                Files.readString(dir.resolve("n" + node).resolve("node.pid")).strip());
    }
}
