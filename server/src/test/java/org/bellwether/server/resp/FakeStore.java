package org.bellwether.server.resp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.Backup;
import org.bellwether.api.Bytes;
import org.bellwether.api.ChangeFeed;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterId;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Comparison;
import org.bellwether.api.Consistency;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.Messages;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.api.RespAddresses;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.machine.CommandCodec;
import org.bellwether.machine.Machine;
import org.bellwether.machine.Payload;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// A store that answers when it is told to, and what it is told to; else what the state machine says. It is one of three
/// nodes, the one that leads if not said otherwise. On the loop only.
final class FakeStore implements KeyValueStore, Messages, ChangeFeed {
    private final List<Messages.Listener> listeners = new ArrayList<>();
    private final MemoryStorage tables = new MemoryStorage();
    private final Machine machine = new Machine(tables);
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final Limits limits;
    /// What was asked, in its order.
    final List<String> asked = new ArrayList<>();
    /// What it was told that it would be asked for.
    final List<Bytes> expected = new ArrayList<>();
    /// How many reads were performed.
    int found;
    boolean holds;
    boolean leads = true;
    @Nullable
    Outcome outcome;
    /// How far this node is; null for as far as everybody.
    @Nullable
    Revision appliedHere;
    long replicasApplied;
    /// Where Redis clients reach the third node.
    @Nullable
    Address third = new Address("10.0.0.3", 6400);
    boolean hasLeader = true;
    boolean leaderServes = true;
    /// Whether nobody can ask how this node is, and how often that was tried.
    boolean broken;
    int brokenLooks;
    /// Members that were not heard lately, by their numbers.
    final Set<Integer> silent = new HashSet<>();
    Duration toldAgo = Duration.ZERO;
    int clusterLooks;
    private long clusterMillis = 1_000_000;
    /// Whether it is as late as the wall clock says, whenever something is asked.
    boolean followsClock;

    FakeStore(Limits limits) {
        this.limits = limits;
        machine.apply(1, Payload.raise(Machine.VERSION, clusterMillis));
    }

    @Override
    public void write(Command command, Ack ack, Duration timeout, Consumer<? super Outcome> reply) {
        asked(command.getClass().getSimpleName());
        var refusal = limits.check(command);
        if (refusal != null) {
            reply.accept(new Outcome.Refused(refusal));
        } else {
            answer(() -> reply.accept(outcome == null ? apply(command) : outcome));
        }
    }

    @Override
    public void read(Read read, Consistency consistency, Duration timeout,
            Consumer<? super Outcome> reply) {
        asked(consistency.getClass().getSimpleName());
        var refusal = limits.check(read);
        if (refusal != null) {
            reply.accept(new Outcome.Refused(refusal));
        } else {
            answer(() -> {
                var unread = reply instanceof ReadCaller caller ? caller.refusal() : null;
                reply.accept(unread != null ? unread : outcome == null ? find(read) : outcome);
            });
        }
    }

    @Override
    public void expect(List<Bytes> keys) {
        expected.addAll(keys);
    }

    private void asked(String what) {
        if (followsClock) {
            pass(Duration.ofMillis(System.currentTimeMillis() - clusterMillis));
        } else {
            asked.add(what);
        }
    }

    private void answer(Runnable answer) {
        if (holds) {
            held.add(answer);
        } else {
            answer.run();
        }
    }

    int heldCount() {
        return held.size();
    }

    void letGo() {
        holds = false;
        while (!held.isEmpty())
            held.remove().run();
    }

    /// The last first: as reads may be, that need not wait for the disk.
    void letGoBackwards() {
        holds = false;
        while (!held.isEmpty())
            held.removeLast().run();
    }

    private Outcome find(Read read) {
        found++;
        return switch (read) {
            case Read.Plain plain -> machine.read(plain);
            case Read.Scan scan -> {
                var keys = new ArrayList<Bytes>();
                try (var view = tables.view()) {
                    long stamp = view.mark().stamp();
                    view.scan(scan.after() == null ? Bytes.EMPTY : View.after(scan.after()),
                            (key, value) -> {
                                if (!value.isExpiredAt(stamp)) keys.add(key);
                                return keys.size() < scan.count();
                            });
                }
                yield new Outcome.Applied(new Result.Page(keys), tables.revision());
            }
        };
    }

    private Outcome apply(Command command) {
        if (command instanceof Command.Change)
            return new Outcome.Applied(Result.Done.DONE, tables.revision());
        var payload = Payload.of(clusterMillis(), List.of(CommandCodec.encode(command)));
        return machine.apply(tables.applied() + 1, payload).getFirst();
    }

    @Override
    public void publish(Bytes channel, Bytes message) {
        listeners.forEach(listener -> listener.published(channel, message));
    }

    @Override
    public void listen(Messages.Listener listener) {
        listeners.add(listener);
    }

    @Override
    public void follow(Follower follower) {
        machine.follow(follower);
    }

    @Override
    public void unfollow(Follower follower) {
        machine.unfollow(follower);
    }

    /// Later than it was, by so much. What has expired by now goes the next time.
    void pass(Duration time) {
        var due = tables.expiring(clusterMillis, Limits.DUE_KEYS_MAX);
        if (!due.isEmpty())
            machine.apply(tables.applied() + 1, Payload.due(clusterMillis, due));
        clusterMillis += time.toMillis();
        machine.apply(tables.applied() + 1, Payload.of(clusterMillis, List.of()));
    }

    @Override
    public long clusterMillis() {
        return clusterMillis;
    }

    @Override
    public @Nullable Backup backup() {
        return null;
    }

    @Override
    public void compare(long index, Duration timeout, Consumer<? super Comparison> opened,
            Consumer<String> refused) {
        refused.accept("this is a fake");
    }

    private Member member(int number) {
        return new Member(new NodeId(new UUID(7, number)), "n" + number, true,
                new Address("127.0.0.1", 7500 + number), new Address("127.0.0.1", 7400 + number),
                new RespAddresses(number == 3 ? third : new Address("10.0.0." + number, 6400),
                        new Address("10.0.0." + number, 6500)));
    }

    private @Nullable Member leader() {
        return hasLeader ? member(leads ? 1 : 2) : null;
    }

    @Override
    public NodeView node() {
        var applied = appliedHere == null ? tables.revision() : appliedHere;
        if (broken) {
            brokenLooks++;
            throw new IllegalStateException("this is a test");
        }
        return new NodeView(member(1), leads, leader(), 3, leaderServes, applied,
                10 + applied.number(), Duration.ZERO, null);
    }

    @Override
    public ClusterView cluster() {
        clusterLooks++;
        var members = new ArrayList<ClusterView.Peer>();
        for (int i = 1; i <= 3; i++) {
            members.add(new ClusterView.Peer(member(i),
                    i == 1 ? node().appliedIndex() : replicasApplied, 0, 0,
                    Duration.ZERO,
                    silent.contains(i) ? Duration.ofSeconds(5) : Duration.ZERO, null,
                    Set.of()));
        }
        var leader = leader();
        return new ClusterView(new ClusterId(new UUID(7, 9)), 3,
                leader == null ? null : leader.id(), 5, false,
                members, toldAgo, List.of());
    }

    @Override
    public List<ClusterEvent> events(long after) {
        return List.of();
    }

    @Override
    public Limits limits() {
        return limits;
    }
}
