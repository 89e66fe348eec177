package org.bellwether.node;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches, while this node leads, how those who are far behind come level, by the log or by a snapshot first.
final class CatchUps {
    private static final Logger log = LoggerFactory.getLogger(CatchUps.class);

    /// Who is less behind is level in a moment.
    private static final long FAR_ENTRIES = Limits.FAR_BEHIND_ENTRIES;
    private static final long NEAR_ENTRIES = 200;
    private static final long SECOND = 1_000_000_000L;
    private static final long SAY_FIRST = 2 * SECOND;
    private static final long SAY_EVERY = 5 * SECOND;

    private final SnapshotSource snapshots;
    private final EventLog events;
    private final Map<NodeId, Going> going = new TreeMap<>();

    /// One node's way.
    private static final class Going {
        /// Of this phase: a snapshot, or the log.
        long startedNanos;
        long startedAt;
        boolean bySnapshot;
        /// When the snapshot was begun.
        long snapshotNanos;
        /// What was told. Between the last part of a snapshot and its tables nothing is measured that would be as much.
        double share;
        long saidNanos;
        long ratedNanos;
        long ratedBytes;
        long bytesPerSecond;
        CatchUp now = new CatchUp(0, 0, null);
    }

    CatchUps(SnapshotSource snapshots, EventLog events) {
        this.snapshots = snapshots;
        this.events = events;
    }

    /// Null if it is not far behind.
    @Nullable
    CatchUp of(NodeId node) {
        var its = going.get(node);
        return its == null ? null : its.now;
    }

    /// This node leads no more, or not yet.
    void clear() {
        going.clear();
    }

    /// Called at every heartbeat interval while this node leads.
    void look(Raft core, long nowNanos) {
        going.keySet().removeIf(node -> core.membership().find(node) == null);
        for (var member : core.membership().members()) {
            var report = core.report(member.id());
            if (report != null) look(core, member, report, nowNanos);
        }
    }

    private void look(Raft core, Member member, Raft.PeerReport report, long nowNanos) {
        var transfer = snapshots.progress(member.id());
        long lag = core.commitIndex() - report.appliedIndex();
        var its = going.get(member.id());
        if (its == null) {
            boolean far = transfer != null || report.linked() && lag > FAR_ENTRIES;
            if (!far) return;
            its = new Going();
            its.saidNanos = nowNanos - SAY_EVERY + SAY_FIRST;
            its.ratedNanos = nowNanos;
            beginPhase(its, transfer, report, nowNanos);
            going.put(member.id(), its);
            log.info("{} is {} entries behind; catching up", member.name(), lag);
            events.add(Kind.CATCHING_UP, member.id(), core.term(),
                    member.name() + " is " + lag + " entries behind, and catches up");
        } else if (transfer == null && lag < NEAR_ENTRIES) {
            going.remove(member.id());
            log.info("{} is level", member.name());
            events.add(Kind.LEVEL, member.id(), core.term(), member.name() + " is level");
            return;
        } else if (its.bySnapshot != (transfer != null)
                || transfer != null && its.snapshotNanos != transfer.startedNanos()) {
            beginPhase(its, transfer, report, nowNanos);
        }
        measure(its, core, report, transfer, nowNanos);
        if (nowNanos - its.saidNanos >= SAY_EVERY) {
            its.saidNanos = nowNanos;
            log.info("{} is catching up: {}", member.name(), text(its.now));
        }
    }

    private static void beginPhase(Going its, SnapshotSource.@Nullable Transfer transfer,
            Raft.PeerReport report, long nowNanos) {
        its.bySnapshot = transfer != null;
        if (transfer != null) {
            its.snapshotNanos = transfer.startedNanos();
            its.share = 0;
        }
        its.startedNanos = nowNanos;
        its.startedAt = report.appliedIndex();
        its.ratedBytes = transfer != null ? 0 : report.bytesSent();
    }

    private static void measure(Going its, Raft core, Raft.PeerReport report,
            SnapshotSource.@Nullable Transfer transfer, long nowNanos) {
        long bytes = transfer == null ? report.bytesSent() : transfer.bytes();
        long sinceRated = nowNanos - its.ratedNanos;
        if (sinceRated >= SECOND) {
            its.bytesPerSecond = (long) ((bytes - its.ratedBytes) * (double) SECOND / sinceRated);
            its.ratedNanos = nowNanos;
            its.ratedBytes = bytes;
        }
        long all = core.commitIndex() - its.startedAt;
        double share = transfer != null
                ? (double) transfer.keys() / Math.max(1, transfer.keysOfAll())
                : (double) (report.appliedIndex() - its.startedAt) / Math.max(1, all);
        share = Math.clamp(share, 0, 1);
        long elapsed = nowNanos - its.startedNanos;
        its.share = Math.max(its.share, share);
        its.now = new CatchUp(its.share, its.bytesPerSecond, share < 0.01
                ? null
                : Duration.ofNanos((long) (elapsed / share * (1 - share))));
    }

    private static String text(CatchUp its) {
        return "%.0f %%, %.1f MB/s%s".formatted(its.share() * 100, its.bytesPerSecond() / 1e6,
                its.left() == null ? "" : ", " + its.left().toSeconds() + " s left");
    }
}
