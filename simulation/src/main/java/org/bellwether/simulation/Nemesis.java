package org.bellwether.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bellwether.api.Command;
import org.bellwether.api.NodeId;

/// Does harm, as its seed has it: one fault after the other, several at a time, aimed at the leader half of
/// the time. Whoever dies is started again after a while.
final class Nemesis {
    private static final int DAY_MILLIS = 24 * 60 * 60 * 1000;

    /// Longer than a leader believes in somebody whom it does not hear.
    private static final long DOWN_BEFORE_WIPE_MIN = 600 * World.MILLI;

    private static final int PUT_BACK_TRIES = 8;

    private final World world;
    private final Chance chance;
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes;
    private final List<Fault> arsenal = new ArrayList<>();
    private final long meanNanosBetween;
    private boolean over;
    private int ambushesOfVoters;
    private boolean ambushOfLeader;
    private boolean quickRestart;
    private boolean spoilt;
    private final Invariants invariants;
    private final Set<SimulatedNode> askingIn = new LinkedHashSet<>();
    /// Switched off until somebody has changed the disk.
    private final Set<SimulatedNode> heldDown = new LinkedHashSet<>();
    /// Who was wiped, and is in the list still as far as is known.
    private final Set<NodeId> gone = new LinkedHashSet<>();

    /// The kinds of harm.
    enum Fault {
        KILL(8), STOP(3), POWER_LOSS(8), ALL_DOWN(2), PAUSE(5), STALL(4), ISOLATE(5), SPLIT(4), //
        ONE_WAY(4), CUT(5), FAIL_SYNC(2), FAIL_WRITE(2), HANG_DISK(3), SLOW_DISK(3), FULL_DISK(3), //
        JUMP_CLOCK(2), TRANSFER(5), AMBUSH_VOTERS(5), AMBUSH_LEADER(5), JOIN(8), LEASE_READS(4), //
        REMOVE(3), VOTERS(4), SPOIL_TABLES(3), SET_WALL_CLOCK(3), WIPE(4), PUT_BACK(4);

        private final int weight;

        Fault(int weight) {
            this.weight = weight;
        }
    }

    Nemesis(World world, Chance chance, SimulatedNetwork network, List<SimulatedNode> nodes,
            Invariants invariants, long meanNanosBetween) {
        invariants.watch(this::voted, this::tookOffice);
        this.world = world;
        this.invariants = invariants;
        this.chance = chance;
        this.network = network;
        this.nodes = nodes;
        this.meanNanosBetween = meanNanosBetween;
        // Runs differ in what they suffer from, else the harshest fault would hide the finer ones.
        for (var fault : Fault.values()) {
            if (chance.percent(60)) {
                for (int i = 0; i < fault.weight; i++)
                    arsenal.add(fault);
            }
        }
    }

    void start() {
        for (var node : nodes)
            node.afterDeath(() -> died(node));
        plan();
    }

    /// Whoever has just voted dies, and is back before the election is over.
    private void voted(int node) {
        if (over || ambushesOfVoters == 0) return;
        ambushesOfVoters--;
        boolean power = chance.percent(50);
        world.after(chance.between(0, World.MILLI), () -> {
            quickRestart = true;
            nodes.get(node).crash(power);
            quickRestart = false;
        });
    }

    /// Whoever has just been elected dies or is cut off, with the first entries of its term half way.
    private void tookOffice(int node) {
        if (over || !ambushOfLeader) return;
        ambushOfLeader = chance.percent(50);
        boolean dies = chance.percent(60);
        world.after(chance.between(0, 12 * World.MILLI), () -> {
            if (over) return;
            if (dies)
                nodes.get(node).crash(chance.percent(50));
            else
                partition(Fault.ISOLATE, node);
        });
    }

    private void died(SimulatedNode node) {
        if (!node.belongs() || heldDown.contains(node)) return;
        long delay = quickRestart
                ? chance.between(0, 4 * World.MILLI)
                : over
                        ? chance.between(5 * World.MILLI, 50 * World.MILLI)
                        : chance.between(5 * World.MILLI,
                                (chance.percent(15) ? 5_000 : 1_200) * World.MILLI);
        world.after(delay, node::start);
        if (nodes.stream().noneMatch(SimulatedNode::isUp))
            world.evidence().count(Evidence.Of.ALL_DOWN);
    }

    private void plan() {
        world.after(chance.untilNext(meanNanosBetween), () -> {
            if (over || arsenal.isEmpty()) return;
            strike(arsenal.get(chance.below(arsenal.size())));
            plan();
        });
    }

    private void strike(Fault fault) {
        var victim = victim();
        world.note(victim.index(), "fault", fault, fault.weight);
        switch (fault) {
            case KILL -> victim.crash(false);
            case STOP -> victim.stopGracefully();
            case POWER_LOSS -> victim.crash(true);
            case ALL_DOWN -> {
                boolean power = chance.percent(60);
                nodes.forEach(node -> node.crash(power));
            }
            case PAUSE -> {
                world.evidence().count(Evidence.Of.PAUSES);
                victim.stopFor(chance.between(20 * World.MILLI, 1_500 * World.MILLI));
            }
            case STALL -> stall(victim);
            case ISOLATE, SPLIT, ONE_WAY -> partition(fault, victim.index());
            case CUT -> {
                int other = chance.below(nodes.size());
                if (other != victim.index()) network.cut(victim.index(), other, chance.percent(40));
            }
            case FAIL_SYNC -> {
                either(victim).failSync(chance.below(10));
                victim.trouble();
            }
            case FAIL_WRITE -> {
                either(victim).failWrite(chance.below(10));
                victim.trouble();
            }
            case HANG_DISK -> {
                world.evidence().count(Evidence.Of.HANGING_DISKS);
                victim.trouble();
                either(victim).hangUntil(
                        world.now() + chance.between(100 * World.MILLI, 4 * World.SECOND));
            }
            case SLOW_DISK -> slow(victim);
            case FULL_DISK -> fill(victim);
            case JUMP_CLOCK -> {
                world.evidence().count(Evidence.Of.CLOCK_JUMPS);
                victim.jumpClock(chance.between(10 * World.MILLI, 2 * World.SECOND));
            }
            case SET_WALL_CLOCK -> {
                world.evidence().count(Evidence.Of.WALL_JUMPS);
                victim.setWallClock(chance.between(-DAY_MILLIS, DAY_MILLIS));
            }
            case TRANSFER -> transfer();
            case JOIN -> {
                for (var node : nodes) {
                    if (node.isOutsider() && askingIn.add(node)) {
                        node.join(this::anyUp);
                        break;
                    }
                }
            }
            case REMOVE -> {
                var id = victim.id();
                if (id != null && victim.belongs()) change(new Command.Remove(id));
            }
            case VOTERS -> change(new Command.SetVoters(chance.between(1, 5)));
            case LEASE_READS -> {
                world.evidence().count(Evidence.Of.LEASE_SWITCHES);
                change(new Command.SetLeaseReads(chance.percent(70)));
            }
            case SPOIL_TABLES -> spoil(victim);
            case WIPE -> wipe(victim);
            case PUT_BACK -> {
                var copy = victim.copyDisks();
                if (copy != null) putBackSoon(victim, copy, PUT_BACK_TRIES);
            }
            case AMBUSH_VOTERS -> {
                ambushesOfVoters = chance.between(1, nodes.size());
                victim.crash(false);
            }
            case AMBUSH_LEADER -> {
                ambushOfLeader = true;
                victim.crash(chance.percent(50));
            }
        }
    }

    /// Once in a run, and only where a majority is left that has not been touched: else nobody could tell. (Were it twice,
    /// who is of the majority at a marker could give wrong tables a moment later, and nobody could know.)
    private void spoil(SimulatedNode victim) {
        if (spoilt || !victim.isReady() || !invariants.canSpoil(victim.index()))
            return;
        spoilt = true;
        victim.spoilTables();
        // Of three, the two that are left contradict each other.
        var other = anyUp();
        if (other != victim && chance.percent(50)) partition(Fault.ISOLATE, other.index());
    }

    /// A machine loses its disk, and is given another. Only where a majority of the disks is left, else the cluster is
    /// lost. It is down for long enough for everybody to know: who is taken for living may be made a voter, or may be
    /// relied upon when another is removed.
    private void wipe(SimulatedNode victim) {
        if (!victim.belongs() || !heldDown.isEmpty() || !invariants.canLose(victim.index()))
            return;
        heldDown.add(victim);
        victim.crash(chance.percent(50));
        world.after(chance.between(DOWN_BEFORE_WIPE_MIN, 3 * DOWN_BEFORE_WIPE_MIN), () -> {
            if (!heldDown.remove(victim) || victim.isUp()) return;
            var was = victim.id();
            if (was == null || !victim.belongs() || !invariants.canLose(victim.index())) {
                victim.start();
                return;
            }
            victim.wipe();
            gone.add(was);
            askingIn.add(victim);
            world.after(chance.between(0, 2 * World.SECOND), () -> victim.join(this::anyUp));
            world.after(chance.between(0, 6 * World.SECOND), () -> takeOut(was));
        });
    }

    /// Somebody copies a folder, or a whole machine, and some time later has it back. As soon as the cluster can bear it, else
    /// never.
    private void putBackSoon(SimulatedNode victim, SimulatedNode.Copy copy, int triesLeft) {
        world.after(chance.between(50 * World.MILLI, 600 * World.MILLI), () -> {
            if (over || triesLeft == 0 || !copy.node().equals(victim.id())) return;
            if (!victim.isReady() || !victim.belongs() || heldDown.contains(victim)
                    || !invariants.canGoBack(victim.index(), copy.known())) {
                putBackSoon(victim, copy, triesLeft - 1);
                return;
            }
            victim.crash(chance.percent(50));
            victim.putBack(copy);
        });
    }

    /// If nobody has done it before, which is what a leader is for where it is told to.
    private void takeOut(NodeId was) {
        if (invariants.wasRemoved(was)) {
            if (gone.remove(was)) world.evidence().count(Evidence.Of.WIPED_REMOVED);
            return;
        }
        change(new Command.Remove(was));
        world.after(chance.between(200 * World.MILLI, World.SECOND), () -> takeOut(was));
    }

    private SimulatedDisk either(SimulatedNode victim) {
        return chance.percent(75) ? victim.disks().log() : victim.disks().tables();
    }

    private SimulatedNode victim() {
        if (chance.percent(50)) {
            for (var node : nodes) {
                var raft = node.raft();
                if (raft != null && raft.leads()) return node;
            }
        }
        return nodes.get(chance.below(nodes.size()));
    }

    /// Whoever is up, else the first of all, which will do nothing.
    private SimulatedNode anyUp() {
        var up = nodes.stream().filter(SimulatedNode::isUp).toList();
        return up.isEmpty() ? nodes.getFirst() : up.get(chance.below(up.size()));
    }

    private void change(Command.Change change) {
        anyUp().onLoop(node -> node.write(change, Duration.ofSeconds(2), outcome -> {
        }));
    }

    /// Whether everybody who asked in was let in, and everybody who is gone was taken out.
    boolean isQuiet() {
        return gone.isEmpty() && askingIn.stream().noneMatch(SimulatedNode::isOutsider);
    }

    private void slow(SimulatedNode victim) {
        world.evidence().count(Evidence.Of.SLOW_DISKS);
        victim.trouble();
        victim.disks().log().slowDown(chance.between(5, 60));
        world.after(chance.between(100 * World.MILLI, 2 * World.SECOND),
                () -> victim.disks().log().slowDown(1));
    }

    /// In some cases whoever hands over is cut off while the others elect the next.
    private void transfer() {
        nodes.forEach(SimulatedNode::transfer);
        var leader = nodes.stream().filter(SimulatedNode::takesItselfForLeader).findFirst();
        if (leader.isEmpty() || chance.percent(30)) return;
        world.after(chance.between(World.MILLI, 8 * World.MILLI), () -> {
            if (!over) partition(Fault.ISOLATE, leader.get().index());
        });
    }

    /// It stands still, with what it has heard so far unread, and is cut off when it goes on: what it knows of the
    /// others is as old as it can be.
    private void stall(SimulatedNode victim) {
        world.evidence().count(Evidence.Of.STALLS);
        victim.stopFor(chance.between(200 * World.MILLI, 1_200 * World.MILLI));
        world.after(chance.between(0, 40 * World.MILLI), () -> {
            if (!over) partition(Fault.ISOLATE, victim.index());
        });
    }

    private void fill(SimulatedNode victim) {
        world.evidence().count(Evidence.Of.FULL_DISKS);
        victim.disks().fill(chance.percent(50));
        world.after(chance.between(100 * World.MILLI, 3 * World.SECOND),
                () -> victim.disks().makeRoom());
    }

    private void partition(Fault fault, int victim) {
        if (nodes.size() == 1) return;
        world.evidence().count(fault == Fault.ONE_WAY
                ? Evidence.Of.ONE_WAY_PARTITIONS
                : Evidence.Of.PARTITIONS);
        boolean outgoing = chance.percent(50);
        boolean[] side = new boolean[nodes.size()];
        for (int i = 0; i < side.length; i++)
            side[i] = fault == Fault.SPLIT ? chance.percent(50) : i == victim;
        for (int from = 0; from < side.length; from++) {
            for (int to = 0; to < side.length; to++) {
                boolean apart = fault == Fault.ONE_WAY
                        ? side[outgoing ? from : to] && !side[outgoing ? to : from]
                        : side[from] != side[to];
                if (apart) network.block(from, to);
            }
        }
        if (chance.percent(40)) network.closeBlocked();
        world.after(chance.between(50 * World.MILLI, 2_500 * World.MILLI),
                network::unblockAll);
    }

    /// No more harm: everything is repaired, and everybody who is down starts.
    void makePeace() {
        over = true;
        heldDown.clear();
        network.unblockAll();
        network.calmDown();
        for (var node : nodes) {
            node.disks().heal();
            if (!node.isUp())
                world.after(chance.between(World.MILLI, 50 * World.MILLI), node::start);
        }
    }
}
