package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The one jar runs by itself: nothing that is looked up by name was lost when it was packed.
class BellJarIT {
    private static final List<String> JAR = List.of("-jar", System.getProperty("bell.jar"));

    private final int port = Ports.row(2);

    @Test
    void servesFromTheJarAlone(@TempDir Path dir) {
        var http = "127.0.0.1:" + port;
        try (var node = BellProcess.startAs(JAR, "serve", "--new", "--dir", dir.toString(),
                "--http",
                http, "--peer", "127.0.0.1:" + (port + 1))) {
            node.awaitLine("serving");
            assertEquals("created at revision 1", run("put", "k", "v", "--node", http));
            assertEquals("v", run("get", "k", "--node", http));
            node.signal("TERM");
            node.awaitExit();
            assertEquals(0,
                    node.lines().stream().filter(line -> line.startsWith("WARNING")).count(),
                    node::text);
        }
    }

    private static String run(String... args) {
        try (var command = BellProcess.startAs(JAR, args)) {
            assertEquals(Exit.OK, command.awaitExit(), command::text);
            return command.text();
        }
    }
}
