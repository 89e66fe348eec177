package org.bellwether.bench.micro;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// What consensus itself costs: one entry from its proposal until all three cores have handed it out, with no
/// disk and no network between them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RaftBenchmark {
    private static final byte[] PAYLOAD = new byte[150];

    private final Map<NodeId, Raft> cores = new TreeMap<>();
    private final Deque<Delivery> underway = new ArrayDeque<>();
    private NodeId leader = new NodeId(new UUID(1, 1));

    private record Delivery(NodeId from, Envelope envelope) {}

    @Setup
    public void elect() {
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
        for (int tick = 0; tick < 400 && !core(leader).leads(); tick++)
            step(leader, new Event.Tick());
        if (!core(leader).leads()) throw new IllegalStateException("nobody was elected");
    }

    private Raft core(NodeId node) {
        return Objects.requireNonNull(cores.get(node));
    }

    private void step(NodeId at, Event event) {
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

    @Benchmark
    public long round() {
        step(leader, new Event.Propose(List.of(PAYLOAD)));
        // The commit index travels with the next message.
        step(leader, new Event.Tick());
        return core(leader).appliedIndex();
    }
}
