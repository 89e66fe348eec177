package org.bellwether.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.server.clients.BindFailures;
import org.bellwether.server.clients.Holdings;
import org.bellwether.server.clients.Seldom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP front end of one node. It runs on the node's own loop: request, log, state and reply meet on one
/// thread, with no handover between them.
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

    private static final AsciiString REVISION = AsciiString.cached("KV-Revision");
    private static final AsciiString APPLIED = AsciiString.cached("KV-Applied");
    private static final AsciiString ROLE = AsciiString.cached("KV-Role");
    private static final AsciiString NODE = AsciiString.cached("KV-Node");
    private static final AsciiString LEADER = AsciiString.cached("KV-Leader");
    private static final AsciiString STALENESS = AsciiString.cached("KV-Staleness");
    private static final AsciiString IS_LEADER = AsciiString.cached("leader");
    private static final AsciiString IS_REPLICA = AsciiString.cached("replica");

    private final KeyValueStore store;
    private final EventLoop loop;
    private final Limits limits;
    private final Patience patience;
    private final Holdings holdings;
    private final Routes routes = new Routes();
    private final Set<HttpConnection> connections = new LinkedHashSet<>();
    private @Nullable Channel listening;
    private @Nullable ScheduledFuture<?> watch;
    private long refusedConnections;
    private final Seldom evicted = new Seldom(log);

    private @Nullable Member lastLeader;
    private String lastLeaderUri = "";

    /// @param loop the node's event loop
    public HttpServer(KeyValueStore store, EventLoop loop, String version) {
        this(store, loop, version, Patience.DEFAULT, Math.min(Limits.HTTP_HELD_BYTES_MAX,
                Runtime.getRuntime().maxMemory() / 4));
    }

    HttpServer(KeyValueStore store, EventLoop loop, String version, Patience patience,
            long heldBytesMax) {
        this.store = store;
        this.loop = loop;
        this.patience = patience;
        this.limits = store.limits();
        this.holdings = new Holdings(heldBytesMax, connections);
        new KeyValueRoutes(store).addTo(routes);
        new ClusterRoutes(store, version).addTo(routes);
        new MembershipRoutes(store).addTo(routes);
        new BackupRoutes(store).addTo(routes);
        new VerifyRoutes(store).addTo(routes);
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
                // A client may end its side and still wait for its replies.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var decoder = new RequestDecoder(limits);
                        channel.pipeline().addLast(decoder, new HttpResponseEncoder(),
                                new HttpConnection(HttpServer.this, decoder));
                    }
                });
        var bound = bootstrap.bind(new InetSocketAddress(address.host(), address.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen for HTTP on " + address + ": "
                    + BindFailures.reason(bound.cause()), bound.cause());
        }
        listening = bound.channel();
        long periodNanos = Math.min(patience.head().toNanos() / 4, 1_000_000_000L);
        watch = loop.scheduleAtFixedRate(this::watch, periodNanos, periodNanos,
                TimeUnit.NANOSECONDS);
        return new Address(address.host(),
                ((InetSocketAddress) bound.channel().localAddress()).getPort());
    }

    /// What this node is, on every response: who answered, and how fresh.
    void describeNode(HttpHeaders headers) {
        var node = store.node();
        headers.set(REVISION, node.revision().toString());
        headers.set(APPLIED, Long.toString(node.appliedIndex()));
        headers.set(ROLE, node.leads() ? IS_LEADER : IS_REPLICA);
        headers.set(NODE, node.self().name());
        var leader = node.leader();
        if (leader != null) headers.set(LEADER, uri(leader));
        var staleness = node.staleness();
        if (staleness != null) headers.set(STALENESS, Long.toString(millisRoundedUp(staleness)));
        // Nothing here may be answered from somebody's cache without asking us.
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
    }

    private String uri(Member leader) {
        if (!leader.equals(lastLeader)) {
            lastLeader = leader;
            lastLeaderUri = "http://" + leader.http();
        }
        return lastLeaderUri;
    }

    /// It is a bound: half a millisecond is not none.
    static long millisRoundedUp(Duration bound) {
        return bound.plusNanos(999_999).toMillis();
    }

    Routes routes() {
        return routes;
    }

    Limits limits() {
        return limits;
    }

    boolean opened(HttpConnection connection) {
        if (connections.size() >= limits.httpConnectionsMax()) {
            refusedConnections++;
            return false;
        }
        return connections.add(connection);
    }

    void closed(HttpConnection connection) {
        connections.remove(connection);
    }

    void connectionFailed(Channel channel, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection from {} broke: {}", channel.remoteAddress(), cause.getMessage());
        } else {
            log.error("closing the connection from {} after an error", channel.remoteAddress(),
                    cause);
        }
    }

    // Memory.

    Holdings holdings() {
        return holdings;
    }

    void evicted(Channel channel, long held) {
        evicted.warn("closing the connection from {}, for which {} bytes are held: together"
                + " HTTP clients have more than {}", channel.remoteAddress(), held,
                holdings.bytesMax());
    }

    private void watch() {
        long now = System.nanoTime();
        for (var connection : List.copyOf(connections)) {
            connection.closeIfStale(now, patience);
        }
        // Heads of requests and small answers are taken whether there is room or not; but not for long.
        holdings.relieve();
        // Once for all: whoever opens too many would fill the log as well.
        if (refusedConnections > 0) {
            log.warn("refused {} connections: {} are open, and the limit is {}",
                    refusedConnections, connections.size(), limits.httpConnectionsMax());
            refusedConnections = 0;
        }
    }

    /// Takes no more requests; those that came are still answered. Called on the loop.
    public void retire() {
        if (listening != null) listening.close();
        var stopping = Problem.notReady("the node is stopping; nothing was done");
        for (var connection : List.copyOf(connections))
            connection.dismiss(stopping);
    }

    /// Takes no more connections and closes those there are. Called on the loop.
    @Override
    public void close() {
        if (listening != null) listening.close();
        if (watch != null) watch.cancel(false);
        for (var connection : List.copyOf(connections))
            connection.close();
    }
}
