package org.bellwether.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.NodeId;

/// A few cores and the network between them. Nothing happens by itself: a test ticks, delivers, drops. Links
/// are first in, first out; what is sent over a cut link is lost. [Rules] watch every step.
///
/// Without a script, dice favour the first: n1 always waits the shortest, so it campaigns before the others.
final class Cores {
    /// 10 ms ticks: heartbeat 100 ms, election timeout 1 to 2 s, hint 10 to 50 ms.
    static final RaftConfig CONFIG = new RaftConfig(10, 100, 5, 1 << 20, 1 << 20, 1 << 16, 4);

    record Packet(Core from, Core to, Message message) {}

    final List<Core> all = new ArrayList<>();
    final List<Packet> wire = new ArrayList<>();
    final Rules rules = new Rules();
    /// Whether [#run] brings snapshots to whoever wants one.
    boolean snapshotsTravel;
    private final TreeSet<String> cut = new TreeSet<>();
    private final TreeSet<String> linked = new TreeSet<>();
    private Predicate<Packet> lost = _ -> false;

    Cores(int voters) {
        this(voters, 0, CONFIG, Core.Maker.HONEST);
    }

    Cores(int voters, int learners, RaftConfig config, Core.Maker maker) {
        int count = voters + learners;
        var bootstrap = membership(voters, learners).bootstrapEntry();
        for (int i = 1; i <= count; i++) {
            place(new Core(new Core.Member("n" + i, id(i), i, count), bootstrap, config, maker));
        }
    }

    private void place(Core core) {
        core.network = envelope -> sent(core, envelope);
        core.watcher = effects -> rules.check(core, effects);
        all.add(core);
    }

    /// A newcomer, linked to all who are up.
    void join(Core core) {
        place(core);
        openLinks(core);
    }

    static NodeId id(int number) {
        return new NodeId(new UUID(0x01900000_0000_7000L, 0x80000000_00000000L + number));
    }

    static Membership membership(int voters, int learners) {
        var members = new ArrayList<org.bellwether.api.Member>();
        for (int i = 1; i <= voters + learners; i++) {
            members.add(new org.bellwether.api.Member(id(i), "n" + i, i <= voters,
                    new Address("n" + i, 1), new Address("n" + i, 2)));
        }
        return new Membership(new ClusterId(new UUID(0x01900000_0000_7000L, 1L << 63)), members);
    }

    Core n(int number) {
        return all.get(number - 1);
    }

    Core named(String name) {
        return all.stream().filter(core -> core.name.equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError("no node " + name));
    }

    Core with(NodeId id) {
        return all.stream().filter(core -> core.id.equals(id)).findFirst()
                .orElseThrow(() -> new AssertionError("no node " + id));
    }

    List<Core> up() {
        return all.stream().filter(Core::isUp).toList();
    }

    List<Core> others(Core core) {
        return all.stream().filter(other -> other != core).toList();
    }

    // The network.

    private static String link(Core from, Core to) {
        return from + ">" + to;
    }

    private void sent(Core from, Envelope envelope) {
        rules.leaves(from, envelope);
        var packet = new Packet(from, with(envelope.to()), envelope.message());
        if (!cut.contains(link(from, packet.to)) && !lost.test(packet)) wire.add(packet);
    }

    /// Loses every packet of this kind, until told otherwise.
    void lose(Predicate<Packet> lost) {
        this.lost = lost;
    }

    void loseNothing() {
        lost = _ -> false;
    }

    /// What is sent from one to the other is lost; the link stays open.
    void cut(Core from, Core to) {
        cut.add(link(from, to));
        wire.removeIf(packet -> packet.from == from && packet.to == to);
    }

    /// Cuts this node off from all others, both ways, without a sign.
    void isolate(Core core) {
        for (var other : others(core)) {
            cut(core, other);
            cut(other, core);
        }
    }

    void split(List<Core> side) {
        for (var one : side) {
            for (var other : all) {
                if (side.contains(other)) continue;
                cut(one, other);
                cut(other, one);
            }
        }
    }

    void heal() {
        cut.clear();
    }

    /// Opens the links of all who are up.
    Cores link() {
        for (var core : up())
            openLinks(core);
        return this;
    }

    void openLinks(Core core) {
        for (var other : others(core)) {
            if (!other.isUp() || !linked.add(link(core, other))) continue;
            linked.add(link(other, core));
            core.step(new Event.Connected(other.id));
            other.step(new Event.Connected(core.id));
        }
    }

    void closeLinks(Core core) {
        for (var other : others(core))
            closeLink(core, other);
    }

    /// Both directions; what is under way is lost.
    void closeLink(Core one, Core other) {
        boolean wasOpen = linked.remove(link(one, other));
        if (!wasOpen) return;
        linked.remove(link(other, one));
        wire.removeIf(packet -> packet.from == one && packet.to == other
                || packet.from == other && packet.to == one);
        if (one.isUp()) one.step(new Event.Disconnected(other.id));
        if (other.isUp()) other.step(new Event.Disconnected(one.id));
    }

    boolean isLinked(Core one, Core other) {
        return linked.contains(link(one, other));
    }

    void crash(Core core) {
        core.crash();
        wire.removeIf(packet -> packet.to == core);
        closeLinks(core);
    }

    void restart(Core core) {
        core.start();
        openLinks(core);
    }

    // Delivery.

    void deliver(Packet packet) {
        if (packet.to.isUp()) packet.to.receive(packet.from, packet.message);
    }

    boolean deliverFirst(Predicate<Packet> wanted) {
        for (int i = 0; i < wire.size(); i++) {
            if (!wanted.test(wire.get(i))) continue;
            deliver(wire.remove(i));
            return true;
        }
        return false;
    }

    /// Delivers what is under way now, and not yet what that leads to.
    void exchange() {
        var now = List.copyOf(wire);
        wire.clear();
        now.forEach(this::deliver);
    }

    /// Delivers everything under way, and whatever that leads to.
    void settle() {
        settle(_ -> true);
    }

    void settle(Predicate<Packet> wanted) {
        for (int i = 0; deliverFirst(wanted); i++) {
            if (i > 50_000) throw new AssertionError("the network never falls silent: " + wire);
        }
    }

    /// Time passes for all, and what is sent arrives.
    void run(int ticks) {
        for (int i = 0; i < ticks; i++) {
            for (var core : up())
                core.tick();
            settle();
            if (snapshotsTravel) sendSnapshots();
        }
    }

    private void sendSnapshots() {
        for (var core : up()) {
            var from = core.wantsSnapshotFrom;
            if (from != null && with(from).isUp()) core.install(with(from).applied);
        }
        settle();
    }

    /// Lets time pass until one of those who are up leads and everybody knows.
    Core elect() {
        for (int i = 0; i < 5_000; i++) {
            run(1);
            var leaders = up().stream().filter(core -> core.raft().leads()).toList();
            if (leaders.size() == 1 && up().stream()
                    .allMatch(core -> leaders.getFirst().id.equals(core.raft().leader())))
                return leaders.getFirst();
        }
        throw new AssertionError("no leader in 5,000 ticks");
    }

    /// Lets time pass until this node leads; it has to be the first whose patience ends.
    Core elect(Core core) {
        for (int i = 0; !core.raft().leads(); i++) {
            if (i > 1_000) throw new AssertionError(core + " does not win");
            run(1);
        }
        return core;
    }

    /// The same, but only for this node does time pass: the others wait to be asked.
    void electAlone(Core core) {
        for (int i = 0; !core.raft().leads(); i++) {
            if (i > 1_000) throw new AssertionError(core + " does not win");
            core.tick();
            settle();
        }
    }
}
