package org.bellwether.server.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
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

/// A real node with a real log on a real folder, and its HTTP front end on a real port. The first of as many
/// members as asked for; the others never start.
final class TestServer implements AutoCloseable {
    static final Duration HANG = Duration.ofSeconds(60);
    private static final LogConfig LOG = new LogConfig(1 << 20, 0, 1 << 18);
    private static final NodeId SELF = new NodeId(new UUID(0, 1));

    final EventLoops loops;
    final DiskThread disk = new DiskThread();
    final FullDisk folder;
    final Limits limits;
    final Address address;
    private final FolderDisk realFolder;
    private final Node node;
    private final HttpServer http;
    private final StoreFutures store;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .build();

    /// @param kind of the loop; the fastest there is if not said
    record Setup(int members, Limits limits, Patience patience, long heldBytesMax,
            EventLoops.Kind kind) {
        Setup(int members, Limits limits, Patience patience) {
            this(members, limits, patience, FASTEST);
        }

        Setup(int members, Limits limits, Patience patience, EventLoops.Kind kind) {
            this(members, limits, patience, 64L << 20, kind);
        }

        /// Of one node that lets its clients have so much of its memory.
        Setup(long heldBytesMax) {
            this(1, Limits.DEFAULT, Patience.DEFAULT, heldBytesMax, FASTEST);
        }
    }

    private static final EventLoops.Kind FASTEST = Arrays.stream(EventLoops.Kind.values())
            .filter(EventLoops.Kind::isAvailable).findFirst().orElseThrow();

    TestServer(Path dir) throws Exception {
        this(dir, new Setup(1, Limits.DEFAULT, Patience.DEFAULT));
    }

    TestServer(Path dir, Setup setup) throws Exception {
        int members = setup.members();
        limits = setup.limits();
        loops = EventLoops.open("http-test", 1, setup.kind());
        realFolder = new FolderDisk(dir);
        folder = new FullDisk(realFolder);
        var all = new ArrayList<Member>();
        for (int i = 1; i <= members; i++) {
            all.add(new Member(new NodeId(new UUID(0, i)), "n" + i, true,
                    new Address("memory", i), new Address("127.0.0.1", i)));
        }
        var membership = new Membership(new ClusterId(new UUID(0, 2)), all);
        var identity = new Identity(SELF, membership.cluster());
        SegmentedLog.create(folder, LOG, identity, membership.bootstrapEntry());
        var eventLoop = loops.next();
        var loop = new NettyLoop(eventLoop);
        var halted = new CompletableFuture<Throwable>();
        var random = new SplittableRandom();
        node = new Node(new NodeParts(identity, Seat.of(all.getFirst()),
                () -> new NodeId(UUID.randomUUID()), ClusterConfig.DEFAULT, UpkeepConfig.DEFAULT,
                limits, loop, disk::run, new SegmentedLog(folder, LOG, identity), disk::run,
                new MemoryStorage(),
                new MemoryNetwork(limits).transport(SELF, loop), random::nextInt,
                System::currentTimeMillis, halted::complete, (_, _) -> "nowhere",
                Deciders.standard()));
        store = new StoreFutures(node, loop);
        http = new HttpServer(node, eventLoop, "test", setup.patience(), setup.heldBytesMax());
        var started = new CompletableFuture<Void>();
        halted.thenAccept(started::completeExceptionally);
        loop.execute(() -> node.start(() -> started.complete(null)));
        started.get(HANG.toSeconds(), TimeUnit.SECONDS);
        address = http.bind(new Address("127.0.0.1", 0), loops.servers());
        if (members == 1) {
            await("a leader that is ready", () -> {
                var view = store.node().join();
                return view.leads() && view.notReady() == null;
            });
        }
    }

    /// The disk thread, which can be made to stand still.
    static final class DiskThread {
        private final ExecutorService thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("disk").daemon().factory());
        private final Semaphore held = new Semaphore(0);

        void run(Runnable task) {
            thread.execute(task);
        }

        void hold() {
            thread.execute(held::acquireUninterruptibly);
        }

        void letGo() {
            held.release();
        }
    }

    long revision() {
        return store.node().join().revision().number();
    }

    void bindAgain(Address to) throws IOException {
        new HttpServer(node, loops.next(), "test").bind(to, loops.servers());
    }

    /// What its clients make it hold.
    long heldBytes() {
        return CompletableFuture.supplyAsync(() -> {
            http.holdings().hasRoom(Long.MAX_VALUE / 2);
            return http.holdings().bytes();
        }, loops.next()).join();
    }

    void retire() {
        loops.next().execute(http::retire);
    }

    RawClient connect() throws Exception {
        return new RawClient(address);
    }

    URI uri(String path) {
        return URI.create("http://" + address + path);
    }

    HttpResponse<String> send(String method, String path, String body,
            UnaryOperator<HttpRequest.Builder> more) throws Exception {
        var publisher = body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body);
        return client.send(more.apply(HttpRequest.newBuilder(uri(path)).timeout(HANG)
                .method(method, publisher)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> put(String path, String body, String... headers) throws Exception {
        return send("PUT", path, body, with(headers));
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, "", with(headers));
    }

    HttpResponse<String> delete(String path, String... headers) throws Exception {
        return send("DELETE", path, "", with(headers));
    }

    private static UnaryOperator<HttpRequest.Builder> with(String... headers) {
        return request -> headers.length == 0 ? request : request.headers(headers);
    }

    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > HANG.toNanos())
                throw new AssertionError("waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws Exception {
        client.close();
        disk.letGo();
        var closed = new CompletableFuture<Void>();
        loops.next().execute(() -> {
            node.close(() -> closed.complete(null));
            http.close();
        });
        closed.get(HANG.toSeconds(), TimeUnit.SECONDS);
        loops.close();
        disk.thread.shutdown();
        realFolder.close();
    }
}
