package org.bellwether.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.log.Identity;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.transport.BadFrameException;
import org.bellwether.transport.PeerCodec;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Whatever calls at a node's peer port, or answers where a peer should be: plain sockets that do as they please.
class PeerPortTest {
    private static final Address BACK = new Address("127.0.0.1", 1);
    private static final EventLoops loops = EventLoops.open("peers", 2);

    @AfterAll
    static void close() {
        loops.close();
    }

    @Test
    void whoIsNoNodeIsClosedWithoutAnAnswer() throws IOException {
        try (var node = new TestNode(loops, 1)) {
            node.connect(node);
            for (String noise : List.of("GET /v1/cluster HTTP/1.1\r\nHost: x\r\n\r\n",
                    "*1\r\n$4\r\nPING\r\n", "B", "BELLPEEP", "\u0000\u0000\u0000\u0010",
                    "\u001b[31mred\nforged line")) {
                try (var caller = call(node)) {
                    caller.getOutputStream().write(noise.getBytes(ISO_8859_1));
                    caller.shutdownOutput();
                    assertEquals(0, answer(caller).length);
                }
            }
            node.awaitWarning("no handshake but GET\\x20/v1/cluster\\x20HTTP/1.1");
            node.awaitWarning("no handshake but \\x1b[31mred\\x0aforged");
            assertTrue(node.seen().stream().allMatch(event -> event.chars()
                    .allMatch(c -> c >= ' ' && c < 0x7f)), node.seen()::toString);
            assertFalse(node.seen().toString().contains("Exception"), node.seen()::toString);
        }
    }

    @Test
    void whoIsAtTheWrongDoorIsToldWhy() throws IOException, BadFrameException {
        var other = new ClusterId(new UUID(8, 8));
        var me = TestNode.id(2);
        var you = TestNode.id(1);
        try (var node = new TestNode(loops, 1)) {
            node.expel(TestNode.id(4), node.member(), member(2));
            assertEquals("cluster " + other + "; this node is of cluster " + TestNode.CLUSTER,
                    greet(node, new Hello(1, 1, other, me, you, BACK)));
            assertEquals("protocol version 2; this node speaks version 1",
                    greet(node, new Hello(2, 1, TestNode.CLUSTER, me, you, BACK)));
            assertEquals("format version 9; this node reads version 1",
                    greet(node, new Hello(1, 9, TestNode.CLUSTER, me, you, BACK)));
            assertEquals("the caller claims to be node " + you + ", which is this one",
                    greet(node, new Hello(1, 1, TestNode.CLUSTER, you, you, BACK)));
            assertEquals("this is node " + you + ", not node " + TestNode.id(3),
                    greet(node, new Hello(1, 1, TestNode.CLUSTER, me, TestNode.id(3), BACK)));
            assertEquals("the caller was removed from the cluster",
                    greet(node, new Hello(1, 1, TestNode.CLUSTER, TestNode.id(4), you, BACK)));
            assertNull(greet(node, new Hello(1, 1, TestNode.CLUSTER, me, you, BACK)));
            node.await("connected 2");
            assertEquals(1, node.count("connected 2"));
        }
    }

    @Test
    void aHelloWithAFlippedBitIsNotBelieved() throws IOException {
        try (var node = new TestNode(loops, 1)) {
            node.connect(node.member(), member(2));
            byte[] hello = hello(2, 1).encode();
            hello[30] ^= 1;
            try (var caller = call(node)) {
                caller.getOutputStream().write(hello);
                assertEquals(0, answer(caller).length);
            }
            node.awaitWarning("a hello that fails its checksum");
        }
    }

    @Test
    void whoSaysNothingIsSentAway() throws IOException {
        var settings = new PeerSettings(new Identity(TestNode.id(1), TestNode.CLUSTER),
                new Address("127.0.0.1", 0), null, TestNode.LIMITS, new Random(1));
        try (var node = new TestNode(loops, settings, Duration.ofMillis(50))) {
            node.connect(node);
            try (var caller = call(node)) {
                assertEquals(0, answer(caller).length);
            }
            node.awaitWarning("no handshake in time");
        }
    }

    @Test
    void whoSaysNothingTakesNoMoreThanItsShareOfPlaces() throws IOException, BadFrameException {
        try (var node = new TestNode(loops, 1)) {
            node.connect(node.member(), member(2));
            var silent = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 65; i++)
                    silent.add(call(node));
                node.awaitWarning("too many handshakes at once");
            } finally {
                for (var socket : silent)
                    socket.close();
            }
            // Places are free again once the node has seen them go.
            @Nullable
            String refusal;
            do {
                refusal = greet(node, hello(2, 1));
            } while (refusal != null);
            node.await("connected 2");
        }
    }

    @Test
    void aNewerLinkOfAPeerReplacesTheOlder_andIsNoNews() throws IOException {
        try (var node = new TestNode(loops, 1)) {
            node.connect(node.member(), member(2));
            try (var older = linked(node, 2)) {
                older.getOutputStream().write(frame(TestNode.say(1)));
                node.await("2 says 1");
                try (var newer = linked(node, 2)) {
                    assertEquals(0, answer(older).length, "the older one is closed");
                    newer.getOutputStream().write(frame(TestNode.say(2)));
                    node.await("2 says 2");
                    assertEquals(0, node.count("disconnected 2"));
                }
                node.await("disconnected 2");
                assertEquals(List.of("connected 2", "2 says 1", "connected 2", "2 says 2",
                        "disconnected 2"),
                        node.seen().stream().filter(event -> !event.startsWith("warning"))
                                .toList());
            }
        }
    }

    @Test
    void aBadFrameClosesTheLinkAndReachesNobody() throws IOException {
        byte[] good = frame(TestNode.say(5));
        byte[] flipped = good.clone();
        flipped[good.length - 1] ^= 1;
        byte[] huge = ByteBuffer.allocate(16).putInt(Integer.MAX_VALUE).array();
        byte[] justOver = ByteBuffer.allocate(16).putInt(TestNode.LIMITS.frameBytesMax() - 3)
                .array();
        byte[] empty = new byte[16];
        try (var node = new TestNode(loops, 1)) {
            node.connect(node.member(), member(2));
            for (byte[] bad : List.of(flipped, huge, justOver, empty)) {
                node.forget();
                try (var peer = linked(node, 2)) {
                    peer.getOutputStream().write(good);
                    peer.getOutputStream().write(bad);
                    node.await("disconnected 2");
                    node.awaitWarning("is cut: ");
                    assertEquals(0, answer(peer).length);
                    assertEquals(1, node.count("2 says 5"));
                }
            }
        }
    }

    @Test
    void aFrameThatComesByteByByteIsAFrame() throws IOException {
        try (var node = new TestNode(loops, 1)) {
            node.connect(node.member(), member(2));
            try (var peer = call(node)) {
                peer.setTcpNoDelay(true);
                for (byte b : hello(2, 1).encode())
                    peer.getOutputStream().write(b);
                node.await("connected 2");
                for (byte b : frame(TestNode.say(6)))
                    peer.getOutputStream().write(b);
                node.await("2 says 6");
            }
        }
    }

    @Test
    void aPeerThatDoesNotReadIsCutAtTheBound() throws IOException {
        try (var silent = listen(); var node = new TestNode(loops, 1)) {
            node.connect(node.member(), at(silent));
            try (var link = silent.accept()) {
                link.getInputStream().readNBytes(Hello.bytes(BACK.host().length()));
                link.getOutputStream().write(Verdict.welcome().encode());
                var message = new PeerMessage.Forward(1, 1, 1000, Ack.QUORUM,
                        List.of(new byte[60_000]));
                // First the system's own buffers fill, of whatever size, then ours.
                int sent = 0;
                while (node.count("undelivered 2") == 0) {
                    node.send(TestNode.id(2), message);
                    assertTrue(sent++ < 10_000, "never cut");
                }
                node.awaitWarning("is cut: it does not read");
            }
        }
    }

    /// Whoever publishes without end must not part the nodes.
    @Test
    void publishedMessagesAreDroppedLongBeforeALinkIsCut() throws IOException {
        try (var silent = listen(); var node = new TestNode(loops, 1)) {
            node.connect(node.member(), at(silent));
            try (var link = silent.accept()) {
                link.getInputStream().readNBytes(Hello.bytes(BACK.host().length()));
                link.getOutputStream().write(Verdict.welcome().encode());
                var message = new PeerMessage.Published(new byte[10], new byte[50_000]);
                int sent = 0;
                while (!node.sees(events -> events.toString().contains("messages are dropped"),
                        Duration.ZERO)) {
                    node.send(TestNode.id(2), message);
                    assertTrue(sent++ < 10_000, "never dropped");
                }
                for (int i = 0; i < 100; i++)
                    node.send(TestNode.id(2), message);
                // There is room for what matters, which comes when the peer reads again.
                var vital = TestNode.say(7);
                node.send(TestNode.id(2), vital);
                assertEquals(0, node.count("undelivered 2"));
                var in = new BufferedInputStream(link.getInputStream());
                byte[] end = frame(vital);
                var last = new byte[end.length];
                while (!Arrays.equals(last, end)) {
                    System.arraycopy(last, 1, last, 0, last.length - 1);
                    int next = in.read();
                    assertTrue(next >= 0, "ended");
                    last[last.length - 1] = (byte) next;
                }
            }
        }
    }

    @Test
    void whoAnswersWithSomethingElseIsNoPeer() throws IOException {
        try (var stranger = listen(); var node = new TestNode(loops, 1)) {
            node.connect(node.member(), at(stranger));
            answerOnce(stranger, "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(ISO_8859_1));
            node.awaitWarning("no node of Bellwether answers there");
            answerOnce(stranger, new byte[0]);
            node.awaitWarning("it closed the connection without a word");
            answerOnce(stranger, Verdict.refused("go\naway\u001b[1m").encode());
            node.awaitWarning("it refuses us: go?away?[1m");
            byte[] chatty = Arrays.copyOf(Verdict.welcome().encode(), 100);
            answerOnce(stranger, chatty);
            node.awaitWarning("it speaks where it should listen");
            node.await("undelivered 2");
        }
    }

    @Test
    void whoIsReachedElsewhereSaysSo() throws IOException, BadFrameException {
        var advertised = new Address("n1.example", 7501);
        var settings = new PeerSettings(new Identity(TestNode.id(1), TestNode.CLUSTER),
                new Address("127.0.0.1", 0), advertised, TestNode.LIMITS, new Random(1));
        try (var stranger = listen();
                var node = new TestNode(loops, settings, TestNode.HANG)) {
            node.connect(node.member(), at(stranger));
            try (var link = stranger.accept()) {
                var said = link.getInputStream()
                        .readNBytes(Hello.bytes(advertised.host().length()));
                assertEquals(advertised, Hello.decode(said).back());
            }
        }
    }

    private static void answerOnce(ServerSocket stranger, byte[] bytes) throws IOException {
        try (var link = stranger.accept()) {
            link.getInputStream().readNBytes(Hello.bytes(BACK.host().length()));
            link.getOutputStream().write(bytes);
            link.shutdownOutput();
            answer(link);
        }
    }

    private static Hello hello(int from, int to) {
        return new Hello(1, 1, TestNode.CLUSTER, TestNode.id(from), TestNode.id(to), BACK);
    }

    /// @return why not, null if welcome
    private static @Nullable String greet(TestNode node, Hello hello)
            throws IOException, BadFrameException {
        try (var caller = call(node)) {
            caller.getOutputStream().write(hello.encode());
            byte[] head = caller.getInputStream().readNBytes(Verdict.HEAD_BYTES);
            if (head.length < Verdict.HEAD_BYTES) return "closed";
            int rest = Verdict.bytes(head) - head.length;
            byte[] whole = Arrays.copyOf(head, Verdict.bytes(head));
            System.arraycopy(caller.getInputStream().readNBytes(rest), 0, whole, head.length, rest);
            return Verdict.decode(whole).refusal();
        } catch (SocketException reset) {
            return "closed";
        }
    }

    private static Socket linked(TestNode node, int as) throws IOException {
        long before = node.count("connected " + as);
        var socket = call(node);
        socket.getOutputStream().write(hello(as, 1).encode());
        int bytes = Verdict.welcome().encode().length;
        assertEquals(bytes, socket.getInputStream().readNBytes(bytes).length);
        node.await(_ -> node.count("connected " + as) > before, "connected " + as);
        return socket;
    }

    private static Socket call(TestNode node) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), node.address().port());
        socket.setSoTimeout((int) TestNode.HANG.toMillis());
        return socket;
    }

    /// Everything until the other side closes, in whatever way.
    private static byte[] answer(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
    }

    private static byte[] frame(PeerMessage message) {
        return PeerCodec.encode(message).toBytes();
    }

    private static ServerSocket listen() throws IOException {
        var socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        socket.setSoTimeout((int) TestNode.HANG.toMillis());
        return socket;
    }

    private static Member at(ServerSocket socket) {
        return TestNode.member(TestNode.id(2), new Address("127.0.0.1", socket.getLocalPort()));
    }

    /// A member that nobody can dial.
    private static Member member(int number) {
        return TestNode.member(TestNode.id(number), new Address("127.0.0.1", 1));
    }
}
