package org.bellwether.server.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.transport.PeerCodec;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes linked over TCP. All of it, the sockets included, runs on the node's own loop.
///
/// Each node dials every peer and sends on that connection only; what it receives comes in on the connections
/// that it accepted. So no two nodes ever have to agree on which of two connections they keep.
public final class NettyTransport implements Transport {
    /// For a stranger to say who it is, and for a node to answer.
    private static final Duration HANDSHAKE_MAX = Duration.ofSeconds(5);
    /// Who is back at an address sooner than this was not moved there by hand.
    private static final Duration SECOND_PROCESS_WITHIN = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(NettyTransport.class);

    private final EventLoops loops;
    private final ChannelFactory<Channel> sockets;
    private final IoEventLoop loop;
    private final PeerSettings settings;
    private final Warnings warnings;
    private final Duration handshakeMax;
    private final ChannelGroup channels;
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private volatile @Nullable Channel listening;
    private volatile @Nullable Address bound;

    // From here on touched on the loop only.
    private @Nullable Receiver receiver;
    private boolean closed;
    private final Map<NodeId, OutgoingLink> outgoing = new LinkedHashMap<>();
    /// Links to nodes that are not in the list, for as long as they are linked to us.
    private final Set<NodeId> guests = new HashSet<>();
    /// Where nodes say that they are, if the list of nodes says something else: they were started at other addresses.
    private final Map<NodeId, Address> moved = new HashMap<>();
    /// Where nodes were before they said that they are elsewhere.
    private final Map<NodeId, Left> left = new HashMap<>();
    private final IncomingLinks incoming = new IncomingLinks(this);
    private final List<OutgoingLink> unflushed = new ArrayList<>();

    /// @param returns how often it was back at once
    private record Left(Address address, long atNanos, int returns) {}

    /// @param loop  the node's, one of `loops`
    public NettyTransport(EventLoops loops, IoEventLoop loop, PeerSettings settings) {
        this(loops, loops.sockets(), loop, settings, log::warn, HANDSHAKE_MAX);
    }

    /// @param sockets makes those that this node dials from
    NettyTransport(EventLoops loops, ChannelFactory<Channel> sockets, IoEventLoop loop,
            PeerSettings settings, Consumer<String> warn, Duration handshakeMax) {
        this.loops = loops;
        this.sockets = sockets;
        this.loop = loop;
        this.settings = settings;
        this.handshakeMax = handshakeMax;
        this.warnings = new Warnings(warn);
        this.channels = new DefaultChannelGroup(loop, true);
    }

    /// Takes the port. Called off the loop, once, before [#start]; returns when it is done. Whoever connects
    /// is left waiting until the node knows its peers.
    ///
    /// @return where, with the real port if 0 was asked for
    /// @throws IOException if the address cannot be had; the message names it
    public Address bind() throws IOException {
        var address = settings.listen();
        var socket = new InetSocketAddress(address.host(), address.port());
        if (socket.isUnresolved())
            throw new IOException("cannot listen for peers on " + address + ": no such host");
        var binding = new ServerBootstrap().group(loop).channelFactory(loops.servers())
                .option(ChannelOption.SO_REUSEADDR, true).option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        track(accepted);
                        accepted.pipeline().addLast(new AcceptHandler(incoming));
                    }
                }).bind(socket).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("cannot listen for peers on " + address + ": "
                    + binding.cause().getMessage(), binding.cause());
        }
        listening = binding.channel();
        track(binding.channel());
        var real = new Address(address.host(),
                ((InetSocketAddress) binding.channel().localAddress()).getPort());
        bound = real;
        return real;
    }

    /// Where this node can be dialed.
    Address address() {
        var told = settings.advertised();
        return told == null ? Objects.requireNonNull(bound, "dialing before bind") : told;
    }

    /// Whether it is this node that is reached there: also if the list says that it is another one, whose place it took.
    boolean isHere(Address address) {
        return address.equals(address());
    }

    /// Done when every socket is closed, after [#close].
    public CompletableFuture<Void> closed() {
        return closing.copy();
    }

    @Override
    public void start(Receiver receiver) {
        if (listening == null) throw new IllegalStateException("start before bind");
        if (closed || this.receiver != null)
            throw new IllegalStateException("a transport is started once");
        this.receiver = receiver;
    }

    @Override
    public void connect(Collection<Member> members, Collection<NodeId> removed) {
        if (closed) return;
        var wanted = members.stream().filter(member -> !member.id().equals(settings.self().node()))
                .map(this::whereItIs).collect(Collectors.toMap(Member::id, member -> member));
        incoming.setMembers(wanted.keySet(), Set.copyOf(removed));
        guests.removeAll(wanted.keySet());
        guests.removeAll(removed);
        outgoing.values().removeIf(link -> {
            if (guests.contains(link.peer().id())) return false;
            var member = wanted.get(link.peer().id());
            if (member != null && member.peer().equals(link.peer().peer())) return false;
            link.close();
            return true;
        });
        for (var member : members) {
            var there = wanted.get(member.id());
            if (there != null && !outgoing.containsKey(member.id())) dial(there);
        }
        moved.keySet().retainAll(outgoing.keySet());
        left.keySet().retainAll(outgoing.keySet());
        if (listening != null) listening.config().setAutoRead(true);
    }

    private void dial(Member member) {
        var link = new OutgoingLink(this, member);
        outgoing.put(member.id(), link);
        link.dialNow();
    }

    private Member whereItIs(Member member) {
        var address = moved.get(member.id());
        if (address == null) return member;
        if (address.equals(member.peer())) moved.remove(member.id());
        return member.at(address, member.http(), member.resp());
    }

    /// A node of our list dialed us, and says where it can be dialed.
    void heardFrom(NodeId peer, Address address) {
        var link = outgoing.get(peer);
        if (closed || link == null || link.peer().peer().equals(address)) return;
        noticeSecondProcess(peer, address, link.peer().peer());
        moved.put(peer, address);
        link.close();
        dial(whereItIs(link.peer()));
    }

    /// A copy of a node's folder that is started beside the original is the same node twice: what one of them promised, the
    /// other does not know. Each dials again when the other took its link.
    private void noticeSecondProcess(NodeId peer, Address here, Address elsewhere) {
        long now = System.nanoTime();
        var before = left.get(peer);
        int returns = before != null && before.address().equals(here)
                && now - before.atNanos() < SECOND_PROCESS_WITHIN.toNanos()
                        ? before.returns() + 1
                        : 0;
        left.put(peer, new Left(elsewhere, now, returns));
        // Once it may have been moved there and back.
        if (returns < 2) return;
        warn("two of " + peer, "Two processes run as node " + peer + ", at " + here + " and at "
                + elsewhere + ": stop the one whose folder is a copy, before writes are lost");
    }

    /// To a node that dialed us and is not in our list: newer than that, perhaps even the leader.
    void dialBack(NodeId guest, Address address) {
        var link = outgoing.get(guest);
        if (closed || link != null && link.peer().peer().equals(address)) return;
        // Its old link may not know yet that nobody is there any more.
        if (link != null) link.close();
        guests.add(guest);
        dial(new Member(guest, guest.toString(), false, address, address));
    }

    @Override
    public boolean isLinked(NodeId to) {
        var link = outgoing.get(to);
        return link != null && link.isUp();
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        var link = outgoing.get(to);
        if (link == null || !link.isUp()) return;
        var frame = PeerCodec.encode(message);
        boolean first = message instanceof PeerMessage.Published
                ? link.offer(frame)
                : link.send(frame);
        if (first) unflushed.add(link);
    }

    @Override
    public void flush() {
        for (var link : unflushed)
            link.flush();
        unflushed.clear();
    }

    /// Nothing is told to the receiver any more. The sockets are closed when [#closed] is done.
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        for (var link : outgoing.values())
            link.close();
        outgoing.clear();
        unflushed.clear();
        channels.close().addListener(_ -> closing.complete(null));
    }

    EventLoops loops() {
        return loops;
    }

    ChannelFactory<Channel> sockets() {
        return sockets;
    }

    IoEventLoop loop() {
        return loop;
    }

    PeerSettings settings() {
        return settings;
    }

    Duration handshakeMax() {
        return handshakeMax;
    }

    void warn(String line) {
        if (!closed) warnings.warn(line);
    }

    void warn(String kind, String line) {
        if (!closed) warnings.warn(kind, line);
    }

    /// Closes this one too when the transport closes.
    void track(Channel channel) {
        channels.add(channel);
    }

    // What the links report.

    void received(NodeId from, PeerMessage message) {
        if (!closed && receiver != null) receiver.received(from, message);
    }

    void connected(NodeId peer) {
        if (closed || receiver == null) return;
        receiver.connected(peer);
        // It is there, so it can be reached: after its restart this is the quickest way back.
        var back = outgoing.get(peer);
        if (back != null) back.dialNow();
    }

    void disconnected(NodeId peer) {
        if (guests.remove(peer)) {
            var back = outgoing.remove(peer);
            if (back != null) back.close();
        }
        if (!closed && receiver != null) receiver.disconnected(peer);
    }

    void expelled(NodeId by) {
        if (!closed && receiver != null) receiver.expelled(by);
    }

    void undelivered(NodeId peer) {
        if (!closed && receiver != null) receiver.undelivered(peer);
    }
}
