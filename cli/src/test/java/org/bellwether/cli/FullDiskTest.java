package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
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
        new SmallDisk(dir).require();
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

    @Test
    void aFullDiskRefusesWritesServesReadsAndRecoversByItself() throws Exception {
        var disk = new SmallDisk(dir);
        var folder = dir.resolve("n1").toString();
        var value = "v".repeat(VALUE_BYTES);
        try (var node = BellProcess.startIn(disk.before(), "serve", "--new", "--dir", folder,
                "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1))) {
            node.awaitLine("serving");
            assertEquals(201, put(port, "first", value));
            disk.fill(node);
            int[] written = {0};
            Await.until("a refusal for want of space", () -> {
                int status = put(port, "k" + written[0], value);
                if (status == 201) written[0]++;
                return status == 507;
            });
            assertEquals(200, send("GET", port, "first", "").statusCode());
            assertTrue(node.isAlive());
            disk.makeRoom(node);
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
