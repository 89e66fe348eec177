package org.bellwether.bench.micro;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Event;
import org.bellwether.raft.Message;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.Synced;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// What consensus itself costs, with no disk and no network: one entry from its proposal until all three cores have
/// handed it out, and by themselves the two steps that a leader makes for each entry, a proposal and the
/// acknowledgement that commits it.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RaftBenchmark {
    private static final byte[] PAYLOAD = new byte[150];
    /// In one go, lest the clock be measured; fewer than a leader sends unanswered.
    private static final int STEPS = 16;

    @State(Scope.Thread)
    public static class Cluster {
        private final ThreeCores cores = new ThreeCores();
    }

    @Benchmark
    public long round(Cluster cluster) {
        cluster.cores.step(ThreeCores.LEADER, propose());
        // The commit index travels with the next message.
        cluster.cores.step(ThreeCores.LEADER, new Event.Tick());
        return cluster.cores.leader().appliedIndex();
    }

    private static Event propose() {
        return new Event.Propose(List.of(PAYLOAD));
    }

    /// A leader whose followers are never run: what they would say is said by hand.
    private static final class Leading {
        private final Raft raft = new ThreeCores().leader();

        Position propose() {
            raft.step(RaftBenchmark.propose());
            return raft.last();
        }

        void sync() {
            raft.step(new Event.DiskSynced(new Synced(raft.last(), raft.ballot())));
        }

        Event ack(NodeId from, Position matched) {
            return new Event.Received(from,
                    new Message.AppendAck(raft.ballot().term(), matched));
        }

        void settle() {
            sync();
            for (var follower : ThreeCores.FOLLOWERS)
                raft.step(ack(follower, raft.last()));
            if (raft.appliedIndex() != raft.last().index())
                throw new IllegalStateException("not everything is committed");
        }
    }

    @State(Scope.Thread)
    public static class Settled {
        private final Leading leader = new Leading();

        @Setup(Level.Invocation)
        public void settle() {
            leader.settle();
        }
    }

    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void propose(Settled state, Blackhole hole) {
        for (int i = 0; i < STEPS; i++)
            hole.consume(state.leader.raft.step(propose()));
    }

    /// Entries that are synced here and sent, and what one follower says to each: that makes a majority.
    @State(Scope.Thread)
    public static class Proposed {
        private final Leading leader = new Leading();
        private final List<Event> acks = new ArrayList<>();

        @Setup(Level.Invocation)
        public void propose() {
            leader.settle();
            acks.clear();
            for (int i = 0; i < STEPS; i++)
                acks.add(leader.ack(ThreeCores.FOLLOWERS.getFirst(), leader.propose()));
            leader.sync();
        }
    }

    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void acknowledge(Proposed state, Blackhole hole) {
        for (var ack : state.acks)
            hole.consume(state.leader.raft.step(ack));
    }
}
