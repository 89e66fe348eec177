package org.bellwether.server.resp;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.StoreFutures;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.node.ClusterConfig;
import org.bellwether.node.Deciders;
import org.bellwether.node.Node;
import org.bellwether.node.NodeParts;
import org.bellwether.node.Seat;
import org.bellwether.node.UpkeepConfig;
import org.bellwether.raft.Membership;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.NettyLoop;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.transport.MemoryNetwork;

/// A node with a real log on a real folder, where a write takes its time, and its front end for Redis clients. It is
/// the only one of its cluster, and leads.
final class RealNode implements AutoCloseable {
    private static final LogConfig LOG = new LogConfig(1 << 20, 0, 1 << 18);
    private static final NodeId SELF = new NodeId(new UUID(0, 1));

    private final EventLoops loops = EventLoops.open("resp-test", 1);
    private final ExecutorService disk = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("disk").daemon().factory());
    private final FolderDisk folder;
    private final Node node;
    private final RespServer server;
    final Address address;

    RealNode(Path dir) throws Exception {
        folder = new FolderDisk(dir);
        var self = new Member(SELF, "n1", true, new Address("memory", 1),
                new Address("127.0.0.1", 1));
        var membership = new Membership(new ClusterId(new UUID(0, 2)), List.of(self));
        var identity = new Identity(SELF, membership.cluster());
        SegmentedLog.create(folder, LOG, identity, membership.bootstrapEntry());
        var eventLoop = loops.next();
        var loop = new NettyLoop(eventLoop);
        var halted = new CompletableFuture<Throwable>();
        var random = new SplittableRandom();
        node = new Node(new NodeParts(identity, Seat.of(self), () -> new NodeId(UUID.randomUUID()),
                ClusterConfig.DEFAULT, UpkeepConfig.DEFAULT, Limits.DEFAULT, loop, disk,
                new SegmentedLog(folder, LOG, identity), disk, new MemoryStorage(),
                new MemoryNetwork(Limits.DEFAULT).transport(SELF, loop), random::nextInt,
                System::currentTimeMillis, halted::complete, (_, _) -> "nowhere",
                Deciders.standard()));
        server = new RespServer(node, node, node, eventLoop, "test",
                RespConfig.DEFAULT.withFlush());
        var started = new CompletableFuture<Void>();
        halted.thenAccept(started::completeExceptionally);
        loop.execute(() -> node.start(() -> started.complete(null)));
        started.get(FakeNode.HANG.toSeconds(), TimeUnit.SECONDS);
        address = server.bind(new Address("127.0.0.1", 0), loops.servers());
        var store = new StoreFutures(node, loop);
        FakeNode.await("a leader that is ready", () -> {
            var view = store.node().join();
            return view.leads() && view.notReady() == null;
        });
    }

    RespClient connect() throws IOException {
        return new RespClient(address);
    }

    @Override
    public void close() throws Exception {
        var closed = new CompletableFuture<Void>();
        loops.next().execute(() -> {
            node.close(() -> closed.complete(null));
            server.close();
        });
        closed.get(FakeNode.HANG.toSeconds(), TimeUnit.SECONDS);
        loops.close();
        disk.shutdown();
        folder.close();
    }
}
