package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bits of the tables' files have changed while a node was away: what is wrong is told of, or refused, never served.
class RottenDiskTest {
    private static final int KEYS = 60;
    private static final int VALUE_BYTES = 500_000;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final int port = Ports.row(2);

    @TempDir
    Path dir;

    private static String value(int key) {
        var bytes = new byte[VALUE_BYTES / 2];
        new Random(key).nextBytes(bytes);
        return java.util.HexFormat.of().formatHex(bytes);
    }

    private HttpRequest.Builder key(int key) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/kv/k" + key))
                .timeout(Duration.ofSeconds(10));
    }

    private static List<Path> tables(Path folder) throws IOException {
        try (var files = Files.walk(folder.resolve("tables"))) {
            return files.filter(file -> file.toString().endsWith(".sst")).toList();
        }
    }

    @Test
    void changedBitsAreFoundAndNeverServed() throws Exception {
        var folder = dir.resolve("n1");
        try (var node = BellProcess.start("serve", "--new", "--dir", folder.toString(), "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1), "--log-keep", "0",
                "--log-keep-time", "0s")) {
            node.awaitLine("serving");
            for (int i = 0; i < 4 * KEYS; i++) {
                var put = key(i % KEYS).PUT(BodyPublishers.ofString(value(i % KEYS))).build();
                assertTrue(HTTP.send(put, BodyHandlers.ofString()).statusCode() < 300);
            }
            Await.until("a log that has lost its beginning",
                    () -> Files.exists(folder.resolve("log/base")));
            node.signal("TERM");
            node.awaitExit();
        }
        assertFalse(tables(folder).isEmpty());
        for (var file : tables(folder)) {
            var bytes = Files.readAllBytes(file);
            // In the data, which is the larger part of a file by far.
            bytes[bytes.length / 3] ^= 4;
            Files.write(file, bytes);
        }
        var found = Typed.run(Exit.NO, "check", "--dir", folder.toString());
        assertTrue(found.contains("tables/") && found.contains(".sst"), found);
        try (var node = BellProcess.start("serve", "--dir", folder.toString())) {
            // Else nobody has been there yet to meet the damage. What the log has to say may meet it first.
            Await.until("the node to serve, or to end", () -> !node.isAlive()
                    || node.lines().stream().anyMatch(line -> line.startsWith("serving")));
            int told = readAll();
            assertTrue(told > 0, "the damage was met, and nobody said so");
            assertEquals(Exit.HALTED, node.awaitExit(), node::text);
            expectReason(node, "cannot read from the tables: Corruption, ", ".sst");
            assertTrue(node.text().contains("join again with an empty folder"), node::text);
        }
    }

    private static void expectReason(BellProcess node, String... words) {
        var reason = node.lines().stream().filter(line -> line.contains("had to stop"))
                .findFirst().orElseThrow(() -> new AssertionError(node.text()));
        for (var word : words)
            assertTrue(reason.contains(word), () -> word + " in: " + reason);
    }

    /// RocksDB writes files by itself; what goes wrong there nobody is told who does not ask.
    @Test
    void anErrorInTheBackgroundStopsTheNodeWithTheReason() throws Exception {
        var folder = dir.resolve("n1");
        try (var node = BellProcess.start("serve", "--new", "--dir", folder.toString(), "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1))) {
            node.awaitLine("serving");
            var put = key(0).PUT(BodyPublishers.ofString(value(0))).build();
            assertEquals(201, HTTP.send(put, BodyHandlers.ofString()).statusCode());
            try (var states = Files.list(folder.resolve("tables"))) {
                var state = states.filter(each -> each.getFileName().toString()
                        .startsWith("state-")).findFirst().orElseThrow();
                Files.move(state, dir.resolve("elsewhere"));
            }
            int key = 0;
            while (node.isAlive() && writes(key % KEYS))
                key++;
            assertEquals(Exit.HALTED, node.awaitExit(), node::text);
            expectReason(node, "IOError", ".sst: No such file");
            // Nothing is damaged, and nobody is told to give up what is there.
            assertTrue(node.text().contains("mend the cause, and start the node again"),
                    node::text);
            assertFalse(node.text().contains("empty folder"), node::text);
        }
    }

    /// Whether there is an answer.
    private boolean writes(int key) throws InterruptedException {
        try {
            HTTP.send(key(key).PUT(BodyPublishers.ofString(value(key))).build(),
                    BodyHandlers.discarding());
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    /// How many keys could not be read; the others have the values that were written.
    private int readAll() throws InterruptedException {
        int told = 0;
        for (int i = 0; i < KEYS; i++) {
            try {
                var answer = HTTP.send(key(i).build(), BodyHandlers.ofString());
                if (answer.statusCode() == 200)
                    assertEquals(value(i), answer.body());
                else
                    told++;
            } catch (IOException gone) {
                told++;
            }
        }
        return told;
    }
}
