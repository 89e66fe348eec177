package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Command;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.StoreFutures;
import org.bellwether.api.Versioned;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.machine.Machine;
import org.bellwether.node.TightStorage.Refuses;
import org.bellwether.raft.Membership;
import org.bellwether.storage.Mark;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Totals;
import org.bellwether.storage.View;
import org.bellwether.transport.MemoryNetwork;

/// Real nodes in one process: real logs on real folders, threads, and the memory transport.
final class LocalCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /// Between two looks. Without it they would take the processor from what is waited for.
    private static final long PAUSE_NANOS = 100_000;
    static final long WALL_ORIGIN = 1_000_000;
    private static final LogConfig LOG = new LogConfig(1 << 20, 0, 1 << 18);

    private final MemoryNetwork network = new MemoryNetwork(Limits.DEFAULT);
    private final Path folder;
    private final ClusterConfig config;
    private final UpkeepConfig upkeep;
    private final Membership membership;
    final AtomicLong wallMillis = new AtomicLong(WALL_ORIGIN);
    private final AtomicInteger ids = new AtomicInteger(100);
    private final List<Running> running = new ArrayList<>();
    /// Of nodes that start from now on.
    int machineVersion;
    /// Told of every node before it starts.
    volatile Consumer<Running> onNew = _ -> {
    };
    volatile Refuses tablesRefuse = Refuses.NOTHING;
    volatile Evidence evidence = (_, _) -> "nowhere";

    /// A node with its threads.
    final class Running {
        final Member self;
        final ThreadLoop loop;
        final ExecutorService diskThread;
        final ExecutorService background;
        final FolderDisk tables;
        final FolderDisk folderDisk;
        final TestDisk disk;
        final TightStorage storage;
        final CutTransport transport;
        final Node node;
        final StoreFutures store;
        final CompletableFuture<Throwable> halted = new CompletableFuture<>();

        Running(Seat seat) throws Exception {
            this.self = seat.self();
            this.loop = new ThreadLoop(self.name());
            this.diskThread = Executors
                    .newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());
            this.background = Executors
                    .newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());
            this.folderDisk = new FolderDisk(folder.resolve(self.name()));
            this.tables = new FolderDisk(folder.resolve(self.name()).resolve("tables"));
            this.disk = new TestDisk(folderDisk);
            var identity = new Identity(self.id(), membership.cluster());
            if (!SegmentedLog.exists(disk)) {
                SegmentedLog.create(disk, LOG, identity, membership.bootstrapEntry());
            }
            this.storage = new TightStorage(new MemoryStorage(tables), tablesRefuse);
            this.transport = new CutTransport(network.transport(self.id(), loop));
            var random = new SplittableRandom();
            this.node = new Node(
                    new NodeParts(identity, seat, LocalCluster.this::newId, config, upkeep,
                            Limits.DEFAULT, loop, diskThread,
                            new SegmentedLog(disk, LOG, identity), background,
                            storage,
                            transport, random::nextInt,
                            wallMillis::incrementAndGet, halted::complete,
                            (view, head) -> evidence.keep(view, head),
                            Deciders.standard().withMachineVersion(machineVersion)));
            this.store = new StoreFutures(node, loop);
            onNew.accept(this);
            var started = new CompletableFuture<Void>();
            loop.execute(() -> node.start(() -> started.complete(null)));
            CompletableFuture.anyOf(started, halted.thenAccept(started::completeExceptionally))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        /// Something is applied wrongly: a row appears that no command has written.
        void spoilTables() {
            spoilTables(true);
        }

        /// A row rots: the totals do not know of it.
        void rotTables() {
            spoilTables(false);
        }

        private void spoilTables(boolean withTotals) {
            var done = new CompletableFuture<Void>();
            loop.execute(() -> {
                try (var restore = storage.restore(); var all = storage.view()) {
                    var sum = new Totals.Sum();
                    all.scan(Bytes.EMPTY, (key, value) -> {
                        restore.put(key, value);
                        return sum.visit(key, value);
                    });
                    var key = Bytes.utf8("~wrong");
                    var value = new Versioned(key, new Revision(1), new Revision(1), 1);
                    restore.put(key, value);
                    sum.add(key, value);
                    var mark = storage.mark();
                    var totals = withTotals ? sum.totals() : mark.totals();
                    restore.finish(new Mark(mark.applied(), mark.revision(), mark.version(),
                            mark.stamp(), totals), storage.origin());
                    storage.install(restore);
                }
                done.complete(null);
            });
            done.join();
        }

        void flush() {
            var view = new CompletableFuture<View>();
            loop.execute(() -> view.complete(storage.view()));
            CompletableFuture.runAsync(() -> {
                try (var now = view.join()) {
                    storage.flush(now);
                }
            }, background).join();
        }

        Mark mark() {
            var mark = new CompletableFuture<Mark>();
            loop.execute(() -> mark.complete(storage.mark()));
            return mark.join();
        }

        List<ClusterEvent> events(ClusterEvent.Kind kind) {
            return store.events(0).join().stream().filter(event -> event.kind() == kind).toList();
        }

        NodeView view() {
            return store.node().join();
        }

        void stop() throws Exception {
            running.remove(this);
            var closed = new CompletableFuture<Void>();
            loop.execute(() -> node.close(() -> closed.complete(null)));
            closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            loop.close();
            diskThread.shutdown();
            background.shutdown();
            folderDisk.close();
            tables.close();
        }
    }

    LocalCluster(Path folder, int nodes) throws Exception {
        this(folder, nodes, ClusterConfig.DEFAULT);
    }

    LocalCluster(Path folder, int nodes, ClusterConfig config) throws Exception {
        this(folder, nodes, config, UpkeepConfig.DEFAULT);
    }

    LocalCluster(Path folder, int nodes, ClusterConfig config, UpkeepConfig upkeep)
            throws Exception {
        this(folder, nodes, config, upkeep, Machine.VERSION);
    }

    LocalCluster(Path folder, int nodes, ClusterConfig config, UpkeepConfig upkeep,
            int machineVersion) throws Exception {
        this.machineVersion = machineVersion;
        this.folder = folder;
        this.config = config;
        this.upkeep = upkeep;
        var members = new ArrayList<Member>();
        for (int i = 1; i <= nodes; i++) {
            members.add(new Member(new NodeId(new UUID(7, i)), "n" + i, true,
                    new Address("memory", i), new Address("memory", 100 + i)));
        }
        this.membership = new Membership(new ClusterId(new UUID(1, 2)), members);
        for (var member : members)
            start(member);
    }

    private NodeId newId() {
        return new NodeId(new UUID(7, ids.incrementAndGet()));
    }

    /// A newcomer that asks in at this node.
    Running join(Running at, String name) throws Exception {
        int port = ids.incrementAndGet();
        var join = new Command.Join(new UUID(8, port), name, new Address("memory", port),
                new Address("memory", 1000 + port));
        var answer = assertInstanceOf(Outcome.Applied.class,
                at.store.write(join, PATIENCE).join());
        var joined = assertInstanceOf(Result.Joined.class, answer.result());
        assertArrayEquals(membership.encode(), joined.bootstrap().array());
        var self = joined.members().stream()
                .filter(member -> member.id().equals(joined.node())).findFirst().orElseThrow();
        return start(new Seat(self, joined.members()));
    }

    Running start(Member member) throws Exception {
        return start(Seat.of(member));
    }

    private Running start(Seat seat) throws Exception {
        var started = new Running(seat);
        running.add(started);
        return started;
    }

    List<Running> nodes() {
        return List.copyOf(running);
    }

    Running leader() {
        await("a leader", () -> running.stream().anyMatch(each -> each.view().leads()));
        return running.stream().filter(each -> each.view().leads()).findFirst().orElseThrow();
    }

    Running replica() {
        var leader = leader();
        return running.stream().filter(each -> each != leader).findFirst().orElseThrow();
    }

    void awaitReady() {
        await("every node ready",
                () -> running.stream().allMatch(each -> each.view().notReady() == null));
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("waited in vain for " + what);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() throws Exception {
        for (var each : nodes())
            each.stop();
    }
}
