package org.bellwether.simulation;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Command;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Result;
import org.bellwether.disk.Disk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.machine.Machine;
import org.bellwether.node.ClusterConfig;
import org.bellwether.node.Deciders;
import org.bellwether.node.Node;
import org.bellwether.node.NodeParts;
import org.bellwether.api.RemovedException;
import org.bellwether.node.Seat;
import org.bellwether.node.UpkeepConfig;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Raft;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;

/// A machine with a disk and a clock, and the process on it that comes and goes. All of the node's own code
/// is the real one.
final class SimulatedNode {
    private final Site site;
    private final int index;
    private final ClusterId cluster;
    private @Nullable Seat seat;
    private @Nullable UUID nonce;
    private boolean removed;
    private int wipes;
    private final Chance chance;
    private final Disks disks;
    private final SimulatedDisk disk;
    private final SimulatedLoop.Clock clock;
    private final List<Runnable> onDeath = new ArrayList<>();
    private Runnable afterDeath = () -> {
    };
    private @Nullable Life life;
    private int lives;

    /// What all nodes of a run share.
    record Site(World world, SimulatedNetwork network, Invariants invariants, Wiring wiring,
            ClusterConfig config, UpkeepConfig upkeep, Limits limits, LogConfig logConfig,
            Supplier<NodeId> ids) {}

    /// Two folders of one machine: that of the log, and that of the tables.
    record Disks(SimulatedDisk log, SimulatedDisk tables) {
        boolean haveFailed() {
            return log.hasFailed() || tables.hasFailed();
        }

        void losePower() {
            log.losePower();
            tables.losePower();
        }

        void processDied() {
            log.processDied();
            tables.processDied();
        }

        void wipe() {
            log.wipe();
            tables.wipe();
        }

        void fill(boolean unannounced) {
            log.fill(unannounced);
            tables.fill(unannounced);
        }

        void makeRoom() {
            log.makeRoom();
            tables.makeRoom();
        }

        void heal() {
            log.heal();
            tables.heal();
        }
    }

    /// What a machine's disks held at one moment, and what was known of them.
    record Copy(NodeId node, Map<String, byte[]> log, Map<String, byte[]> tables, Watched known) {}

    /// One process, from start to death.
    private static final class Life {
        final SimulatedLoop loop;
        final DiskThread diskThread;
        final DiskThread background;
        final SimulatedTransport transport;
        final Storage storage;
        final SpoilableStorage spoilable;
        final Node node;
        boolean ready;
        /// Whether something was done to it after which it may rightly lose patience with its disk.
        boolean tried;

        Life(SimulatedLoop loop, DiskThread diskThread, DiskThread background,
                SimulatedTransport transport, Storage storage, SpoilableStorage spoilable,
                Node node) {
            this.loop = loop;
            this.diskThread = diskThread;
            this.background = background;
            this.transport = transport;
            this.storage = storage;
            this.spoilable = spoilable;
            this.node = node;
        }
    }

    SimulatedNode(Site site, int index, ClusterId cluster, Chance chance, Disks disks,
            SimulatedLoop.Clock clock) {
        this.site = site;
        this.index = index;
        this.cluster = cluster;
        this.chance = chance;
        this.disks = disks;
        this.disk = disks.log;
        this.clock = clock;
    }

    /// Makes it a node of the cluster.
    void bootstrap(Seat place, Entry entry) {
        try {
            makeLog(place, entry);
        } catch (IOException failed) {
            site.world().violated("a log cannot be made: " + Failures.describe(failed));
        }
    }

    private void makeLog(Seat place, Entry entry) throws IOException {
        SegmentedLog.create(disk, site.logConfig(), identity(place), entry);
        seat = place;
    }

    private Identity identity(Seat place) {
        return new Identity(place.self().id(), cluster);
    }

    int index() {
        return index;
    }

    /// Whether it is, as far as it knows, a node of the cluster.
    boolean belongs() {
        return seat != null && !removed;
    }

    boolean isOutsider() {
        return seat == null && !removed;
    }

    @Nullable
    NodeId id() {
        return seat == null ? null : seat.self().id();
    }

    /// Asks in, through whoever is given, until it is let in. What it was told to keep it keeps.
    void join(Supplier<SimulatedNode> through) {
        if (seat != null) return;
        var world = site.world();
        if (nonce == null)
            nonce = new UUID(chance.number(), index);
        else
            world.evidence().count(Evidence.Of.JOINS_REPEATED);
        var place = new Address("10.0.0." + (index + 1), 7501);
        // Who it was may be in the list still.
        var name = "n" + (index + 1) + (wipes == 0 ? "" : "." + wipes);
        var join = new Command.Join(nonce, name, place, new Address(place.host(), 7401));
        boolean[] answered = {false};
        through.get().onLoop(node -> node.write(join, Duration.ofSeconds(1), outcome -> {
            if (answered[0] || !isOutsider()) return;
            answered[0] = true;
            if (outcome instanceof Outcome.Applied(Result.Joined joined, var _)) {
                joined(joined);
            } else {
                world.after(100 * World.MILLI, () -> join(through));
            }
        }));
        // Whoever was asked may have died.
        world.after(2 * World.SECOND, () -> {
            if (!answered[0] && isOutsider()) {
                answered[0] = true;
                join(through);
            }
        });
    }

    private void joined(Result.Joined joined) {
        var world = site.world();
        world.note(index, "joins", joined.node(), joined.members().size());
        world.evidence().count(Evidence.Of.JOINS);
        site.network().name(index, joined.node());
        site.invariants().joined(index, joined.node());
        var self = joined.members().stream()
                .filter(member -> member.id().equals(joined.node())).findFirst().orElseThrow();
        makeNewcomer(new Seat(self, joined.members()),
                Membership.bootstrapEntry(joined.bootstrap().array()));
    }

    /// With a disk that lets it down it takes several tries, as with a person who gives the command again.
    private void makeNewcomer(Seat place, Entry entry) {
        var world = site.world();
        try {
            if (SegmentedLog.exists(disk))
                seat = place;
            else
                makeLog(place, entry);
            world.after(0, this::start);
        } catch (IOException failed) {
            if (disks.haveFailed()) disks.losePower();
            world.after(300 * World.MILLI, () -> makeNewcomer(place, entry));
        }
    }

    Disks disks() {
        return disks;
    }

    /// The disk of a machine on which nothing runs is replaced by an empty one. It must not come back as who it was.
    void wipe() {
        var world = site.world();
        var before = seat;
        if (life != null || before == null)
            throw new IllegalStateException("n" + (index + 1) + " is up, or nobody");
        world.note(index, "has an empty disk", before.self().id(), ++wipes);
        world.evidence().count(Evidence.Of.WIPES);
        disks.wipe();
        try {
            new SegmentedLog(disk, site.logConfig(), identity(before)).open();
            world.violated("n" + (index + 1) + " comes back with an empty disk as if nothing"
                    + " had happened");
        } catch (IOException refused) {
            world.note(index, "is nobody", refused, 0);
        }
        seat = null;
        nonce = null;
        site.invariants().wiped(index);
    }

    /// Null if it is nobody's.
    @Nullable
    Copy copyDisks() {
        var id = id();
        if (id == null || !belongs()) return null;
        return new Copy(id, disks.log.copy(), disks.tables.copy(),
                site.invariants().copyOf(index));
    }

    /// On the disks of a machine on which nothing runs is what was there once: it forgets what it has promised since.
    void putBack(Copy copy) {
        if (life != null || !copy.node().equals(id()))
            throw new IllegalStateException("n" + (index + 1) + " is up, or somebody else");
        var world = site.world();
        world.note(index, "has old disks", copy.node(), copy.known().synced.last());
        world.evidence().count(Evidence.Of.PUT_BACK);
        disks.log.putBack(copy.log());
        disks.tables.putBack(copy.tables());
        site.invariants().wentBack(index, copy.known());
    }

    boolean isUp() {
        return life != null;
    }

    boolean isReady() {
        return life != null && life.ready;
    }

    /// Numbers its processes; what was asked of an earlier one is answered by none.
    int lives() {
        return lives;
    }

    void start() {
        var place = seat;
        if (life != null || place == null || removed) return;
        var identity = identity(place);
        var world = site.world();
        var tables = openTables();
        if (tables == null) return;
        world.note(index, "starts", null, ++lives);
        if (lives > 1) world.evidence().count(Evidence.Of.RESTARTS);
        var loop = new SimulatedLoop(world, chance.split(), clock, this::afterTurn);
        var diskThread = new DiskThread(world, chance.split(), disk, loop);
        var background = new DiskThread(world, chance.split(), disks.tables, loop);
        var transport = new SimulatedTransport(site.network(), loop, site.invariants(), index);
        var log = site.wiring().logs().around(index,
                new ObservedLog(index,
                        new SegmentedLog(disk, site.logConfig(), identity), site.invariants(),
                        world));
        var spoilable = new SpoilableStorage(tables, () -> {
            world.note(index, "applies something wrongly", null, tables.applied());
            world.evidence().count(Evidence.Of.SPOILT_TABLES);
            site.invariants().spoilt(index);
        });
        var observed = site.wiring().storages().around(index,
                new ObservedStorage(index, spoilable, site.invariants(), world));
        var dice = chance.split();
        var storage = new SlowStorage(observed, world, chance.split(), loop);
        var wiring = site.wiring();
        var started = new Life(loop, diskThread, background, transport, storage, spoilable,
                new Node(new NodeParts(identity, place, site.ids(), site.config(), site.upkeep(),
                        site.limits(), loop, diskThread, log, background, storage, transport,
                        dice::below, clock::wallMillis, this::halted,
                        (_, _) -> "nowhere", new Deciders(wiring.cores(), wiring.juries().get(),
                                wiring.leases().get(), Machine.VERSION))));
        started.node.onEvent(this::happened);
        life = started;
        loop.execute(() -> started.node.start(() -> started.ready = true));
    }

    private void happened(ClusterEvent event) {
        if (event.kind() == Kind.STATE_REPAIRED) site.world().evidence().count(Evidence.Of.REPAIRS);
        if (event.kind() == Kind.ENTRIES_FORGOTTEN)
            site.world().evidence().count(Evidence.Of.FORGOTTEN);
        if (event.kind() == Kind.SNAPSHOT_REFUSED)
            site.world().evidence().count(Evidence.Of.SNAPSHOTS_REFUSED);
        if (event.kind() == Kind.VOTER_DEAD)
            site.world().evidence().count(Evidence.Of.DEAD_REPLACED);
        if (event.kind() == Kind.STATE_UNDECIDED)
            site.world().evidence().count(Evidence.Of.UNDECIDED);
        if (event.kind() == Kind.STATE_DIVERGED && event.node() != null
                && event.node().equals(id())) {
            site.invariants().suspectsItself(index);
        }
    }

    /// The next thing that it applies it applies wrongly.
    void spoilTables() {
        if (life != null) life.spoilable.spoilNext();
    }

    /// The process does not get far if they cannot be read; then it is tried again.
    private @Nullable MemoryStorage openTables() {
        try {
            var tables = new MemoryStorage(disks.tables);
            site.invariants().tablesFound(index, tables);
            return tables;
        } catch (StorageException refused) {
            var world = site.world();
            if (!disks.tables.hasFailed())
                world.violated("n" + (index + 1) + " cannot read its tables: "
                        + Failures.describe(refused));
            disks.losePower();
            world.after(100 * World.MILLI, this::start);
            return null;
        }
    }

    private void afterTurn() {
        if (life == null) return;
        var raft = life.ready ? life.node.raft() : null;
        site.invariants().check(index, raft);
        if (raft != null) {
            site.world().note(index, "turn", null, raft.term() * 31 + raft.commitIndex() * 7
                    + raft.last().index() * 3 + (raft.leads() ? 1 : 0));
        }
    }

    /// The node stopped by itself. It may: after its disk failed, or was silent for too long.
    private void halted(Throwable why) {
        var world = site.world();
        world.note(index, "halts", why, 0);
        world.evidence().count(Evidence.Of.HALTS);
        if (why instanceof RemovedException) {
            removed = true;
            site.invariants().saysItWasRemoved(index);
            world.after(0, () -> crash(false));
            return;
        }
        boolean impatient = life != null && life.tried
                && String.valueOf(why.getMessage()).contains("has not answered");
        // A log that begins anew needs a file at once. Nothing else may run into the end of a disk.
        boolean noRoom = why instanceof Disk.DiskFullException && disks.log.isFull()
                && Arrays.stream(why.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("restart"));
        if (!disks.haveFailed() && !impatient && !noRoom)
            world.violated("n" + (index + 1) + " stopped without a reason: "
                    + Failures.describe(why));
        // What a failed sync has dropped is gone for good: the machine is switched off and on.
        boolean failed = disks.haveFailed();
        world.after(0, () -> crash(failed));
    }

    /// The process ends as on SIGTERM: it says good-bye.
    void stopGracefully() {
        var stopping = life;
        if (stopping == null) return;
        site.world().note(index, "is told to stop", null, 0);
        site.world().evidence().count(Evidence.Of.STOPS);
        onLoop(node -> node.close(() -> site.world().after(0, () -> {
            if (life == stopping) crash(false);
        })));
    }

    /// The process ends at once.
    ///
    /// @param power whether the whole machine does: what was not synced may be lost, and nobody is told
    void crash(boolean power) {
        var ended = life;
        if (ended == null) return;
        var world = site.world();
        world.note(index, power ? "loses power" : "is killed", null, 0);
        world.evidence().count(power ? Evidence.Of.POWER_LOSSES : Evidence.Of.CRASHES);
        life = null;
        ended.loop.die();
        ended.transport.end(power);
        ended.diskThread.die();
        ended.background.die();
        if (power)
            disks.losePower();
        else
            disks.processDied();
        var told = List.copyOf(onDeath);
        onDeath.clear();
        told.forEach(Runnable::run);
        afterDeath.run();
    }

    /// Told after the end of every process.
    void afterDeath(Runnable listener) {
        afterDeath = listener;
    }

    /// Told once, when the present process ends.
    void onDeath(Runnable listener) {
        onDeath.add(listener);
    }

    void stopFor(long nanos) {
        if (life == null) return;
        life.tried = true;
        life.loop.stopUntil(site.world().now() + nanos);
    }

    /// Somebody sets the clock.
    void setWallClock(long offMillis) {
        clock.setWall(offMillis);
    }

    void jumpClock(long nanos) {
        clock.jump(nanos);
        trouble();
    }

    /// From now on it may lose patience with its disk.
    void trouble() {
        if (life != null) life.tried = true;
    }

    boolean isStopped() {
        return life != null && site.world().now() < life.loop.stoppedUntil();
    }

    /// Runs on the node's loop, if there is a process.
    void onLoop(Task task) {
        var present = life;
        if (present != null) present.loop.execute(() -> task.run(present.node));
    }

    /// Something to do with a node, on its loop.
    @FunctionalInterface
    interface Task {
        void run(Node node);
    }

    void transfer() {
        onLoop(node -> {
            if (isReady() && node.raft().leads()) {
                site.world().evidence().count(Evidence.Of.TRANSFERS);
                node.transfer(null, Duration.ofSeconds(1), done -> {
                    if (done)
                        site.world().evidence().count(Evidence.Of.HANDED_OVER);
                });
            }
        });
    }

    /// For the end of a run, between turns.
    @Nullable
    Raft raft() {
        return isReady() && life != null ? life.node.raft() : null;
    }

    boolean takesItselfForLeader() {
        var raft = raft();
        return raft != null && raft.leads();
    }

    boolean hasWrongTables() {
        return life != null && life.storage.get(SpoilableStorage.WRONG) != null;
    }

    /// Everything in its tables, as one number.
    long digest() {
        if (life == null) return 0;
        try (var view = life.storage.view()) {
            return view.digest() * 31 + view.revision().number();
        }
    }
}
