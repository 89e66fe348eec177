package org.bellwether.server;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Member;
import org.bellwether.api.RemovedException;
import org.bellwether.node.Deciders;
import org.bellwether.node.Node;
import org.bellwether.node.NodeParts;
import org.bellwether.node.StrangeTablesException;
import org.bellwether.server.http.HttpServer;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.NettyLoop;
import org.bellwether.server.resp.RespServer;
import org.bellwether.server.transport.NettyTransport;
import org.bellwether.server.transport.PeerSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node with everything around it: a folder, one event loop for node, peers and clients, and a thread
/// for the disk.
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    private static final Duration TRANSFER_MAX = Duration.ofSeconds(2);
    /// What is asked of a node takes a round trip or two; what takes longer waits for somebody who may not come.
    private static final Duration QUIET_MAX = Duration.ofSeconds(1);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    /// Within which the last replies are on their way.
    private static final Duration FAREWELL = Duration.ofMillis(200);

    private final NodeFolder folder;
    private final EventLoops loops;
    private final IoEventLoop loop;
    private final NettyTransport transport;
    private final Node node;
    private final HttpServer http;
    private final List<RespServer> resp;
    private final CompletableFuture<Void> started = new CompletableFuture<>();

    private List<String> warned = List.of();

    private Server(NodeFolder folder, ServerConfig config, Consumer<? super Throwable> onHalt) {
        this.folder = folder;
        this.loops = EventLoops.open("node", 1);
        this.loop = loops.next();
        var random = new SplittableRandom();
        this.transport = new NettyTransport(loops, loop, new PeerSettings(folder.identity(),
                folder.peer(), config.advertised().peer(), config.limits(), random.split()));
        this.node = new Node(new NodeParts(folder.identity(), folder.seat(), Bootstrap::newId,
                config.cluster(), config.upkeep(), config.limits(), new NettyLoop(loop),
                folder.disk(), folder.log(), folder.background(), folder.storage(), transport,
                random::nextInt, System::currentTimeMillis, why -> halted(why, onHalt),
                new EvidenceFolder(config.dir()), Deciders.standard()));
        this.http = new HttpServer(node, loop, Version.number());
        this.resp = config.resp().stream()
                .map(end -> new RespServer(node, node, node, loop, Version.number(), end.config()))
                .toList();
    }

    /// Starts a node from its folder; returns when it takes part and listens.
    ///
    /// @param onHalt told, on the node's loop, why the node had to stop, also while it starts, unless its folder is to blame
    /// @throws StartException if it cannot start; nothing is left running
    public static Server start(ServerConfig config, Consumer<? super Throwable> onHalt)
            throws StartException {
        var folder = NodeFolder.open(config);
        Server server = null;
        try {
            config.check(folder.http());
            config.check(folder.peer());
            for (var end : config.resp())
                config.check(end.address());
            server = new Server(folder, config, onHalt);
            server.listen(config);
            return server;
        } catch (StartException refused) {
            abandon(folder, server);
            throw refused;
        } catch (IOException taken) {
            abandon(folder, server);
            throw new StartException(String.valueOf(taken.getMessage()), taken);
        }
    }

    /// A node that was removed does not leave its clients in the midst of a word.
    private void halted(Throwable why, Consumer<? super Throwable> onHalt) {
        if (why instanceof RemovedException removed) keepRemoval(folder, removed);
        boolean wasStarting = started.completeExceptionally(why);
        if (wasStarting && why instanceof StrangeTablesException) return;
        var advice = WhatToDo.nowThat(why);
        if (advice != null) log.error("{}", advice);
        if (why instanceof RemovedException) {
            retire();
            var _ = loop.schedule(() -> onHalt.accept(why), FAREWELL.toMillis(),
                    TimeUnit.MILLISECONDS);
        } else {
            onHalt.accept(why);
        }
    }

    private static void keepRemoval(NodeFolder folder, RemovedException why) {
        try {
            folder.keepRemoval(why);
        } catch (IOException broken) {
            log.warn("cannot note in the data folder that this node was removed: {}",
                    broken.toString());
        }
    }

    private static void claimTables(NodeFolder folder) {
        try {
            folder.claimTables();
        } catch (IOException broken) {
            log.warn("cannot note in the folder of the tables whose they are: {}",
                    broken.toString());
        }
    }

    private static void abandon(NodeFolder folder, @Nullable Server server) {
        if (server == null) {
            folder.close();
        } else {
            server.shutDown();
        }
    }

    private void listen(ServerConfig config) throws IOException, StartException {
        transport.bind();
        loop.execute(() -> {
            node.onLeaderChange(this::logLeader);
            node.onEvent(this::logEvent);
            node.onLeaving(() -> resp.forEach(RespServer::dismissClients));
        });
        loop.execute(() -> node.start(() -> started.complete(null)));
        try {
            started.get();
        } catch (ExecutionException failed) {
            var why = failed.getCause() == null ? failed : failed.getCause();
            throw new StartException("cannot start from " + config.dir() + ": " + why.getMessage()
                    + (why instanceof StrangeTablesException
                            ? WhatToDo.aboutStrange(config.dir().resolve(Tables.FOLDER))
                            : ""),
                    failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", ended);
        }
        claimTables(folder);
        http.bind(folder.http(), loops.servers());
        warnOfHostsThatClientsOverlook(config);
        for (int i = 0; i < resp.size(); i++)
            resp.get(i).bind(config.resp().get(i).address(), loops.servers());
    }

    /// By its pattern for replicas.
    private void warnOfHostsThatClientsOverlook(ServerConfig config) throws StartException {
        for (var end : config.resp()) {
            var told = end.told(folder.self().peer());
            if (told.host().contains("_")) {
                log.warn("Redis clients are told to come to {}: Lettuce overlooks hosts whose names"
                        + " have an underscore", told);
            }
        }
    }

    private void logLeader() {
        var view = node.node();
        var leader = view.leader();
        log.info("term {}: {}", view.term(), leader == null
                ? "no leader known"
                : view.leads() ? "this node leads" : leader.name() + " leads");
        logWarnings();
    }

    private void logEvent(ClusterEvent event) {
        boolean logged = event.kind() == Kind.LEADER_ELECTED || event.kind() == Kind.LEADER_LOST;
        if (isAlarming(event.kind())) {
            log.warn("{}", event.text());
        } else if (!logged && event.time() != null) {
            log.info("{}", event.text());
        }
        if (event.index() > 0) loop.execute(this::logWarnings);
    }

    /// Whether somebody should have a look.
    private static boolean isAlarming(Kind kind) {
        return switch (kind) {
            case WRITES_LOST, TAIL_REPLACED, ENTRIES_FORGOTTEN, STATE_DIVERGED, STATE_UNDECIDED,
                    EVIDENCE_KEPT,
                    SNAPSHOT_REFUSED, VOTER_DEAD, NODE_TROUBLED ->
                true;
            case LEADER_ELECTED, LEADER_LOST, NODE_JOINED, NODE_PROMOTED, NODE_DEMOTED,
                    NODE_REMOVED, NODE_MOVED, VOTERS_TARGET_CHANGED, LEASE_READS_CHANGED,
                    CATCHING_UP, LEVEL, NODE_WELL,
                    SNAPSHOT_INSTALLED, STATE_REPAIRED, STATE_MACHINE_RAISED ->
                false;
        };
    }

    /// By the leader alone, and once, so that it is seen.
    private void logWarnings() {
        var warnings = node.node().leads() ? node.cluster().warnings() : List.<String>of();
        for (var warning : warnings) {
            if (!warned.contains(warning)) log.warn("{}", warning);
        }
        warned = warnings;
    }

    /// Where it listens for HTTP clients.
    public Address http() {
        return folder.http();
    }

    /// Where it listens for other nodes.
    public Address peer() {
        return folder.peer();
    }

    /// What the list of nodes says of it, or soon will.
    public Member self() {
        return folder.self();
    }

    /// Hands leadership over, takes no more requests, answers those that came, stops. Called off the loop.
    @Override
    public void close() {
        var handedOver = new CompletableFuture<Boolean>();
        loop.execute(() -> node.transfer(null, TRANSFER_MAX, handedOver::complete));
        await(handedOver, TRANSFER_MAX.plus(CLOSE_MAX));
        var quiet = new CompletableFuture<Void>();
        loop.execute(() -> {
            retire();
            node.awaitQuiet(QUIET_MAX, () -> quiet.complete(null));
        });
        await(quiet, QUIET_MAX.plus(CLOSE_MAX));
        shutDown();
    }

    private void retire() {
        http.retire();
        resp.forEach(RespServer::retire);
    }

    private void shutDown() {
        var closed = new CompletableFuture<Void>();
        loop.execute(() -> {
            // First the node, which answers whoever still waits; then the connections on which it does.
            node.close(() -> closed.complete(null));
            http.close();
            resp.forEach(RespServer::close);
        });
        await(closed, CLOSE_MAX);
        await(transport.closed(), CLOSE_MAX);
        loops.close();
        folder.close();
    }

    private static void await(CompletableFuture<?> future, Duration most) {
        try {
            future.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException late) {
            log.warn("a part of the node has not stopped in time: {}", late.toString());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
