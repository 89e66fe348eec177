package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Consistency;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.node.Seat;
import org.bellwether.raft.Membership;
import org.bellwether.simulation.history.Linearizability;
import org.bellwether.simulation.history.RevisionOrder;
import org.bellwether.simulation.history.Verdict;
import org.jspecify.annotations.Nullable;

/// One run of a whole cluster on virtual time, decided by one number: who the nodes are, what breaks when,
/// what clients ask. First harm is done, then it ends, and the cluster must be whole again within a
/// bounded time. After every event [Invariants] looks on; at the end the clients' histories are judged.
///
/// The idea is FoundationDB's and TigerBeetle's; the code under test is the product's own, down to the log's
/// files.
public final class Simulation {
    private static final long HEALING_MAX = 30 * World.SECOND;
    private static final long STEP = 10 * World.MILLI;
    private static final int LINES_KEPT = 120;
    private static final int APPLIED_MIN = 15;

    private final long seed;
    private final Plan plan;
    private final Trace trace;
    private final World world;
    private final SimulatedNetwork network;
    private final Invariants invariants;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Nemesis nemesis;
    private final Workload workload;
    private final Accounts accounts;

    /// Runs one seed with the real parts.
    public static Report run(long seed) {
        return run(seed, Wiring.REAL, false);
    }

    /// @param wiring    what a test put between the parts
    /// @param keepTrace whether all of the trace is kept, not only its end
    public static Report run(long seed, Wiring wiring, boolean keepTrace) {
        return new Simulation(seed, wiring, keepTrace).run();
    }

    private Simulation(long seed, Wiring wiring, boolean keepTrace) {
        this.seed = seed;
        var chance = new Chance(seed);
        this.plan = Plan.of(chance.split());
        this.trace = new Trace(LINES_KEPT, keepTrace);
        this.world = new World(trace);
        var identities = chance.split();
        var ids = new NodeId[plan.nodes() + plan.outsiders()];
        var members = new ArrayList<Member>();
        for (int i = 0; i < plan.nodes(); i++) {
            ids[i] = new NodeId(new UUID(0x0190_0000_0000_7000L + i, identities.number()));
            members.add(new Member(ids[i], "n" + (i + 1), true,
                    new Address("10.0.0." + (i + 1), 7501),
                    new Address("10.0.0." + (i + 1), 7401)));
        }
        var cluster = new ClusterId(new UUID(identities.number(), identities.number()));
        for (int i = plan.nodes(); i < ids.length; i++)
            ids[i] = new NodeId(new UUID(-1, i));
        var bootstrap = new Membership(cluster, members).withLeaseReads(plan.leaseReads())
                .bootstrapEntry();
        this.network = new SimulatedNetwork(world, chance.split(), plan.weather(), ids);
        this.invariants = new Invariants(world, ids, plan.nodes(), bootstrap, wiring.blind());
        var newcomers = chance.split();
        long[] made = {plan.nodes()};
        var site = new SimulatedNode.Site(world, network, invariants, wiring, plan.config(),
                plan.upkeep(), plan.limits(), plan.logConfig(), () -> new NodeId(
                        new UUID(0x0190_0000_0000_7000L + made[0]++, newcomers.number())));
        for (int i = 0; i < ids.length; i++) {
            var machine = chance.split();
            var disk = new SimulatedDisk(world, machine.split(), i, plan.diskMicros());
            int perMille = 1000 + (i % 2 == 0 ? plan.clockDriftPerMille() : 0);
            var clock = new SimulatedLoop.Clock(world, perMille,
                    machine.between(0, 1000 * World.SECOND));
            var tables = new SimulatedDisk(world, machine.split(), i, plan.diskMicros());
            var node = new SimulatedNode(site, i, cluster, machine,
                    new SimulatedNode.Disks(disk, tables), clock);
            if (i < plan.nodes()) node.bootstrap(Seat.of(members.get(i)), bootstrap);
            nodes.add(node);
        }
        this.nemesis = new Nemesis(world, chance.split(), network, nodes, invariants,
                plan.meanNanosBetweenFaults());
        this.workload = new Workload(world, chance.split(), nodes, invariants, plan.mix());
        this.accounts = new Accounts(world, chance.split(), nodes, invariants);
    }

    private Report run() {
        for (var node : nodes)
            world.after(node.index() * World.MILLI, node::start);
        workload.start();
        accounts.start();
        world.runUntil(World.SECOND);
        nemesis.start();
        world.runUntil(World.SECOND + plan.harmNanos());
        nemesis.makePeace();
        world.runUntil(world.now() + World.SECOND / 2);
        workload.stop();
        accounts.stop();
        if (world.violation() == null) demandProgress();
        if (world.violation() == null) judge();
        long applied = world.evidence().of(Evidence.Of.WRITES_APPLIED);
        return new Report(seed, plan.toString(), world.violation(), applied < APPLIED_MIN,
                trace.digest(), world.happened(), world.now(), world.evidence(), trace.lines());
    }

    private void demandProgress() {
        long deadline = world.now() + HEALING_MAX;
        await(deadline, "everybody who asks is in, and everybody who is gone is out",
                nemesis::isQuiet);
        awaitApplied(deadline, "a write through every node is applied",
                (node, done) -> workload.writeThrough(node, "last" + node.index(), done));
        awaitApplied(deadline, "a linearizable read on every node is answered",
                (node, done) -> workload.readThrough(node, "last" + node.index(), done));
        await(deadline, "everybody is answered",
                () -> workload.isIdle() && accounts.isIdle());
        await(deadline, "whatever expires is gone", () -> !invariants.isAnythingExpiring());
        await(deadline, "all nodes have applied all that is committed, and hold the same",
                this::areLevel);
        for (var node : nodes) {
            if (!counts(node)) continue;
            for (var key : workload.activeKeys())
                workload.read(plan.mix().clients() + node.index(), node, key,
                        Consistency.LINEARIZABLE);
        }
        await(deadline, "every last read is answered", workload::isIdle);
    }

    /// One that was removed while it was down, and whose whole list is gone since, has nobody left who could tell it.
    private boolean counts(SimulatedNode node) {
        var raft = node.raft();
        if (!node.belongs() || node.id() == null || raft == null
                || !invariants.wasRemoved(node.id())) {
            return node.belongs();
        }
        var known = raft.membership().members().stream().map(Member::id).toList();
        return nodes.stream().anyMatch(other -> other != node && other.belongs()
                && known.contains(other.id()));
    }

    private void awaitApplied(long deadline, String what,
            BiConsumer<SimulatedNode, Consumer<Outcome>> request) {
        boolean[] applied = new boolean[nodes.size()];
        for (var node : nodes)
            repeatUntilApplied(node, request, applied, deadline);
        await(deadline, what,
                () -> nodes.stream().allMatch(node -> applied[node.index()] || !counts(node)));
    }

    private void repeatUntilApplied(SimulatedNode node,
            BiConsumer<SimulatedNode, Consumer<Outcome>> request, boolean[] applied,
            long deadline) {
        if (world.now() > deadline || !counts(node)) return;
        if (!node.isUp() || node.isStopped()) {
            world.after(20 * World.MILLI,
                    () -> repeatUntilApplied(node, request, applied, deadline));
            return;
        }
        request.accept(node, outcome -> {
            if (outcome instanceof Outcome.Applied)
                applied[node.index()] = true;
            else
                world.after(50 * World.MILLI,
                        () -> repeatUntilApplied(node, request, applied, deadline));
        });
    }

    private boolean areLevel() {
        long digest = 0;
        for (var node : nodes) {
            if (!counts(node)) continue;
            if (digest == 0) digest = node.digest();
            if (!node.isReady() || invariants.appliedBy(node.index()) != invariants
                    .committedThrough()) {
                return false;
            }
            if (!invariants.wrongTablesMayStay()
                    && (node.digest() != digest || node.hasWrongTables())) {
                return false;
            }
        }
        return true;
    }

    private void await(long deadline, String what, BooleanSupplier holds) {
        while (world.violation() == null && !holds.getAsBoolean()) {
            if (world.now() >= deadline) {
                world.violated("no progress: %d s after all faults ended it is not true that %s; %s"
                        .formatted(HEALING_MAX / World.SECOND, what, describeNodes()));
                return;
            }
            world.runUntil(world.now() + STEP);
        }
    }

    private String describeNodes() {
        var text = new StringBuilder("committed ").append(invariants.committedThrough());
        for (var node : nodes) {
            var raft = node.raft();
            text.append("; n").append(node.index() + 1).append(raft == null
                    ? (node.isUp()
                            ? " is starting"
                            : node.belongs() ? " is down" : " does not belong")
                    : "%s in term %d, last %s, committed %d, applied %d".formatted(
                            raft.leads() ? " leads" : " follows", raft.term(), raft.last(),
                            raft.commitIndex(), invariants.appliedBy(node.index())));
        }
        return text.append("; unanswered: ").append(workload.describePending()).toString();
    }

    private void judge() {
        workload.histories().forEach((key, operations) -> {
            String why = complaint(Linearizability.check(operations));
            if (why != null)
                world.violated("the history of " + key + " is not linearizable: " + why);
        });
        String why = complaint(
                RevisionOrder.check(workload.claims(), workload.openDeletes()));
        if (why != null) world.violated("the revisions contradict each other: " + why);
    }

    private static @Nullable String complaint(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Ok() -> null;
            case Verdict.Illegal(var why) -> why;
            case Verdict.Unknown(var why) -> "it cannot be told, " + why;
        };
    }
}
