package org.bellwether.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Message;
import org.junit.jupiter.api.Test;

/// The claims of [Transport]'s docs. `NettyTransportTest` makes the same ones over sockets.
class MemoryNetworkTest {
    private static final Limits SMALL = new Limits(1024, 2048, 16, 4096, 60_000, 100, 4096, 100,
            100,
            2, 8192, 16_384, 16_384, 1024, 8, 128 * 1024, 256 * 1024, 8, 8, 4096, 8);

    private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
    private final MemoryNetwork network = new MemoryNetwork(SMALL);
    private final List<Member> members = List.of(member(1), member(2), member(3));

    @Test
    void twoNodesAreConnectedOnceOneNamesTheOther() {
        var a = new Place(1);
        var b = new Place(2);
        run();
        assertEquals(List.of(), a.seen);
        a.transport.connect(members, List.of());
        run();
        assertEquals(List.of("connected 1"), b.seen, "whose list is older is linked to as well");
        b.transport.connect(members, List.of());
        run();
        assertEquals(List.of("connected 2"), a.seen);
        assertEquals(List.of("connected 1"), b.seen);
    }

    @Test
    void messagesArriveInOrderAndOnlyOnceFlushed() {
        var a = connected(1);
        var b = connected(2);
        run();
        b.seen.clear();
        for (int i = 0; i < 100; i++)
            a.send(2, i);
        run();
        assertEquals(List.of(), b.seen);
        a.transport.flush();
        run();
        assertEquals(100, b.seen.size());
        for (int i = 0; i < 100; i++)
            assertEquals("1 says " + i, b.seen.get(i));
    }

    @Test
    void whatIsSentBeforeTheLinkIsUpIsDropped() {
        var a = connected(1);
        a.send(2, 1);
        a.transport.flush();
        var b = connected(2);
        run();
        assertEquals(List.of("connected 1"), b.seen);
    }

    @Test
    void aClosedNodeIsDisconnectedAndUndelivered_andMayComeBack() {
        var a = connected(1);
        var b = connected(2);
        run();
        b.transport.close();
        run();
        assertEquals(Set.of("connected 2", "disconnected 2", "undelivered 2"), Set.copyOf(a.seen));
        assertEquals(List.of("connected 1"), b.seen, "nothing is told after close");
        var again = connected(2);
        run();
        assertEquals("connected 2", a.seen.getLast());
        a.send(2, 7);
        a.transport.flush();
        run();
        assertEquals(List.of("connected 1", "1 says 7"), again.seen);
    }

    @Test
    void whatWasFlushedBeforeACloseArrives() {
        var a = connected(1);
        var b = connected(2);
        run();
        a.send(2, 1);
        a.transport.flush();
        a.transport.close();
        run();
        b.seen.remove("undelivered 1");
        assertEquals(List.of("connected 1", "1 says 1", "disconnected 1"), b.seen);
    }

    @Test
    void whoWasRemovedIsTold() {
        var a = connected(1);
        var b = connected(2);
        run();
        a.transport.connect(List.of(member(1)), List.of(id(2)));
        run();
        assertTrue(b.seen.contains("expelled by 1"), b.seen.toString());
        assertFalse(a.seen.contains("expelled by 2"), a.seen.toString());
    }

    @Test
    void linksToWhoIsNoLongerNamedAreClosed() {
        var a = connected(1);
        var b = connected(2);
        run();
        a.transport.connect(List.of(member(1), member(3)), List.of());
        run();
        // One of them still names the other: its list may be the newer one.
        assertEquals(Set.of("connected 2"), Set.copyOf(a.seen));
        b.transport.connect(List.of(member(2), member(3)), List.of());
        run();
        assertEquals(Set.of("connected 2", "disconnected 2", "undelivered 2"), Set.copyOf(a.seen));
        assertEquals(Set.of("connected 1", "disconnected 1", "undelivered 1"), Set.copyOf(b.seen));
        a.send(2, 1);
        a.transport.flush();
        run();
        assertEquals("undelivered 1", b.seen.getLast());
    }

    @Test
    void whoDoesNotReadIsCutAtTheBound_andLinkedAnewWhenItReads() {
        var a = connected(1);
        var b = connected(2);
        run();
        byte[] big = new byte[60 * 1024];
        var forward = new PeerMessage.Forward(1, 1, 1000, Ack.QUORUM, List.of(big));
        for (int i = 0; i < 10; i++) {
            a.transport.send(id(2), forward);
            a.transport.flush();
        }
        run();
        assertTrue(a.seen.contains("undelivered 2"), a.seen::toString);
        int received = (int) b.seen.stream().filter("1 forwards"::equals).count();
        assertEquals(SMALL.peerBufferBytesMax() / (60 * 1024), received);
        assertTrue(b.seen.indexOf("disconnected 1") < b.seen.lastIndexOf("connected 1"));
        a.send(2, 9);
        a.transport.flush();
        run();
        assertEquals("1 says 9", b.seen.getLast());
    }

    @Test
    void publishedMessagesAreDroppedBeforeTheLinkIsCut() {
        var a = connected(1);
        var b = connected(2);
        run();
        var published = new PeerMessage.Published(new byte[10], new byte[10_000]);
        for (int i = 0; i < 100; i++) {
            a.transport.send(id(2), published);
            a.transport.flush();
        }
        a.send(2, 7);
        a.transport.flush();
        run();
        assertFalse(a.seen.contains("undelivered 2"), a.seen::toString);
        assertEquals("1 says 7", b.seen.getLast());
    }

    @Test
    void aFrameOverTheLimitCutsTheLink() {
        var a = connected(1);
        var b = connected(2);
        run();
        a.transport.send(id(2), new PeerMessage.Forward(1, 1, 1000, Ack.QUORUM,
                List.of(new byte[SMALL.frameBytesMax()])));
        a.transport.flush();
        run();
        assertTrue(a.seen.contains("undelivered 2"), a.seen::toString);
        assertFalse(b.seen.contains("1 forwards"), b.seen::toString);
    }

    @Test
    void aNodeIsHereOnce() {
        connected(1);
        assertThrows(IllegalStateException.class, () -> new Place(1));
    }

    @Test
    void orderHoldsAcrossThreads() throws InterruptedException {
        int count = 2000;
        try (var one = Executors.newSingleThreadExecutor();
                var two = Executors.newSingleThreadExecutor()) {
            var received = new ArrayList<Long>();
            var done = new CountDownLatch(1);
            var sender = network.transport(id(1), one);
            var receiver = network.transport(id(2), two);
            two.execute(() -> {
                receiver.start(new Ear() {
                    @Override
                    public void received(NodeId from, PeerMessage message) {
                        received.add(number(message));
                        if (received.size() == count) done.countDown();
                    }

                    // Runs before the sender's loop is told that its link is up, hence a turn of
                    // each loop in between.
                    @Override
                    public void connected(NodeId peer) {
                        two.execute(() -> one.execute(() -> sendAll(sender, one, count)));
                    }
                });
                receiver.connect(members, List.of());
            });
            one.execute(() -> {
                sender.start(new Ear());
                sender.connect(members, List.of());
            });
            assertTrue(done.await(60, TimeUnit.SECONDS));
            for (int i = 0; i < count; i++)
                assertEquals(i, received.get(i));
        }
    }

    private static void sendAll(Transport sender, Executor loop, int count) {
        for (int i = 0; i < count; i++) {
            int number = i;
            loop.execute(() -> {
                sender.send(id(2), say(number));
                sender.flush();
            });
        }
    }

    private void run() {
        for (var task = loop.poll(); task != null; task = loop.poll())
            task.run();
    }

    private Place connected(int number) {
        var place = new Place(number);
        place.transport.connect(members, List.of());
        return place;
    }

    private static NodeId id(int number) {
        return new NodeId(new UUID(0, number));
    }

    private static Member member(int number) {
        var nowhere = new Address("127.0.0.1", 0);
        return new Member(id(number), "n" + number, true, nowhere, nowhere);
    }

    private static PeerMessage say(int number) {
        return new PeerMessage.Consensus(new Message.ReadRequest(1, number));
    }

    private static long number(PeerMessage message) {
        return message instanceof PeerMessage.Consensus(Message.ReadRequest(long _, long ticket))
                ? ticket
                : -1;
    }

    private static class Ear implements Transport.Receiver {
        final List<String> seen = new ArrayList<>();

        @Override
        public void received(NodeId from, PeerMessage message) {
            seen.add(from.uuid().getLeastSignificantBits() + (message instanceof PeerMessage.Forward
                    ? " forwards"
                    : " says " + number(message)));
        }

        @Override
        public void connected(NodeId peer) {
            seen.add("connected " + peer.uuid().getLeastSignificantBits());
        }

        @Override
        public void disconnected(NodeId peer) {
            seen.add("disconnected " + peer.uuid().getLeastSignificantBits());
        }

        @Override
        public void expelled(NodeId by) {
            seen.add("expelled by " + by.uuid().getLeastSignificantBits());
        }

        @Override
        public void undelivered(NodeId peer) {
            seen.add("undelivered " + peer.uuid().getLeastSignificantBits());
        }
    }

    private final class Place extends Ear {
        final Transport transport;

        Place(int number) {
            transport = network.transport(id(number), loop::add);
            transport.start(this);
        }

        void send(int to, int number) {
            transport.send(id(to), say(number));
        }
    }
}
