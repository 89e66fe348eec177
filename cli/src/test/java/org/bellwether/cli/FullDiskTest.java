package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes on a small file system of their own, which is filled to its last byte. Skipped where mounting is not allowed.
class FullDiskTest {
    private static final int VALUE_BYTES = 200_000;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final int port = Ports.row(4);

    @TempDir
    Path dir;

    @BeforeEach
    void requireMounts() throws IOException, InterruptedException {
        Process trial;
        try {
            var command = new ArrayList<>(small());
            command.add("true");
            trial = new ProcessBuilder(command).start();
        } catch (IOException noSuchProgram) {
            assumeTrue(false, "not run: no unshare here");
            return;
        }
        assumeTrue(trial.waitFor(10, TimeUnit.SECONDS) && trial.exitValue() == 0,
                "not run: mounting is not allowed here");
    }

    private List<String> small() {
        return List.of("unshare", "-Urm", "sh", "-c",
                "mount -t tmpfs -o size=300m none \"$0\" && exec \"$@\"", dir.toString());
    }

    private static HttpResponse<String> send(String method, int port, String key, String value)
            throws IOException, InterruptedException {
        return HTTP.send(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/kv/" + key
                        + "?timeout=2s"))
                .method(method, BodyPublishers.ofString(value)).build(), BodyHandlers.ofString());
    }

    private static int put(int port, String key, String value) {
        try {
            return send("PUT", port, key, value).statusCode();
        } catch (IOException broken) {
            throw new AssertionError("the node must go on", broken);
        } catch (InterruptedException ended) {
            throw new AssertionError(ended);
        }
    }

    /// The folder as that process sees it.
    private Path inside(BellProcess node) {
        return Path.of("/proc/" + node.pid() + "/root" + dir.toAbsolutePath());
    }

    private Path fill(BellProcess node) throws IOException {
        var filler = inside(node).resolve("filler");
        try (var out = FileChannel.open(filler, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            var zeros = java.nio.ByteBuffer.allocate(1 << 20);
            while (true) {
                out.write(zeros.rewind());
            }
        } catch (IOException full) {
            return filler;
        }
    }

    @Test
    void aFullDiskRefusesWritesServesReadsAndRecoversByItself() throws Exception {
        var folder = dir.resolve("n1").toString();
        var value = "v".repeat(VALUE_BYTES);
        try (var node = BellProcess.startIn(small(), "serve", "--new", "--dir", folder, "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1))) {
            node.awaitLine("serving");
            assertEquals(201, put(port, "first", value));
            var filler = fill(node);
            int[] written = {0};
            Await.until("a refusal for want of space", () -> {
                int status = put(port, "k" + written[0], value);
                if (status == 201) written[0]++;
                return status == 507;
            });
            assertEquals(200, send("GET", port, "first", "").statusCode());
            assertTrue(node.isAlive());
            Files.delete(filler);
            Await.until("writes to go on", () -> put(port, "again", value) < 300);
            // More than the disk holds of the log at once: its beginning must go.
            for (int i = 0; i < 1_500; i++) {
                int key = i % 100;
                Await.until("a write", () -> put(port, "over" + key, value) < 300);
            }
            for (int i = 0; i < written[0]; i++)
                assertEquals(value, send("GET", port, "k" + i, "").body());
            assertTrue(node.isAlive());
        }
    }
}
