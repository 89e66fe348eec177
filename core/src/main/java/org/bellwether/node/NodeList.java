package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.EnumSet;
import java.util.TreeMap;
import org.bellwether.api.ClusterView;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Raft;
import org.bellwether.transport.PeerMessage.Census;
import org.bellwether.transport.PeerMessage.Heard;
import org.bellwether.transport.PeerMessage.Verdict;
import org.jspecify.annotations.Nullable;

/// Who belongs to the cluster, from the log or, before that says so, from the seat, and how they are, live: the leader
/// watches the replicas and sends them what it sees, the replicas watch the leader.
final class NodeList {
    private final NodeId self;
    private final Duration tick;
    private final Belonging belonging;
    private final CatchUps catchUps;
    private final NodeHealth health;
    private @Nullable Census census;
    private long censusNanos;
    private final Map<NodeId, Long> heardNanos = new TreeMap<>();
    private final Levels levels = new Levels();

    NodeList(NodeId self, Duration tick, Belonging belonging, CatchUps catchUps,
            NodeHealth health) {
        this.health = health;
        this.self = self;
        this.tick = tick;
        this.belonging = belonging;
        this.catchUps = catchUps;
    }

    void heard(NodeId peer, long nowNanos) {
        heardNanos.put(peer, nowNanos);
    }

    void received(Census latest, long nowNanos) {
        census = latest;
        censusNanos = nowNanos;
        levels.noted(latest, nowNanos);
    }

    /// Whether a leader of this term has told how all are.
    boolean wasToldIn(long term) {
        return census != null && census.term() == term;
    }

    /// What a leader tells the others, now and then, from when it serves.
    Census take(Raft raft, long applied, @Nullable Verdict verdict, long nowNanos) {
        var taken = take(raft, applied, verdict);
        levels.noted(taken, nowNanos);
        return taken;
    }

    private Census take(Raft raft, long applied, @Nullable Verdict verdict) {
        var nodes = new ArrayList<Heard>();
        for (var member : raft.membership().members()) {
            var report = raft.report(member.id());
            if (member.id().equals(self)) {
                nodes.add(new Heard(self, applied, 0, null));
            } else if (report != null) {
                nodes.add(new Heard(member.id(), report.appliedIndex(),
                        report.heardEver() ? report.silentTicks() * tick.toMillis() : -1,
                        catchUps.of(member.id())));
            }
        }
        return new Census(raft.term(), raft.commitIndex(), nodes, verdict);
    }

    /// @param undecided  whether the voters' tables differ, and no majority agrees
    /// @param levelNanos when this node was last known to be level with a leader; null if never
    ClusterView view(Raft raft, long applied, boolean undecided, @Nullable Long levelNanos,
            long nowNanos) {
        var latest = raft.leads() ? take(raft, applied, null) : census;
        long age = raft.leads() || latest == null ? 0 : (nowNanos - censusNanos) / 1_000_000;
        long commit = Math.max(raft.commitIndex(), latest == null ? 0 : latest.commitIndex());
        var peers = new ArrayList<ClusterView.Peer>();
        for (var member : belonging.members(raft.membership())) {
            var heard = find(latest, member.id());
            long itsApplied = member.id().equals(self)
                    ? applied
                    : heard == null ? 0 : heard.appliedIndex();
            long lag = Math.max(0, commit - itsApplied);
            var seen = health.of(member.id());
            peers.add(new ClusterView.Peer(member, itsApplied, lag,
                    lag == 0 ? 0 : seen == null ? -1 : seen.lagBytes(),
                    sinceLevel(raft, member.id(), lag, levelNanos, nowNanos),
                    sinceHeard(member.id(), heard, age, nowNanos),
                    heard == null ? null : heard.catchUp(),
                    seen == null
                            ? EnumSet.noneOf(ClusterView.Trouble.class)
                            : seen.troubles()));
        }
        return new ClusterView(raft.membership().cluster(), raft.term(), raft.leader(),
                raft.membership().votersTarget(), raft.membership().leaseReads(),
                List.copyOf(peers), Duration.ofMillis(age), warnings(raft, peers, undecided));
    }

    private static List<String> warnings(Raft raft, List<ClusterView.Peer> peers,
            boolean undecided) {
        var warnings = new ArrayList<String>();
        if (raft.leader() == null)
            warnings.add("no leader is known here: writes and linearizable reads wait for one");
        long voters = peers.stream().filter(peer -> peer.member().voter()).count();
        if (voters == 2) {
            warnings.add("2 voters: the loss of either stops writes");
        } else if (voters % 2 == 0) {
            warnings.add(voters + " voters survive the loss of no more than " + (voters - 1)
                    + " do");
        }
        if (undecided)
            warnings.add("the voters' tables differ, and no majority agrees: see the events");
        for (var peer : peers) {
            // In the order in which they are listed, whatever the set's is.
            for (var trouble : ClusterView.Trouble.values()) {
                if (peer.troubles().contains(trouble))
                    warnings.add(peer.member().name() + ": " + trouble.text());
            }
        }
        return List.copyOf(warnings);
    }

    /// Only who leads knows what is committed now. Anybody else knows what was when the leader was last heard.
    private @Nullable Duration sinceLevel(Raft raft, NodeId id, long lag,
            @Nullable Long levelNanos, long nowNanos) {
        if (lag == 0 && raft.leads()) return Duration.ZERO;
        var last = id.equals(self) && !raft.leads() ? levelNanos : levels.lastLevelNanos(id);
        return last == null ? null : Duration.ofNanos(nowNanos - last);
    }

    private @Nullable Duration sinceHeard(NodeId id, @Nullable Heard heard, long ageMillis,
            long nowNanos) {
        if (id.equals(self)) return Duration.ZERO;
        var ours = heardNanos.get(id);
        var direct = ours == null ? null : Duration.ofNanos(nowNanos - ours);
        var told = heard == null || heard.sinceMillis() < 0
                ? null
                : Duration.ofMillis(heard.sinceMillis() + ageMillis);
        if (direct == null) return told;
        return told == null || direct.compareTo(told) < 0 ? direct : told;
    }

    private static @Nullable Heard find(@Nullable Census census, NodeId id) {
        if (census == null) return null;
        for (var heard : census.nodes()) {
            if (heard.node().equals(id)) return heard;
        }
        return null;
    }
}
