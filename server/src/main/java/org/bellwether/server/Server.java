package org.bellwether.server;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.api.StoreFutures;
import org.bellwether.node.CoreFactory;
import org.bellwether.node.Node;
import org.bellwether.node.NodeParts;
import org.bellwether.server.http.HttpServer;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.NettyLoop;
import org.bellwether.server.transport.NettyTransport;
import org.bellwether.server.transport.PeerSettings;
import org.bellwether.storage.MemoryStorage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node in this process, put together from a folder: disk thread and log, loop, peers, HTTP.
///
/// *Threads.* The methods here may be called from any thread but the node's loop.
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    /// A leader that is told to stop looks this long for a successor.
    private static final Duration HANDOVER = Duration.ofSeconds(2);
    private static final Duration CLOSING = Duration.ofSeconds(3);

    private final NodeFolder folder;
    private final EventLoops loops;
    private final NettyLoop loop;
    private final NettyTransport transport;
    private final Node node;
    private final HttpServer http;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private boolean closed;

    private Server(ServerConfig config, NodeFolder folder, EventLoops loops,
            Consumer<? super Throwable> onHalt) {
        this.folder = folder;
        this.loops = loops;
        this.loop = new NettyLoop(loops.next());
        var random = new SplittableRandom(new SecureRandom().nextLong());
        this.transport = new NettyTransport(loops, loop.eventLoop(),
                new PeerSettings(folder.identity(), folder.self().peer(), config.limits(),
                        random.split()));
        this.node = new Node(new NodeParts(folder.identity(), config.cluster(), config.limits(),
                loop, folder.disk(), folder.log(), new MemoryStorage(), transport,
                random::nextInt, why -> halted(why, onHalt), CoreFactory.STANDARD));
        this.http = new HttpServer(node, loop.eventLoop(), config.version());
    }

    /// Puts a node together and starts it. Returns when it listens and takes part; whether there is a
    /// leader by then is another question.
    ///
    /// @param onHalt told once, on the node's loop, why the node had to stop by itself. It has fallen silent
    ///               already; the process should end, and [#close] would wait for that very loop
    /// @throws StartException if the folder, its log or an address is not fit; nothing is left running
    public static Server start(ServerConfig config, Consumer<? super Throwable> onHalt)
            throws StartException {
        var folder = NodeFolder.open(config.dir());
        try {
            checkAddresses(config, folder.self());
            var server = new Server(config, folder, EventLoops.open("loop", 1), onHalt);
            try {
                server.listen();
                return server;
            } catch (StartException refused) {
                server.close();
                throw refused;
            }
        } catch (StartException refused) {
            folder.close();
            throw refused;
        }
    }

    /// The list of nodes says where this one is reached: that is what the others go by.
    private static void checkAddresses(ServerConfig config, Member self) throws StartException {
        checkSame("HTTP", config.http(), self.http());
        checkSame("peer", config.peer(), self.peer());
        config.check(self.http());
        config.check(self.peer());
    }

    private static void checkSame(String what, @Nullable Address asked,
            Address recorded) throws StartException {
        if (asked != null && !asked.equals(recorded))
            throw new StartException("the %s address of this node is %s in the cluster's list of"
                    .formatted(what, recorded) + " nodes, not " + asked
                    + "; it cannot be changed yet");
    }

    private void listen() throws StartException {
        var self = folder.self();
        try {
            transport.bind();
        } catch (IOException taken) {
            throw Listening.failure("peer", self.peer(), taken);
        }
        try {
            http.bind(self.http(), loops.servers());
        } catch (IOException taken) {
            throw Listening.failure("HTTP", self.http(), taken);
        }
        loop.execute(() -> {
            node.onLeaderChange(this::tellOfTheLeader);
            node.start(() -> started.complete(null));
        });
        try {
            started.get();
        } catch (ExecutionException halted) {
            throw new StartException("cannot start: " + halted.getCause(), halted);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", ended);
        }
    }

    private void tellOfTheLeader() {
        var view = node.node();
        var leader = view.leader();
        log.info("term {}: {}", view.term(), view.leads()
                ? "this node leads"
                : leader == null ? "no leader" : leader.name() + " leads");
    }

    /// A node that never took part is one that cannot start.
    private void halted(Throwable why, Consumer<? super Throwable> onHalt) {
        if (!started.completeExceptionally(why)) onHalt.accept(why);
    }

    /// This node, as the list of all nodes has it.
    public Member self() {
        return folder.self();
    }

    /// The store, for whoever embeds the node.
    public StoreFutures store() {
        return new StoreFutures(node, loop);
    }

    /// Hands leadership over if this node has it, then stops. Takes a few seconds at most.
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        if (started.isDone() && !started.isCompletedExceptionally()) {
            var handedOver = new CompletableFuture<Boolean>();
            loop.execute(() -> node.transfer(null, HANDOVER, handedOver::complete));
            if (!await(handedOver, HANDOVER.plusSeconds(1)))
                log.warn("stopping without a successor");
        }
        var stopped = new CompletableFuture<Boolean>();
        loop.execute(() -> node.close(() -> {
            http.close();
            stopped.complete(true);
        }));
        if (!await(stopped, CLOSING)) log.warn("the disk does not answer; stopping without it");
        var _ = await(transport.closed().thenApply(_ -> true), CLOSING);
        loops.close();
        folder.close();
    }

    private static boolean await(CompletableFuture<Boolean> future, Duration patience) {
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException failed) {
            return false;
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
