package org.bellwether.server.transport;

import static org.junit.jupiter.api.Assertions.fail;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.log.Identity;
import org.bellwether.raft.Message;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.Transport;

/// A transport on a loop of its own, and everything its receiver and its log were told, in order.
final class TestNode implements Transport.Receiver, AutoCloseable {
    static final ClusterId CLUSTER = new ClusterId(new UUID(7, 7));
    static final Duration HANG = Duration.ofSeconds(60);
    /// Small enough to reach every bound quickly.
    static final Limits LIMITS = new Limits(1024, 2048, 16, 4096, 60_000, 100, 4096, 100, 100, 2,
            8192, 16_384, 16_384, 1024, 8, 128 * 1024, 256 * 1024, 8, 8, 4096, 8);

    final NodeId id;
    final NettyTransport transport;
    final IoEventLoop loop;
    private final Address address;
    private final List<String> seen = new ArrayList<>();

    TestNode(EventLoops loops, int number) throws IOException {
        this(loops, CLUSTER, number, 0, LIMITS);
    }

    TestNode(EventLoops loops, ClusterId cluster, int number, int port, Limits limits)
            throws IOException {
        this(loops, new PeerSettings(new Identity(id(number), cluster),
                new Address("127.0.0.1", port), null, limits, new Random(number)), HANG);
    }

    TestNode(EventLoops loops, PeerSettings settings, Duration handshakeMax) throws IOException {
        this(loops, loops.sockets(), settings, handshakeMax);
    }

    TestNode(EventLoops loops, ChannelFactory<Channel> sockets, int number) throws IOException {
        this(loops, sockets, new PeerSettings(new Identity(id(number), CLUSTER),
                new Address("127.0.0.1", 0), null, LIMITS, new Random(number)), HANG);
    }

    private TestNode(EventLoops loops, ChannelFactory<Channel> sockets, PeerSettings settings,
            Duration handshakeMax) throws IOException {
        id = settings.self().node();
        loop = loops.next();
        transport = new NettyTransport(loops, sockets, loop, settings,
                line -> note("warning: " + line),
                handshakeMax);
        address = transport.bind();
        onLoop(() -> transport.start(this));
    }

    static NodeId id(int number) {
        return new NodeId(new UUID(0, number));
    }

    static PeerMessage say(long number) {
        return new PeerMessage.Consensus(new Message.ReadRequest(1, number));
    }

    Address address() {
        return address;
    }

    Member member() {
        return member(id, address);
    }

    static Member member(NodeId id, Address address) {
        return new Member(id, "n" + id.uuid().getLeastSignificantBits(), true, address, address);
    }

    void connect(Member... members) {
        onLoop(() -> transport.connect(List.of(members), List.of()));
    }

    /// No longer linked to this one, which was removed from the cluster.
    void expel(NodeId removed, Member... rest) {
        onLoop(() -> transport.connect(List.of(rest), List.of(removed)));
    }

    void connect(TestNode... nodes) {
        connect(Arrays.stream(nodes).map(TestNode::member).toArray(Member[]::new));
    }

    void send(NodeId to, PeerMessage message) {
        onLoop(() -> {
            transport.send(to, message);
            transport.flush();
        });
    }

    void onLoop(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    /// Says "hear me" to the other until it does: links come up when they do.
    void untilLinkedTo(TestNode other) {
        String heard = number(id) + " says -1";
        long deadline = System.nanoTime() + HANG.toNanos();
        do {
            if (System.nanoTime() > deadline) fail("no link: " + seen() + " / " + other.seen());
            send(other.id, say(-1));
        } while (!other.sees(events -> events.contains(heard), Duration.ofMillis(5)));
    }

    synchronized List<String> seen() {
        return List.copyOf(seen);
    }

    synchronized long count(String event) {
        return seen.stream().filter(event::equals).count();
    }

    synchronized void forget() {
        seen.clear();
    }

    void await(String event) {
        await(events -> events.contains(event), event);
    }

    void awaitWarning(String part) {
        await(events -> events.stream()
                .anyMatch(event -> event.startsWith("warning: ") && event.contains(part)), part);
    }

    void await(Predicate<List<String>> holds, String what) {
        if (!sees(holds, HANG)) fail("waited for '" + what + "' and saw " + seen());
    }

    synchronized boolean sees(Predicate<List<String>> holds, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        while (!holds.test(seen)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) return false;
            try {
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException stopped) {
                fail(stopped);
            }
        }
        return true;
    }

    private synchronized void note(String event) {
        seen.add(event);
        notifyAll();
    }

    private static long number(NodeId node) {
        return node.uuid().getLeastSignificantBits();
    }

    @Override
    public void received(NodeId from, PeerMessage message) {
        note(number(from) + " says " + switch (message) {
            case PeerMessage.Consensus(Message.ReadRequest(long _, long ticket)) -> ticket;
            case PeerMessage.Forward forward -> forward.commands().getFirst().length + " bytes";
            default -> message;
        });
    }

    @Override
    public void connected(NodeId peer) {
        note("connected " + number(peer));
    }

    @Override
    public void disconnected(NodeId peer) {
        note("disconnected " + number(peer));
    }

    @Override
    public void expelled(NodeId by) {
        note("expelled by " + number(by));
    }

    @Override
    public void undelivered(NodeId peer) {
        note("undelivered " + number(peer));
    }

    @Override
    public void close() {
        onLoop(transport::close);
        transport.closed().orTimeout(HANG.toSeconds(), TimeUnit.SECONDS).join();
    }
}
