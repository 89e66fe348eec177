package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.SplittableRandom;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Announcements cost nothing, and no bytes bring the parser down.
@Timeout(60)
class HostileRequestTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory
            .getThreadMXBean();
    private static final String[] WORDS = {"*", "$", "\r\n", "\n", "\r", "-", "-1", "0", "1", "3",
            "16", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
            "9223372036854775808", "18446744073709551615", "536870912", "65536", "65537", "\"",
            "'", "\\", "\\x", " ", "\0", "\u00ff", "POST", "Host:", "GET", "SET", "k", ":1", "_",
            "%2", "~1", ">1", "(1", ",inf", "#t", "=4", "!1", "|1"};

    /// CVE-2021-32675, CVE-2021-32765, CVE-2026-88382: counts and lengths that were believed.
    @ParameterizedTest
    @ValueSource(strings = {"*65536\r\n", "*2147483647\r\n", "*2147483648\r\n", "*4294967297\r\n",
            "*9223372036854775807\r\n", "*-2147483648\r\n", "*1\r\n$2097152\r\n",
            "*1\r\n$536870912\r\n", "*1\r\n$2147483647\r\n", "*1\r\n$2147483648\r\n",
            "*1\r\n$9223372036854775807\r\n", "*1\r\n$-1\r\n", "*1\r\n$-9223372036854775808\r\n",
            "*65536\r\n$2097152\r\n", "*2\r\n$1\r\nx\r\n$2097152\r\nxyz"})
    void anAnnouncementAllocatesNothing(String announcement) {
        byte[] bytes = announcement.getBytes(ISO_8859_1);
        new Conversation().say(bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        var conversation = new Conversation().say(bytes);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 16 * 1024, allocated + " bytes allocated");
        assertTrue(conversation.parser().heldBytes() <= 1024,
                conversation.parser().heldBytes() + " bytes held");
    }

    @Test
    void aSlowSenderMakesUsHoldWhatItSent() {
        var parser = new RequestParser(RequestLimits.of(Limits.DEFAULT));
        int size = Limits.DEFAULT.respArgumentBytesMax();
        parser.next(ByteBuffer.wrap(("*3\r\n$" + size + "\r\n").getBytes(ISO_8859_1)));
        var piece = ByteBuffer.allocate(1000);
        for (int sent = 1000; sent < size; sent += 1000) {
            parser.next(piece.rewind());
            assertTrue(parser.heldBytes() <= 2 * sent + 1024, "after " + sent);
        }
    }

    @Test
    void manySmallArgumentsAreHeldWithTheirPlaces() {
        var parser = new RequestParser(RequestLimits.of(Limits.DEFAULT));
        parser.next(ByteBuffer.wrap("*65536\r\n".getBytes(ISO_8859_1)));
        var argument = ByteBuffer.wrap("$1\r\nx\r\n".getBytes(ISO_8859_1));
        for (int i = 1; i < 65_536; i++) {
            parser.next(argument.rewind());
            assertTrue(parser.heldBytes() <= 17 * i + 1024, "after " + i);
        }
    }

    /// Millions of requests that are none: each is a few bytes, and none costs more than they do.
    @Test
    void emptyRequestsAreCheap() {
        byte[] input = "*0\r\n*-1\r\n\r\n".repeat(100_000).getBytes(ISO_8859_1);
        new Conversation().say(input);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertEquals(0, new Conversation().say(input).heard().size());
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 64L * input.length, allocated + " bytes allocated");
    }

    private static final RespConfig ASKS_FOR_PASSWORD = new RespConfig(Consistency.LINEARIZABLE,
            Bytes.utf8("secret"), false);

    /// CVE-2025-21605: whoever takes no replies, and has no password, made them pile up without a bound.
    @Test
    void aStrangerCannotMakeRepliesPileUp() throws Exception {
        try (var node = new FakeNode(ASKS_FOR_PASSWORD, FakeNode.BOUNDS);
                var stranger = node.connect();
                var other = node.connect()) {
            other.say("AUTH secret");
            var flood = Thread.ofPlatform().daemon().start(() -> {
                var requests = "GET a\r\n".repeat(1_000);
                try {
                    for (int i = 0; i < 100_000; i++)
                        stranger.raw(requests);
                } catch (IOException closed) {
                    // That is how it ends.
                }
            });
            // The sockets are full when nothing more is read from the stranger.
            FakeNode.await("the stranger to be stopped",
                    () -> flood.getState() == Thread.State.RUNNABLE
                            && unread(node, stranger.port()));
            long held = node.heldBytes();
            assertTrue(held <= 1 << 20, held + " bytes held");
            assertEquals("+PONG", other.say("PING"));
            stranger.close();
            flood.join();
        }
    }

    private static boolean unread(FakeNode node, int port) {
        return !node.isRead(port);
    }

    @Test
    void aStrangerSaysInTimeWhoItIs() throws Exception {
        var usual = FakeNode.BOUNDS;
        var bounds = new RespBounds(usual.connectionsMax(), usual.pipelineMax(),
                usual.pipelineBytes(), usual.startedBytes(), usual.readsMax(),
                usual.unsentBytesMax(), usual.heldBytesMax(), usual.trackedBytesMax(),
                usual.silence(), usual.linger(), Duration.ofMillis(100));
        try (var node = new FakeNode(ASKS_FOR_PASSWORD, bounds);
                var known = node.connect();
                var stranger = node.connect()) {
            assertEquals("+OK", known.say("AUTH secret"));
            stranger.assertEnded();
            assertEquals("+PONG", known.say("PING"));
        }
    }

    /// CVE-2025-48367: errors of the network, before a connection is accepted, kept everybody out for a while.
    @Test
    void connectionsThatFailKeepNobodyOut() throws Exception {
        try (var node = new FakeNode(ASKS_FOR_PASSWORD, FakeNode.BOUNDS)) {
            node.failToAccept(new IOException("accept(..) failed with error(-71): Protocol error"));
            assertTrue(node.accepts());
            node.failToAccept(
                    new IOException("accept(..) failed with error(-24): Too many open files"));
            assertFalse(node.accepts(), "a lack of means is waited for");
        }
        try (var node = new FakeNode(ASKS_FOR_PASSWORD, FakeNode.BOUNDS);
                var known = node.connect()) {
            known.say("AUTH secret");
            for (int i = 0; i < 300; i++) {
                try (var stranger = node.connect()) {
                    stranger.raw("*1\r\n!\r\n");
                    if (i % 2 == 0) stranger.read();
                }
                assertEquals("+PONG", known.say("PING"));
            }
        }
    }

    /// Pipelines that were valid, damaged in a few places and cut anywhere. The seed replays it all.
    @Test
    void damagedPipelines() {
        long seed = Long.getLong("bellwether.seed", System.nanoTime());
        System.out.println("HostileRequestTest.damagedPipelines seed " + seed);
        int rounds = Integer.getInteger("bellwether.fuzz.rounds", 50_000);
        for (int round = 0; round < rounds; round++) {
            long roundSeed = seed + round;
            try {
                damaged(new SplittableRandom(roundSeed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + roundSeed, e);
            }
        }
    }

    private static void damaged(SplittableRandom random) {
        var input = new StringBuilder(pipeline(random));
        for (int damages = random.nextInt(6); damages > 0; damages--)
            damage(random, input);
        boolean stranger = random.nextInt(4) == 0;
        var limits = stranger
                ? RequestLimits.ofStranger()
                : new RequestLimits(64, 4096, 8192, 512, false);
        var conversation = new Conversation(limits);
        for (int at = 0; at < input.length();) {
            int end = Math.min(input.length(), at + 1 + random.nextInt(200));
            conversation.say(input.substring(at, end));
            int held = conversation.parser().heldBytes();
            // Places of arguments: eight bytes for the six and more that announced it.
            assertTrue(held <= 2 * end + 1024, held + " bytes held after " + end);
            at = end;
        }
        // The same, from one piece: it is the bytes that decide.
        var whole = new Conversation(limits).say(input.toString()).heard();
        var pieces = conversation.heard();
        assertTrue(pieces.size() >= whole.size());
        assertEquals(whole, pieces.subList(0, whole.size()));
    }

    private static String pipeline(SplittableRandom random) {
        var input = new StringBuilder();
        for (int requests = 1 + random.nextInt(5); requests > 0; requests--) {
            int count = 1 + random.nextInt(5);
            if (random.nextInt(4) == 0) {
                for (int i = 0; i < count; i++)
                    input.append("word").append(i).append(' ');
                input.append("\"quoted\\x41 one\"\r\n");
                continue;
            }
            input.append('*').append(count).append("\r\n");
            for (int i = 0; i < count; i++) {
                int length = random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(12);
                input.append('$').append(length).append("\r\n").repeat("v", length)
                        .append("\r\n");
            }
        }
        return input.toString();
    }

    private static void damage(SplittableRandom random, StringBuilder input) {
        int at = random.nextInt(input.length() + 1);
        int end = Math.min(input.length(), at + random.nextInt(8));
        var word = WORDS[random.nextInt(WORDS.length)];
        switch (random.nextInt(5)) {
            case 0 -> input.insert(at, word);
            case 1 -> input.delete(at, end);
            case 2 -> input.replace(at, end, word);
            case 3 -> input.insert(at, input.substring(at, end).repeat(3));
            default -> input.insert(at, (char) random.nextInt(256));
        }
    }
}
