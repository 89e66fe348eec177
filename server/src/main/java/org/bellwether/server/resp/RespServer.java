package org.bellwether.server.resp;

import org.bellwether.server.clients.BindFailures;
import org.bellwether.server.clients.Holdings;
import org.bellwether.server.clients.Seldom;
import org.bellwether.api.ChangeFeed;
import io.netty.buffer.ByteBuf;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.Messages;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The front end of one node for clients of Redis. It runs on the node's own loop: request, log, state and
/// reply meet on one thread, with no handover between them.
public final class RespServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RespServer.class);
    private static final long WATCH_NANOS = 1_000_000_000;
    private static final long LOOKOUT_MILLIS = 10;
    /// What Netty reads at once, at most.
    private static final int INCOMING_BYTES = 64 * 1024;
    private static final int ANSWERED_TOGETHER_MAX = 8;

    private final KeyValueStore store;
    private final Messages messages;
    private final Channels channels = new Channels();
    private final KeyspaceEvents keyspaceEvents;
    private final TrackedKeys trackedKeys;
    private final SentinelEvents sentinelEvents = new SentinelEvents(this);
    private final EventLoop loop;
    private final ByteBuffer incoming = ByteBuffer.allocate(INCOMING_BYTES);
    private final String version;
    private final RespConfig config;
    private final RespBounds bounds;
    private final RequestLimits limits;
    private final CommandTable commands = CommandTable.served();
    private final CommandReplies commandReplies = new CommandReplies(commands);
    private final Set<RespConnection> connections = new LinkedHashSet<>();
    private final Cursors cursors = new Cursors();
    private final Waits waits = new Waits(this);
    private final Counts counts = new Counts();
    private final Holdings holdings;
    private final long startedNanos = System.nanoTime();

    private List<RespConnection> touched = new ArrayList<>();
    private Duration idle = Duration.ZERO;
    private @Nullable Bytes drawnKey;
    private @Nullable NodeId lastLeader;
    private long lastId;
    private volatile int port;
    private @Nullable Channel listening;
    private @Nullable ScheduledFuture<?> watch;
    private @Nullable ScheduledFuture<?> lookout;
    private long refusedConnections;
    private final Seldom attacked = new Seldom(log);
    private final Seldom evicted = new Seldom(log);
    private final Seldom lookedInVain = new Seldom(log);

    /// What was counted since the start, or since `CONFIG RESETSTAT`.
    static final class Counts {
        long connections;
        long refused;
        long commands;
        /// Connections that were closed because of what they held.
        long evicted;

        void reset() {
            connections = 0;
            refused = 0;
            commands = 0;
            evicted = 0;
        }
    }

    /// @param loop    the node's event loop
    /// @param version of this program
    public RespServer(KeyValueStore store, Messages messages, ChangeFeed feed, EventLoop loop,
            String version, RespConfig config) {
        this(store, messages, feed, loop, version, config, RespBounds.of(store.limits()));
    }

    RespServer(KeyValueStore store, Messages messages, ChangeFeed feed, EventLoop loop,
            String version, RespConfig config, RespBounds bounds) {
        this.store = store;
        this.messages = messages;
        this.keyspaceEvents = new KeyspaceEvents(feed, channels);
        this.trackedKeys = new TrackedKeys(feed, bounds.trackedBytesMax());
        this.loop = loop;
        this.version = version;
        this.config = config;
        this.bounds = bounds;
        this.limits = RequestLimits.of(store.limits());
        this.holdings = new Holdings(bounds.heldBytesMax(), connections);
    }

    /// Listens. Called off the loop; returns when the port is bound.
    ///
    /// @return where, with the real port if 0 was asked for
    /// @throws IOException if the address cannot be bound; the message names it
    public Address bind(Address address, ChannelFactory<? extends ServerChannel> channels)
            throws IOException {
        var bootstrap = new ServerBootstrap().group(loop).channelFactory(channels)
                .option(ChannelOption.SO_REUSEADDR, true).option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Idle connections stay, as with Redis; those whose client is gone are found out.
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // A client may end its side and still wait for its replies.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new RespConnection(RespServer.this));
                    }
                });
        var bound = bootstrap.bind(new InetSocketAddress(address.host(), address.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen for Redis clients on " + address + ": "
                    + BindFailures.reason(bound.cause()), bound.cause());
        }
        listening = bound.channel();
        port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        watch = loop.scheduleAtFixedRate(this::watch, WATCH_NANOS, WATCH_NANOS,
                TimeUnit.NANOSECONDS);
        lookout = loop.scheduleAtFixedRate(this::look, 0, LOOKOUT_MILLIS, TimeUnit.MILLISECONDS);
        loop.execute(() -> messages.listen(this.channels));
        return new Address(address.host(), port);
    }

    /// What fails once may well succeed the next time; if it is not caught, there is none.
    private void look() {
        try {
            var node = store.node();
            var leader = Replicas.leader(node, config.cluster());
            if (leader != null) lastLeader = leader.id();
            trackedKeys.look(node, Limits.RESP_COPIES_PATIENCE);
            // Clients of Redis Cluster are sent to the leader by the reply to what they ask.
            if (!config.cluster()) sentinelEvents.look(node);
        } catch (RuntimeException broken) {
            lookedInVain.error(
                    "clients that listen are not told who leads, and which replicas there are",
                    broken);
        }
    }

    /// Who was seen to lead last, whether it still does or not; null if nobody was.
    @Nullable
    NodeId lastLeader() {
        return lastLeader;
    }

    // The turn.

    /// Something has happened on a connection, and more of it may in this turn.
    void touched(RespConnection connection) {
        if (touched.isEmpty()) loop.execute(this::endTurn);
        touched.add(connection);
    }

    /// All that has come in on a connection was looked at. Where many are read in one turn, some of them are answered
    /// before the next are: what they asked for is in the processor's nearest caches, and will not be for long.
    void wasRead() {
        if (touched.size() >= ANSWERED_TOGETHER_MAX) endTurn();
    }

    /// A task that is queued while sockets are handled runs when all of them have been: so the replies that are left of a
    /// turn leave together, one write for each connection.
    private void endTurn() {
        var now = touched;
        touched = new ArrayList<>();
        for (var connection : now)
            connection.endTurn();
        holdings.relieve();
    }

    // Memory.

    /// Takes as many as go into an array, which is that of the connection that is read from, until it is done with it.
    ByteBuffer incoming(ByteBuf bytes) {
        incoming.clear().limit(Math.min(incoming.capacity(), bytes.readableBytes()));
        bytes.readBytes(incoming);
        return incoming.flip();
    }

    Holdings holdings() {
        return holdings;
    }

    void evicted(Channel channel, long held) {
        counts.evicted++;
        evicted.warn("closing the connection from {}, for which {} bytes are held: together"
                + " Redis clients have more than {}", channel.remoteAddress(), held,
                holdings.bytesMax());
    }

    // For connections.

    boolean opened(RespConnection connection) {
        if (connections.size() >= bounds.connectionsMax()) {
            refusedConnections++;
            counts.refused++;
            return false;
        }
        counts.connections++;
        return connections.add(connection);
    }

    void closed(RespConnection connection) {
        connections.remove(connection);
        trackedKeys.closed(connection);
    }

    void connectionFailed(Channel channel, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection from {} broke: {}", channel.remoteAddress(), cause.getMessage());
        } else {
            log.error("closing the connection from {} after an error", channel.remoteAddress(),
                    cause);
        }
    }

    /// One line a minute: whoever makes a browser do it can make it do so often.
    void attacked(Channel channel, String word) {
        attacked.warn(
                "closing the connection from {}, which began with '{}': somebody may be making a"
                        + " client of HTTP send commands",
                channel.remoteAddress(), word);
    }

    private void watch() {
        long now = System.nanoTime();
        for (var connection : List.copyOf(connections))
            connection.closeIfStale(now, idle);
        // Once for all: whoever opens too many would fill the log as well.
        if (refusedConnections > 0) {
            log.warn("refused {} connections of Redis clients: {} are open, and the limit is {}",
                    refusedConnections, connections.size(), bounds.connectionsMax());
            refusedConnections = 0;
        }
    }

    long nextId() {
        return ++lastId;
    }

    void counted() {
        counts.commands++;
    }

    /// @param stranger whether the client has yet to say who it is
    RequestLimits requestLimits(boolean stranger) {
        return stranger ? RequestLimits.ofStranger() : limits;
    }

    /// Of a node that leads no more, or is to leave. Who listens stays: it is told who does. Called on the loop.
    public void dismissClients() {
        for (var connection : List.copyOf(connections)) {
            if (connection.session().subscriptions().isEmpty()) connection.dismiss();
        }
    }

    void tooSlow(Channel channel, long unsent) {
        log.warn("closing the connection to {}, which listens to channels and has {} bytes of"
                + " messages to read", channel.remoteAddress(), unsent);
    }

    // For commands.

    Messages messages() {
        return messages;
    }

    Channels channels() {
        return channels;
    }

    KeyspaceEvents keyspaceEvents() {
        return keyspaceEvents;
    }

    TrackedKeys trackedKeys() {
        return trackedKeys;
    }

    SentinelEvents sentinelEvents() {
        return sentinelEvents;
    }

    KeyValueStore store() {
        return store;
    }

    EventLoop loop() {
        return loop;
    }

    String version() {
        return version;
    }

    RespConfig config() {
        return config;
    }

    RespBounds bounds() {
        return bounds;
    }

    CommandTable commands() {
        return commands;
    }

    CommandReplies commandReplies() {
        return commandReplies;
    }

    Cursors cursors() {
        return cursors;
    }

    Waits waits() {
        return waits;
    }

    /// Where `RANDOMKEY` goes on.
    @Nullable
    Bytes drawnKey() {
        return drawnKey;
    }

    void setDrawnKey(@Nullable Bytes key) {
        drawnKey = key;
    }

    Set<RespConnection> connections() {
        return connections;
    }

    Counts counts() {
        return counts;
    }

    long uptimeSeconds() {
        return (System.nanoTime() - startedNanos) / 1_000_000_000;
    }

    int port() {
        return port;
    }

    /// @throws NullPointerException if it does not listen yet
    Channel listening() {
        return Objects.requireNonNull(listening, "not bound");
    }

    Duration idle() {
        return idle;
    }

    /// @param bound after which a connection that nobody uses is closed; zero for never
    void setIdle(Duration bound) {
        idle = bound;
    }

    /// Takes no more requests but of those who listen to channels; those that came are still answered. Called on the loop.
    public void retire() {
        if (listening != null) listening.close();
        dismissClients();
    }

    /// Takes no more connections and closes those there are. Called on the loop.
    @Override
    public void close() {
        if (listening != null) listening.close();
        if (watch != null) watch.cancel(false);
        keyspaceEvents.setFlags("");
        if (lookout != null) lookout.cancel(false);
        for (var connection : List.copyOf(connections))
            connection.flushAndClose();
    }
}
