package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What listens where a node was expected is not believed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrangersTest {
    private final int port = Ports.row(3);
    private final String http = "127.0.0.1:" + port;
    private final String resp = "127.0.0.1:" + (port + 2);
    private BellProcess node;

    @BeforeAll
    void serve(@TempDir Path dir) {
        node = BellProcess.start("serve", "--new", "--dir", dir.toString(), "--http", http,
                "--peer", "127.0.0.1:" + (port + 1), "--resp", resp);
        node.awaitLine("serving");
        Typed.run(Exit.OK, "put", "key", "value", "--node", http);
    }

    @AfterAll
    void end() {
        node.close();
    }

    private static String ask(int code, String address, String command) {
        var words = new ArrayList<>(List.of(command.split(" ", -1)));
        words.addAll(List.of("--node", address));
        return Typed.run(code, words.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "{}"})
    void aStrangersYesIsNone(String text) throws IOException {
        try (var stranger = Stranger.saying(200, text)) {
            for (var change : new String[]{"put k v", "delete k", "transfer", "remove n1",
                    "voters 3", "lease on"}) {
                var said = ask(Exit.UNKNOWN, stranger.address(), change);
                assertTrue(said.contains("outcome unknown: " + stranger.address()), said);
                assertTrue(said.contains("not the answer of a Bellwether node"), said);
            }
            for (var question : new String[]{"get k", "status", "events", "verify", "leave"}) {
                var said = ask(Exit.UNAVAILABLE, stranger.address(), question);
                assertTrue(said.contains("not the answer of a Bellwether node"), said);
            }
        }
    }

    @Test
    void aStrangersBackupIsNotKept(@TempDir Path dir) throws IOException {
        var file = dir.resolve("b.backup");
        try (var stranger = Stranger.saying(200, "hello")) {
            var said = ask(Exit.UNAVAILABLE, stranger.address(), "backup " + file);
            assertTrue(said.contains("not the answer of a Bellwether node"), said);
            assertTrue(Files.notExists(file));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:7401", "http://h:1/:2", "a b:7401", "[:1]:7401"})
    void whatIsNoAddressIsAWrongUse(String address) {
        for (var command : new String[]{"get k", "put k v", "backup file"}) {
            var said = ask(Exit.USAGE, address, command);
            assertFalse(said.contains("this is a bug"), said);
            assertTrue(said.lines().noneMatch(line -> line.startsWith("\tat ")), said);
        }
    }

    @Test
    void oneNodeIsComparedWithNone() {
        var said = ask(Exit.OK, http, "verify");
        assertTrue(said.startsWith("one node, and nothing to compare it with: "), said);
    }

    @Test
    void aMemberWithoutAnAddressIsNamed() throws IOException {
        var list = "{\"members\":[{\"name\":\"n7\",\"addresses\":{\"http\":\"nowhere\"}}]}";
        try (var liar = Stranger.saying(200, list, Map.of("KV-Node", "n7"))) {
            var said = ask(Exit.UNAVAILABLE, liar.address(), "verify");
            assertTrue(said.contains("the HTTP address of n7"), said);
            assertTrue(said.contains("'nowhere'"), said);
        }
    }

    /// What the JDK says of it is about its parser.
    @Test
    void whatDoesNotSpeakHttpIsNamed(@TempDir Path dir) {
        String hint = " (is this the HTTP address of a node?)";
        var said = ask(Exit.UNAVAILABLE, resp, "backup " + dir.resolve("b.backup"));
        assertTrue(said.contains(resp + " closed the connection without an answer" + hint), said);
        said = ask(Exit.UNAVAILABLE, resp, "get key");
        assertTrue(said.contains(hint) && !said.contains("parser"), said);
        said = ask(Exit.UNKNOWN, resp, "put k v");
        assertTrue(said.contains(hint) && !said.contains("parser"), said);
        assertEquals("value", ask(Exit.OK, resp + "," + http, "get key"));
    }

    @Test
    void neitherIsItCalledUnreachable_thatAnswersSomethingElse() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var client = other.accept()) {
                    client.getOutputStream().write("-ERR unknown command\r\n".getBytes(UTF_8));
                    client.getInputStream().readAllBytes();
                } catch (IOException gone) {
                    // It has heard enough.
                }
            });
            var said = ask(Exit.UNAVAILABLE, "127.0.0.1:" + other.getLocalPort(), "get k");
            assertTrue(said.contains("does not speak HTTP"), said);
        }
    }

    @Test
    void aNewcomerAtTheWrongPortIsToldSo(@TempDir Path dir) {
        int own = Ports.row(2);
        try (var newcomer = BellProcess.start("serve", "--join", resp + "," + http, "--dir",
                dir.toString(), "--http", "127.0.0.1:" + own, "--peer",
                "127.0.0.1:" + (own + 1))) {
            newcomer.awaitLine("serving");
            Typed.run(Exit.OK, "remove", "n2", "--node", http);
        }
        try (var newcomer = BellProcess.start("serve", "--join", resp, "--dir",
                dir.resolve("other").toString(), "--http", "127.0.0.1:" + own, "--peer",
                "127.0.0.1:" + (own + 1))) {
            Await.until(newcomer::text, () -> newcomer.text().contains("not let in yet"));
            assertTrue(newcomer.text().contains("is this the HTTP address of a node?"),
                    newcomer::text);
            assertFalse(newcomer.text().contains("write"), newcomer::text);
        }
    }

    /// What is behind a proxy may have done it.
    @ParameterizedTest
    @ValueSource(ints = {408, 500, 502, 503, 504})
    void aProxysTroubleLeavesTheOutcomeUnknown(int status) throws IOException {
        try (var proxy = Stranger.saying(status, "<html>")) {
            var said = ask(Exit.UNKNOWN, proxy.address() + "," + http, "put k v" + status);
            assertTrue(said.contains("HTTP " + status), said);
            // A read hurts nobody, and is asked elsewhere.
            assertEquals("value", ask(Exit.OK, proxy.address() + "," + http, "get key"));
        }
        Typed.run(Exit.NO, "get", "k", "--node", http);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 401, 404, 405})
    void whatAProxyRefusesIsNotDone(int status) throws IOException {
        try (var proxy = Stranger.saying(status, "<html>")) {
            ask(Exit.USAGE, proxy.address(), "put k v");
        }
    }
}
