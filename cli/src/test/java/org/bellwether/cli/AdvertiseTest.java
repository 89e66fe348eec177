package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes that listen on all addresses of their machine, and say where others reach them.
class AdvertiseTest {
    private final int port = Ports.row(8);

    @TempDir
    Path dir;

    private String[] serve(int node, String everywhere, String... how) {
        var all = new ArrayList<>(List.of("serve", "--dir", dir.resolve("n" + node).toString(),
                "--insecure", "--http", everywhere + ":" + http(node), "--peer",
                everywhere + ":" + (http(node) + 1), "--resp", "none"));
        all.addAll(List.of(how));
        return all.toArray(String[]::new);
    }

    private String[] advertised(int node, String host, String... how) {
        var all = new ArrayList<>(List.of(how));
        all.addAll(List.of("--advertise-http", host + ":" + http(node), "--advertise-peer",
                host + ":" + (http(node) + 1)));
        return serve(node, "0.0.0.0", all.toArray(String[]::new));
    }

    private int http(int node) {
        return port + 2 * (node - 1);
    }

    private String status() {
        return Typed.run(Exit.OK, "status", "--node", "127.0.0.1:" + http(1));
    }

    private void awaitListed(String host, int node) {
        Await.until(this::status, () -> status().contains(
                host + ":" + http(node) + "  " + host + ":" + (http(node) + 1)));
    }

    @Test
    void theyFormACluster_andMayBeReachedElsewhereNextTime() {
        try (var first = BellProcess.start(advertised(1, "localhost", "--new"))) {
            first.awaitLine("serving");
            var contact = new String[]{"--join", "localhost:" + http(1)};
            try (var second = BellProcess.start(advertised(2, "localhost", contact));
                    var third = BellProcess.start(advertised(3, "localhost", contact))) {
                // Who of them asks first becomes n2.
                second.awaitLine("serving");
                third.awaitLine("serving");
                Await.until(this::status, () -> status().lines()
                        .filter(line -> line.contains(" yes ")).count() == 3);
                for (int node = 1; node <= 3; node++)
                    awaitListed("localhost", node);
                assertFalse(status().contains("0.0.0.0"), this::status);
                third.signal("TERM");
                third.awaitExit();
            }
            // Without the second there is no majority but with the third.
            try (var third = BellProcess.start(advertised(3, "127.0.0.1"))) {
                third.awaitLine("serving");
                Typed.run(Exit.OK, "put", "key", "value", "--timeout", "20s", "--node",
                        "127.0.0.1:" + http(3));
                awaitListed("127.0.0.1", 3);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0,--new", "[::],--new", "0.0.0.0,--join=127.0.0.1:1"})
    void aNodeThatNobodyWouldReachIsNotMade(String everywhere, String how) {
        var said = Typed.run(Exit.USAGE, serve(1, everywhere, how, "--advertise-http",
                "localhost:" + http(1)));
        assertTrue(said.contains("nobody reaches a node at " + everywhere + ":" + (port + 1)
                + ": say with --advertise-peer HOST:PORT"), said);
        assertFalse(Files.exists(dir.resolve("n1").resolve("log")));
    }

    @Test
    void norDoesANodeMoveToWhereNobodyReachesIt() {
        try (var node = BellProcess.start(advertised(1, "localhost", "--new"))) {
            node.awaitLine("serving");
            node.signal("TERM");
            node.awaitExit();
        }
        try (var node = BellProcess.start(serve(1, "0.0.0.0"))) {
            assertEquals(Exit.USAGE, node.awaitExit(), node::text);
            assertTrue(node.text().contains("--advertise-"), node::text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "peer"})
    void whatIsReachedElsewhereListensSomewhere(String end) {
        var said = Typed.run(Exit.USAGE, "serve", "--dir", dir.toString(), "--advertise-" + end,
                "localhost:1");
        assertTrue(said.contains("say with --" + end + " where"), said);
    }
}
