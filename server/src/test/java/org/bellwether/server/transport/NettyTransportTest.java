package org.bellwether.server.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.ChannelException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Limits;
import org.bellwether.log.Identity;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.transport.PeerMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Nodes among themselves; the claims of [org.bellwether.transport.Transport]'s docs, over sockets.
/// [PeerPortTest] has what happens when somebody else calls.
class NettyTransportTest {
    private static final EventLoops loops = EventLoops.open("peers", 3);

    @AfterAll
    static void close() {
        loops.close();
    }

    @ParameterizedTest
    @EnumSource
    void threeNodesHearEachOtherInOrder(EventLoops.Kind kind) throws IOException {
        assumeTrue(kind.isAvailable());
        int count = 3000;
        try (var own = EventLoops.open("order", 3, kind);
                var a = new TestNode(own, 1);
                var b = new TestNode(own, 2);
                var c = new TestNode(own, 3)) {
            var all = List.of(a, b, c);
            for (var node : all)
                node.connect(a, b, c);
            for (var from : all) {
                for (var to : all) {
                    if (!from.equals(to)) from.untilLinkedTo(to);
                }
            }
            for (var node : all)
                node.forget();
            for (var from : all)
                from.onLoop(() -> sendMany(from, all, count));
            for (var node : all) {
                node.await(events -> events.size() >= 2 * count, "all messages");
                for (var from : all) {
                    if (from.equals(node)) continue;
                    String prefix = from.id.uuid().getLeastSignificantBits() + " says ";
                    var heard = node.seen().stream().filter(event -> event.startsWith(prefix))
                            .filter(event -> !event.endsWith(" -1")).toList();
                    assertEquals(count, heard.size());
                    for (int i = 0; i < count; i++)
                        assertEquals(prefix + i, heard.get(i));
                }
            }
        }
    }

    /// Turns of all sizes: mostly several messages, sometimes one.
    private static void sendMany(TestNode from, List<TestNode> all, int count) {
        for (int i = 0; i < count; i++) {
            for (var to : all)
                from.transport.send(to.id, TestNode.say(i));
            if (i % 7 == 0 || i == count - 1) from.transport.flush();
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeMessagesArriveWhole(EventLoops.Kind kind) throws IOException {
        assumeTrue(kind.isAvailable());
        try (var own = EventLoops.open("large", 2, kind);
                var a = new TestNode(own, TestNode.CLUSTER, 1, 0, Limits.DEFAULT);
                var b = new TestNode(own, TestNode.CLUSTER, 2, 0, Limits.DEFAULT)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            byte[] large = new byte[7_000_000];
            new Random(1).nextBytes(large);
            for (int length : new int[]{0, 1, 4000, 4096, 70_000, 1_000_000, 7_000_000}) {
                byte[] part = Arrays.copyOf(large, length);
                a.send(b.id, new PeerMessage.Forward(1, 1, 1000, Ack.QUORUM, List.of(part)));
                b.await("1 says " + length + " bytes");
            }
            assertEquals(0, b.count("disconnected 1"));
        }
    }

    @Test
    void whatIsSentBeforeFlushStays_andToStrangersIsDropped() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            a.onLoop(() -> {
                a.transport.send(b.id, TestNode.say(1));
                a.transport.send(TestNode.id(9), TestNode.say(1));
                a.transport.send(a.id, TestNode.say(1));
            });
            // A later message through the other direction proves that time has passed.
            b.untilLinkedTo(a);
            assertFalse(b.seen().contains("1 says 1"));
            a.onLoop(a.transport::flush);
            b.await("1 says 1");
        }
    }

    @Test
    void aClosedNodeIsMissedAtOnce_andFoundAgainOnItsPort() throws IOException {
        try (var a = new TestNode(loops, 1)) {
            int port;
            try (var b = new TestNode(loops, 2)) {
                port = b.address().port();
                a.connect(a, b);
                b.connect(a, b);
                a.untilLinkedTo(b);
                b.untilLinkedTo(a);
            }
            a.await("disconnected 2");
            a.await("undelivered 2");
            a.awaitWarning("No link to node n2");
            a.forget();
            try (var again = new TestNode(loops, TestNode.CLUSTER, 2, port, TestNode.LIMITS)) {
                again.connect(a, again);
                a.await("connected 2");
                a.untilLinkedTo(again);
                again.untilLinkedTo(a);
                assertEquals(0, a.count("disconnected 2"));
            }
        }
    }

    @Test
    void nothingIsToldAfterClose() throws IOException {
        var a = new TestNode(loops, 1);
        try (var b = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            b.untilLinkedTo(a);
            a.close();
            b.await("disconnected 1");
            assertEquals(0, a.count("disconnected 2"));
            assertEquals(0, a.count("undelivered 2"));
        }
    }

    @Test
    void linksToWhoWasRemovedAreClosed_bothWays_andItIsTold() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            b.untilLinkedTo(a);
            a.expel(b.id, a.member());
            a.await("disconnected 2");
            a.await("undelivered 2");
            b.await("disconnected 1");
            b.await("undelivered 1");
            b.awaitWarning("was removed from the cluster");
            b.await("expelled by 1");
        }
    }

    /// A node that lags behind may have a list that is older than the leader; without a link it would never
    /// catch up.
    @Test
    void whoIsNotInTheListIsLinkedToBothWays() throws IOException {
        try (var lagging = new TestNode(loops, 1); var newer = new TestNode(loops, 2)) {
            lagging.connect(lagging);
            newer.connect(lagging, newer);
            newer.untilLinkedTo(lagging);
            lagging.untilLinkedTo(newer);
            // A list that still does not have it changes nothing.
            lagging.forget();
            lagging.connect(lagging.member(), TestNode.member(TestNode.id(3), newer.address()));
            lagging.untilLinkedTo(newer);
            newer.close();
            lagging.await("disconnected 2");
            lagging.await("undelivered 2");
        }
    }

    /// Its machine died without a word, and the process was started on another.
    @Test
    void whoIsNotInTheListAndMovedIsLinkedWhereItIs() throws IOException {
        try (var lagging = new TestNode(loops, 1); var before = new TestNode(loops, 2)) {
            lagging.connect(lagging);
            before.connect(lagging, before);
            lagging.untilLinkedTo(before);
            try (var moved = new TestNode(loops, 2)) {
                moved.connect(lagging, moved);
                moved.untilLinkedTo(lagging);
                before.connect(before);
                lagging.untilLinkedTo(moved);
            }
        }
    }

    /// As when the system has no more files to give.
    @Test
    void whereThereIsNoSocketItIsTriedAgain_andTheTransportCloses() throws IOException {
        var refusals = new AtomicInteger(3);
        var real = loops.sockets();
        var a = new TestNode(loops, () -> {
            if (refusals.getAndDecrement() > 0) throw new ChannelException("too many open files");
            return real.newChannel();
        }, 1);
        try (a; var b = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.awaitWarning("too many open files");
            a.untilLinkedTo(b);
        }
        a.transport.closed().orTimeout(TestNode.HANG.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Test
    void aNodeIsFoundByName() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            a.connect(TestNode.member(b.id, new Address("localhost", b.address().port())));
            b.connect(a, b);
            a.untilLinkedTo(b);
        }
    }

    @Test
    void aNodeThatMovedIsDialedWhereItIs() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            a.connect(TestNode.member(b.id, new Address("127.0.0.1", 1)));
            b.connect(a, b);
            a.awaitWarning("No link to node n2 at 127.0.0.1:1");
            a.connect(a, b);
            a.untilLinkedTo(b);
        }
    }

    @Test
    void twoProcessesThatAreOneNodeAreNoticed() throws IOException {
        try (var a = new TestNode(loops, 1);
                var b = new TestNode(loops, 2);
                var copy = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            copy.connect(a, b);
            a.awaitWarning("Two processes run as node " + b.id + ", at ");
        }
    }

    /// A node whose disk was wiped has joined again at its old address, and is listed there twice.
    @Test
    void whoIsListedAtOurAddressIsNotDialed_untilItSaysWhereItIs() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            var asListed = TestNode.member(b.id, a.address());
            a.connect(a.member(), asListed, TestNode.member(TestNode.id(3), a.address()));
            b.connect(a, b);
            a.untilLinkedTo(b);
            assertEquals(List.of(),
                    a.seen().stream().filter(event -> event.startsWith("warning: ")).toList());
        }
    }

    @Test
    void nodesOfTwoClustersRefuseEachOther_andBothSaySo() throws IOException {
        var other = new ClusterId(new UUID(8, 8));
        try (var a = new TestNode(loops, 1);
                var b = new TestNode(loops, other, 2, 0, TestNode.LIMITS)) {
            a.connect(a, b);
            b.connect(a, b);
            a.awaitWarning("No link to node n2 at " + b.address() + ": it refuses us: cluster "
                    + TestNode.CLUSTER + "; this node is of cluster " + other);
            b.awaitWarning("Refused a peer link from /127.0.0.1:");
            b.awaitWarning("cluster " + TestNode.CLUSTER + "; this node is of cluster " + other);
            assertEquals(0, a.count("connected 2") + b.count("connected 1"));
        }
    }

    @Test
    void aFrameOverTheLimitCutsTheLinkOfItsSender() throws IOException {
        try (var a = new TestNode(loops, 1); var b = new TestNode(loops, 2)) {
            a.connect(a, b);
            b.connect(a, b);
            a.untilLinkedTo(b);
            a.send(b.id, new PeerMessage.Forward(1, 1, 1000, Ack.QUORUM,
                    List.of(new byte[TestNode.LIMITS.frameBytesMax()])));
            a.await("undelivered 2");
            a.awaitWarning("is over the limit of " + TestNode.LIMITS.frameBytesMax());
            b.await("disconnected 1");
            a.forget();
            b.forget();
            a.untilLinkedTo(b);
        }
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (var a = new TestNode(loops, 1)) {
            var settings = new PeerSettings(new Identity(TestNode.id(2), TestNode.CLUSTER),
                    a.address(), null, TestNode.LIMITS, new Random(1));
            var second = new NettyTransport(loops, loops.next(), settings);
            var refused = assertThrows(IOException.class, second::bind);
            assertTrue(refused.toString().contains("127.0.0.1:" + a.address().port()),
                    refused::toString);
            assertThrows(IllegalStateException.class, () -> second.start(a));
        }
    }
}
