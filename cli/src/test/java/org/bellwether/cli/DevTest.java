package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bell dev` as a newcomer meets it.
class DevTest {
    private final int ports = Ports.row(20);

    @Test
    void startsACluster_showsFailover_restartsTheDead_keepsState(@TempDir Path dir)
            throws IOException {
        List<ProcessHandle> nodes;
        try (var dev = dev(dir)) {
            var ready = dev.awaitLine("ready");
            var lines = dev.lines();
            assertTrue(lines.getFirst().startsWith("NODE"), dev::text);
            for (int i = 1; i <= 3; i++) {
                var row = lines.get(i);
                assertTrue(row.startsWith("n" + i), row);
                assertTrue(row.contains("127.0.0.1:" + (ports + i - 1)), row);
                assertTrue(row.contains("127.0.0.1:" + (ports + 5 + i)), row);
                assertTrue(row.endsWith(Long.toString(pid(dir, i))), row);
            }
            nodes = dev.children();
            assertEquals(3, nodes.size());
            expect(Exit.OK, "put", "greeting", "hello");
            assertEquals("hello", expect(Exit.OK, "get", "greeting"));
            expect(Exit.NO, "get", "nobody");

            var leader = ready.substring("ready: ".length(), "ready: n1".length());
            int number = Integer.parseInt(leader.substring(1));
            long killed = pid(dir, number);
            BellProcess.signal(killed, "KILL");
            dev.awaitLine(leader + " is gone");
            dev.awaitLine("leader: ");
            assertEquals("hello", expect(Exit.OK, "get", "greeting"));

            expect(Exit.OK, "dev", "restart", leader, "--dir", dir.toString());
            assertNotEquals(killed, pid(dir, number));
            expect(Exit.USAGE, "dev", "restart", leader, "--dir", dir.toString());
            nodes = dev.children();
            assertEquals(3, nodes.size());

            dev.signal("INT");
            dev.awaitExit();
        }
        assertTrue(nodes.stream().noneMatch(ProcessHandle::isAlive));

        try (var again = dev(dir)) {
            again.awaitLine("ready");
            assertEquals("hello", expect(Exit.OK, "get", "greeting"));
            again.signal("TERM");
            again.awaitExit();
        }
    }

    /// Whoever kills `bell dev` does not have to look for what it left behind.
    @Test
    void aKilledDevLeavesNoNodeBehind(@TempDir Path dir) {
        try (var dev = dev(dir)) {
            dev.awaitLine("ready");
            var nodes = dev.children();
            assertEquals(3, nodes.size());
            dev.signal("KILL");
            Await.until("the nodes to end", () -> nodes.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void aSecondDevOnTheSameFolderOrPortsIsRefused(@TempDir Path dir) {
        try (var dev = dev(dir.resolve("a"))) {
            dev.awaitLine("ready");
            try (var second = dev(dir.resolve("a"))) {
                assertEquals(Exit.USAGE, second.awaitExit());
                assertTrue(second.text().contains("another `bell dev` is running"), second::text);
            }
            try (var second = dev(dir.resolve("b"))) {
                assertEquals(Exit.USAGE, second.awaitExit());
                assertTrue(second.text().contains("is in use"), second::text);
            }
            assertFalse(Files.exists(dir.resolve("b/n1")));
            dev.signal("INT");
            dev.awaitExit();
        }
    }

    @Test
    void freshDeletesOnlyWhatDevMade(@TempDir Path dir) throws IOException {
        var precious = Files.writeString(dir.resolve("thesis.txt"), "years of work");
        try (var dev = BellProcess.start("dev", "--fresh", "--dir", dir.toString())) {
            assertEquals(Exit.USAGE, dev.awaitExit());
            assertTrue(dev.text().contains("thesis.txt"), dev::text);
        }
        assertEquals("years of work", Files.readString(precious));
    }

    private BellProcess dev(Path dir) {
        return BellProcess.start("dev", "--dir", dir.toString(), "--http-port",
                Integer.toString(ports), "--resp-port", Integer.toString(ports + 6), "--peer-port",
                Integer.toString(ports + 3));
    }

    /// Runs a command to its end; its output.
    private String expect(int code, String... args) {
        var all = new java.util.ArrayList<>(List.of(args));
        if (!args[0].equals("dev")) {
            all.add("--node");
            all.add("127.0.0.1:%d,127.0.0.1:%d".formatted(ports, ports + 1));
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
