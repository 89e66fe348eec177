package org.bellwether.server.resp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.Backup;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterId;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Comparison;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// A store that answers when it is told to, and what it is told to; else what a map would. It is one of three
/// nodes, the one that leads if not said otherwise. On the loop only.
final class FakeStore implements KeyValueStore {
    private final Map<Bytes, Versioned> map = new TreeMap<>();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final Limits limits;
    /// What was asked, in its order.
    final List<String> asked = new ArrayList<>();
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
    private Revision revision = Revision.NONE;

    FakeStore(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void write(Command command, Ack ack, Duration timeout, Consumer<? super Outcome> reply) {
        asked.add(command.getClass().getSimpleName());
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
        asked.add(consistency.getClass().getSimpleName());
        var refusal = limits.check(read);
        if (refusal != null) {
            reply.accept(new Outcome.Refused(refusal));
        } else {
            answer(() -> reply.accept(outcome == null ? find(read) : outcome));
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
        return switch (read) {
            case Read.Get(var key) -> {
                var value = map.get(key);
                yield new Outcome.Applied(
                        value == null ? Result.Absent.ABSENT : new Result.Found(value), revision);
            }
        };
    }

    private Outcome apply(Command command) {
        return switch (command) {
            case Command.Single single -> {
                if (!holds(single)) yield failed();
                revision = revision.next();
                yield new Outcome.Applied(change(single), revision);
            }
            case Command.Batch(var commands) -> {
                for (var each : commands) {
                    if (!holds(each)) yield failed();
                }
                revision = revision.next();
                yield new Outcome.Applied(
                        new Result.Batch(commands.stream().map(this::change).toList()), revision);
            }
            case Command.Change _ -> new Outcome.Applied(Result.Done.DONE, revision);
        };
    }

    private Outcome failed() {
        return new Outcome.Refused(new Refusal.ConditionFailed(null, revision));
    }

    private boolean holds(Command.Single command) {
        boolean exists = map.containsKey(command.key());
        return switch (command.condition()) {
            case Condition.Always _ -> true;
            case Condition.Absent _ -> !exists;
            case Condition.Exists _ -> exists;
            case Condition.At _ -> false;
        };
    }

    private Result change(Command.Single command) {
        return switch (command) {
            case Command.Put put -> new Result.Written(map.put(put.key(),
                    new Versioned(put.value(), revision, revision, 1)) == null);
            case Command.Delete delete -> new Result.Deleted(map.remove(delete.key()) != null);
        };
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
                number == 3 ? third : new Address("10.0.0." + number, 6400));
    }

    private @Nullable Member leader() {
        return hasLeader ? member(leads ? 1 : 2) : null;
    }

    @Override
    public NodeView node() {
        var applied = appliedHere == null ? revision : appliedHere;
        return new NodeView(member(1), leads, leader(), 3, applied,
                10 + applied.number(), Duration.ZERO, null);
    }

    @Override
    public ClusterView cluster() {
        var members = new ArrayList<ClusterView.Peer>();
        for (int i = 1; i <= 3; i++) {
            members.add(new ClusterView.Peer(member(i),
                    i == 1 ? node().appliedIndex() : replicasApplied, 0,
                    Duration.ZERO, Duration.ZERO, null));
        }
        var leader = leader();
        return new ClusterView(new ClusterId(new UUID(7, 9)), 3,
                leader == null ? null : leader.id(), 5,
                members, List.of());
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
