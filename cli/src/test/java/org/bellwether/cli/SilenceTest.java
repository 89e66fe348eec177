package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bellwether.api.Address;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.NodeClient.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nobody is waited for for ever: neither who says nothing, nor who stops in the middle.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SilenceTest {
    private static final Duration SOON = Duration.ofMillis(200);
    private static final String HEAD = "HTTP/1.1 200 OK\r\nKV-Node: n1\r\nContent-Length: 5\r\n\r\n";

    /// Says the same to everybody, and nothing after it; no connection is closed, but by who hangs up.
    private record Mute(ServerSocket socket, List<Socket> callers) implements AutoCloseable {
        static Mute after(String words) throws IOException {
            return after(words, false);
        }

        static Mute hangingUpAfter(String words) throws IOException {
            return after(words, true);
        }

        private static Mute after(String words, boolean hangsUp) throws IOException {
            var mute = new Mute(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                    new ArrayList<>());
            Thread.ofVirtual().start(() -> mute.answer(words, hangsUp));
            return mute;
        }

        private void answer(String words, boolean hangsUp) {
            try {
                while (true) {
                    var caller = socket.accept();
                    synchronized (callers) {
                        callers.add(caller);
                    }
                    caller.getOutputStream().write(words.getBytes(US_ASCII));
                    if (hangsUp) caller.shutdownOutput();
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        Address address() {
            return new Address("127.0.0.1", socket.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            socket.close();
            synchronized (callers) {
                for (var caller : callers)
                    caller.close();
            }
        }
    }

    private static NodeClient client(Mute... nodes) {
        return new NodeClient(Stream.of(nodes).map(Mute::address).toList(), SOON, SOON);
    }

    @Test
    void aBackupOfWhoSaysNothingComesToAnEnd(@TempDir Path dir) throws IOException {
        try (var mute = Mute.after("")) {
            var file = dir.resolve("b.backup");
            var said = Typed.run(Exit.UNAVAILABLE, "backup", file.toString(), "--node",
                    mute.address().toString(), "--timeout", "200ms");
            assertTrue(said.contains("did not answer in time"), said);
            assertFalse(Files.exists(file));
        }
    }

    /// As a node does that dies.
    @Test
    void aBackupThatBreaksOffSaysWhoseItWas(@TempDir Path dir) throws IOException {
        try (var half = Mute.hangingUpAfter(HEAD + "BW")) {
            var file = dir.resolve("b.backup");
            var said = Typed.run(Exit.UNAVAILABLE, "backup", file.toString(), "--node",
                    half.address().toString());
            assertTrue(said.contains("no backup: " + half.address()
                    + " closed the connection before all had come"), said);
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void theNextIsAskedAsLongAsNothingHasCome() throws IOException {
        try (var mute = Mute.after("");
                var head = Mute.after(HEAD);
                var whole = Mute.after(HEAD + "whole")) {
            var stream = client(mute, head, whole).open(Call.get("/v1/backup"));
            assertEquals(whole.address(), stream.node());
            try (var body = stream.body()) {
                assertArrayEquals("whole".getBytes(UTF_8), body.readAllBytes());
            }
        }
    }

    @Test
    void whoStopsInTheMiddleIsGivenUp() throws IOException {
        try (var half = Mute.after(HEAD + "ha")) {
            try (var body = client(half).open(Call.get("/v1/backup")).body()) {
                assertArrayEquals("ha".getBytes(UTF_8), body.readNBytes(2));
                var given = assertThrows(IOException.class, body::read);
                assertEquals("nothing came for 200 ms", given.getMessage());
            }
        }
    }

    @Test
    void anAnswerThatStopsInTheMiddleIsNone() throws IOException {
        try (var half = Mute.after(HEAD + "ha"); var whole = Mute.after(HEAD + "whole")) {
            assertEquals("whole", client(half, whole).ask(Call.get("/v1/kv/k")).text());
            var said = Typed.run(Exit.UNKNOWN, "put", "k", "v", "--node",
                    half.address().toString(), "--timeout", "200ms");
            assertTrue(said.contains("did not answer in time"), said);
        }
    }

    @Test
    void nodesThatSayNothingAreNotCompared() throws IOException {
        try (var mute = Mute.after("")) {
            var at = mute.address().toString();
            var row = new Row("n1", "n1", "voter", true, at, at, 0, 0, 0, 0, 0, null, List.of());
            var failed = assertThrows(Failure.class,
                    () -> VerifyCommand.openAll(List.of(row), SOON));
            assertTrue(String.valueOf(failed.getMessage()).contains("did not answer in time"));
        }
    }
}
