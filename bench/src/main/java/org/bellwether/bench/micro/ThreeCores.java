package org.bellwether.bench.micro;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Effects;
import org.bellwether.raft.Envelope;
import org.bellwether.raft.Event;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;
import org.bellwether.raft.Synced;

/// Three cores, the first of which leads, with no disk and no network between them.
final class ThreeCores {
    static final NodeId LEADER = new NodeId(new UUID(1, 1));
    static final List<NodeId> FOLLOWERS = List.of(new NodeId(new UUID(1, 2)),
            new NodeId(new UUID(1, 3)));

    private final Map<NodeId, Raft> cores = new TreeMap<>();
    private final Deque<Delivery> underway = new ArrayDeque<>();

    private record Delivery(NodeId from, Envelope envelope) {}

    ThreeCores() {
        var members = new ArrayList<Member>();
        for (int i = 1; i <= 3; i++) {
            members.add(new Member(new NodeId(new UUID(1, i)), "n" + i, true,
                    new Address("localhost", i), new Address("localhost", i)));
        }
        var bootstrap = new Membership(new ClusterId(new UUID(1, 2)), members).bootstrapEntry();
        var config = new RaftConfig(10, 100, 5, 1 << 26, 1 << 20, 1 << 20, 32);
        for (var member : members) {
            cores.put(member.id(), new Raft(member.id(), config, bound -> bound / 2,
                    new Ballot(bootstrap.term(), null), Position.NONE,
                    List.of(bootstrap.position()), bootstrap.position(), bootstrap.index(),
                    List.of(), List.of(bootstrap)));
        }
        for (var member : members) {
            for (var other : members) {
                if (!member.equals(other)) step(member.id(), new Event.Connected(other.id()));
            }
        }
        for (int tick = 0; tick < 400 && !leader().leads(); tick++)
            step(LEADER, new Event.Tick());
        if (!leader().leads()) throw new IllegalStateException("nobody was elected");
    }

    Raft leader() {
        return core(LEADER);
    }

    private Raft core(NodeId node) {
        return Objects.requireNonNull(cores.get(node));
    }

    /// This event at this core, and everything that follows from it at all of them.
    void step(NodeId at, Event event) {
        perform(at, event);
        while (!underway.isEmpty()) {
            var next = underway.removeFirst();
            perform(next.envelope.to(),
                    new Event.Received(next.from, next.envelope.message()));
        }
    }

    /// The disk keeps everything at once.
    private void perform(NodeId at, Event event) {
        var core = core(at);
        Effects effects = core.step(event);
        send(at, effects.sendNow());
        if (effects.persist() != null)
            perform(at, new Event.DiskSynced(new Synced(core.last(), core.ballot())));
        send(at, effects.sendWhenSynced());
    }

    private void send(NodeId from, List<Envelope> envelopes) {
        for (var envelope : envelopes)
            underway.addLast(new Delivery(from, envelope));
    }
}
