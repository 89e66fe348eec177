package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.bellwether.api.Limits;
import org.bellwether.storage.TableFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `GET /v1/backup`: everything, piece by piece, as of one moment.
class BackupHttpTest {
    private static final int KEYS = 40;
    private static final int VALUE_BYTES = 100_000;
    private static final String BACKUP = "GET /v1/backup HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String LAST = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private static Map<String, Integer> contents(byte[] backup) throws Exception {
        var in = new ByteArrayInputStream(backup);
        var contents = new TreeMap<String, Integer>();
        var head = TableFormat.read(in::readNBytes, (key, value) -> {
            contents.put(new String(key.array(), StandardCharsets.UTF_8), value.value().length());
            return true;
        });
        assertEquals(contents.size(), head.mark().keys());
        assertEquals(0, in.available(), "nothing stands behind the end");
        return contents;
    }

    private static void fill(HttpNode node) throws Exception {
        for (int i = 0; i < KEYS; i++)
            assertEquals(201, node.put("k" + (100 + i), "v".repeat(VALUE_BYTES + i)).statusCode());
    }

    @Test
    void holdsEverythingAndSaysOfWhen(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fill(node);
            var answer = node.send("GET", "/v1/backup", null);
            assertEquals(200, answer.statusCode());
            assertEquals("chunked", HttpNode.header(answer, "transfer-encoding"));
            assertEquals("" + KEYS, HttpNode.header(answer, "KV-Backup-Keys"));
            assertEquals("" + KEYS, HttpNode.header(answer, "KV-Backup-Revision"));
            var contents = contents(answer.body());
            assertEquals(KEYS, contents.size());
            assertEquals(VALUE_BYTES + 7, contents.get("k107"));
        }
    }

    @Test
    void anEmptyStoreHasAnEmptyBackup(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            assertTrue(contents(node.send("GET", "/v1/backup", null).body()).isEmpty());
        }
    }

    /// Whoever reads slowly gets what was there when it asked; requests behind it on the same connection wait.
    @Test
    void writesGoOnAndAreNotInIt(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fill(node);
            var request = HttpRequest.newBuilder(node.uri("/v1/backup")).build();
            var slow = node.client.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = slow.body()) {
                for (int i = 0; i < KEYS; i++)
                    assertEquals(200, node.put("k" + (100 + i), "changed").statusCode());
                assertEquals(201, node.put("later", "x").statusCode());
                var contents = contents(body.readAllBytes());
                assertEquals(KEYS, contents.size());
                assertEquals(VALUE_BYTES + 39, contents.get("k139"));
            }
        }
    }

    @Test
    void aClientOfHttp10ReadsUntilTheEnd(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fill(node);
            var answer = node.raw("GET /v1/backup HTTP/1.0\r\n\r\n");
            int body = answer.indexOf("\r\n\r\n") + 4;
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer.substring(0, body));
            assertEquals(KEYS, contents(answer.substring(body)
                    .getBytes(StandardCharsets.ISO_8859_1)).size());
        }
    }

    @Test
    void repliesBehindItWaitTheirTurn(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fill(node);
            var answer = node.raw("GET /v1/backup HTTP/1.1\r\nHost: x\r\n\r\n" + LAST);
            int end = answer.indexOf("\r\n0\r\n\r\nHTTP/1.1 200");
            assertTrue(end > KEYS * VALUE_BYTES, "the second reply follows the last chunk");
            assertTrue(answer.endsWith("ok\n"));
        }
    }

    /// More than all buffers on the way hold together, so that it cannot be over before it is read.
    private static void fillBeyondBuffers(HttpNode node) throws Exception {
        for (int i = 0; i < KEYS; i++)
            assertEquals(201, node.put("large" + i, "v".repeat(8 * VALUE_BYTES)).statusCode());
    }

    @Test
    void tooManyAreRefusedAndThoseWhoLeaveMakeRoom(@TempDir Path folder) throws Exception {
        var open = new ArrayList<Socket>();
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fillBeyondBuffers(node);
            for (int i = 0; i < Limits.BACKUPS_MAX; i++)
                open.add(begun(node, BACKUP));
            var refused = node.send("GET", "/v1/backup", null);
            assertEquals(503, refused.statusCode(), HttpNode.text(refused));
            assertTrue(HttpNode.text(refused).contains("\"code\":\"busy\""),
                    HttpNode.text(refused));
            assertEquals("1", HttpNode.header(refused, "Retry-After"));
            for (var each : open)
                each.close();
            TestServer.await("room for another", () -> asksForABackup(node) == 200);
        } finally {
            for (var each : open)
                each.close();
        }
    }

    private static int asksForABackup(HttpNode node) {
        try {
            return node.send("GET", "/v1/backup", null).statusCode();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    /// Those that wait for their turn on a connection hold a place each, too.
    @Test
    void whoeverLeavesBeforeItsTurnMakesRoom(@TempDir Path folder) throws Exception {
        var open = new ArrayList<Socket>();
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fillBeyondBuffers(node);
            try (var _ = begun(node, BACKUP.repeat(Limits.BACKUPS_MAX))) {
                TestServer.await("all places to be taken", () -> asksForABackup(node) == 503);
            }
            TestServer.await("room for another", () -> asksForABackup(node) == 200);
            for (int i = 1; i < Limits.BACKUPS_MAX; i++)
                open.add(begun(node, BACKUP));
            assertEquals(200, asksForABackup(node));
        } finally {
            for (var each : open)
                each.close();
        }
    }

    /// "The HEAD method is identical to GET except that the server MUST NOT send content" — RFC 9110 §9.3.2
    @Test
    void headSaysOfWhen_andHoldsNothing(@TempDir Path folder) throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            fillBeyondBuffers(node);
            var head = "HEAD /v1/backup HTTP/1.1\r\nHost: x\r\n\r\n";
            var answer = node.raw(head + head + LAST);
            assertEquals(3, answer.split("HTTP/1.1 200 OK\r\n", -1).length - 1, answer);
            assertEquals(2, answer.split("KV-Backup-Keys: " + KEYS + "\r\n", -1).length - 1,
                    answer);
            assertEquals(1, answer.split("content-length: ", -1).length - 1, answer);
            assertEquals(3, answer.split("\r\n\r\n", -1).length - 1, answer);
            assertTrue(answer.endsWith("\r\n\r\nok\n"), answer);
            try (var _ = begun(node, BACKUP + head.repeat(Limits.BACKUPS_MAX))) {
                for (int i = 0; i < 3; i++)
                    assertEquals(200, asksForABackup(node));
            }
        }
    }

    /// Has read the first byte of its answer, and reads no more.
    ///
    /// @param requests sent at once: those behind a reply that is not taken would not be started
    private static Socket begun(HttpNode node, String requests) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port));
        socket.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals('H', socket.getInputStream().read());
        return socket;
    }
}
