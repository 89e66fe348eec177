package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.NodeId;
import org.bellwether.machine.Payload;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Event;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.Totals;
import org.bellwether.storage.View;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.PeerMessage.Marked;
import org.bellwether.transport.PeerMessage.Verdict;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// Proof that every node has come to the same state, and what happens when one has not.
///
/// Now and then the leader puts a *marker* into the log: an entry without commands. Whoever applies it notes what
/// the tables come to there, and tells the leader. What a majority of the voters says is right, and goes
/// to everybody. A node that has come to something else answers nothing from its tables any more; it keeps them for
/// people to look at, fetches the state from a leader that is of the majority, and applies again from its own
/// log, which is not in doubt, what that state lacks. A leader that is the odd one hands over first.
///
/// Nothing of this is remembered over a restart: the next marker finds the same again.
final class Divergence {
    private static final Duration APPLY_RETRY = Duration.ofMillis(10);
    /// Read in one go when the tables are checked: nothing else runs in the background meanwhile.
    private static final int CHECK_ROWS = 10_000;

    private final NodeId self;
    private final NodeParts parts;
    private final Storage storage;
    private final Background background;
    private final Host host;
    private final EventLog events;
    private final SnapshotFetch fetch;
    private final Owner owner;
    private final Jury jury;

    /// What this node's tables came to at the latest markers.
    private final Deque<Marked> notes = new ArrayDeque<>();
    /// The last marker at which the majority agreed with this node.
    private @Nullable Position agreed;
    private @Nullable Suspicion suspicion;
    /// The state that was fetched is behind the core, and is applied to from the log.
    private boolean reapplying;

    private long officeTerm;
    private long markedNanos;
    private @Nullable Verdict spoken;
    private List<NodeId> oddBefore = List.of();
    private boolean undecided;
    /// What is being checked just now.
    private @Nullable View checking;

    /// Why this node's tables are not to be trusted.
    private static final class Suspicion {
        final String why;
        /// Whether the rows have been found not to be what the totals say. That the totals are the majority's does
        /// not speak for them then.
        final boolean rotten;
        /// Whether what is there was kept for people, or cannot be.
        boolean kept;

        Suspicion(String why, boolean rotten) {
            this.why = why;
            this.rotten = rotten;
        }
    }

    /// Whoever answers from the tables.
    interface Owner {
        /// Nothing may be answered from the tables any more; whatever waits for them is answered now.
        void suspected();

        /// An entry that the core has handed out before.
        void reapply(Entry entry);

        void readLog(long fromIndex, Consumer<List<Entry>> then);

        /// The entry with the list of nodes that is applied.
        Entry membership();

        /// @return false if nobody leads, or the leader is not known to read it; it may be later
        boolean tellLeader(PeerMessage.Doubt doubt);
    }

    Divergence(NodeParts parts, Background background, Host host, EventLog events,
            SnapshotFetch fetch, Owner owner) {
        this.self = parts.identity().node();
        this.parts = parts;
        this.storage = parts.storage();
        this.background = background;
        this.host = host;
        this.events = events;
        this.fetch = fetch;
        this.owner = owner;
        this.jury = parts.deciders().jury();
        this.markedNanos = parts.loop().nanoTime();
    }

    /// Null while there is no reason to doubt this node's tables.
    @Nullable
    String suspicion() {
        return suspicion == null ? null : suspicion.why;
    }

    /// Whether what the core hands out is not to be applied: it will be, from the log.
    boolean isReapplying() {
        return reapplying;
    }

    /// Whether all voters have spoken, and no majority agrees.
    boolean isUndecided() {
        return undecided;
    }

    /// A marker was applied.
    void marked(Position at) {
        if (notes.size() == Jury.MARKERS_MAX) notes.removeFirst();
        notes.addLast(new Marked(at, storage.mark().totals()));
        var core = host.core();
        if (core != null) report(core);
    }

    private void report(Raft core) {
        var newest = notes.peekLast();
        if (core.leads()) {
            if (newest != null) jury.heard(self, newest);
        } else if (core.leader() != null) {
            host.send(core.leader(),
                    new PeerMessage.Report(parts.deciders().machineVersion(), newest, true));
        }
    }

    /// Of a node that takes this one for its leader.
    void reported(NodeId from, PeerMessage.Report report) {
        if (report.newest() != null) jury.heard(from, report.newest());
    }

    /// What a leader tells the others, who are repaired from it; null while its own tables are in doubt, or not shown to be
    /// the majority's.
    @Nullable
    Verdict toBeTold() {
        return suspicion == null && spoken != null && jury.isForTelling(self, spoken)
                ? spoken
                : null;
    }

    /// What the leader tells.
    void told(NodeId by, @Nullable Verdict verdict) {
        if (verdict != null) {
            undecided = verdict.right() == null;
            judge(verdict);
        } else if (suspicion == null || !suspicion.rotten) {
            return;
        }
        if (suspicion != null && suspicion.kept && !reapplying) fetch.repair(by);
    }

    /// Called at every heartbeat interval.
    void look(Raft core, long nowNanos) {
        if (!core.leads()) {
            officeTerm = 0;
            report(core);
            return;
        }
        if (officeTerm != core.term()) takeOffice(core, nowNanos);
        report(core);
        if (isMarkerDue(core, nowNanos) && host.propose(Payload.marker()))
            markedNanos = nowNanos;
        spoken = jury.verdict(core.membership().voters(), core.membershipIndex());
        if (spoken != null) {
            tell(core, spoken);
            judge(spoken);
        }
        if (suspicion != null) handOver(core, spoken);
    }

    private void takeOffice(Raft core, long nowNanos) {
        officeTerm = core.term();
        jury.clear();
        markedNanos = nowNanos;
        spoken = null;
        oddBefore = List.of();
        undecided = false;
    }

    /// When something was applied since the last one, or somebody cannot say what it came to there: whoever was
    /// started since, or has fetched its state.
    private boolean isMarkerDue(Raft core, long nowNanos) {
        var every = parts.upkeep().markerEvery();
        if (every.isZero() || nowNanos - markedNanos < every.toNanos()) return false;
        var newest = notes.peekLast();
        if (newest == null || newest.at().index() < storage.applied()) return true;
        for (var member : core.membership().members()) {
            if (member.id().equals(self) || jury.hasHeard(member.id(), newest.at())) continue;
            var report = core.report(member.id());
            if (report != null && report.appliedIndex() >= newest.at().index()) return true;
        }
        return false;
    }

    private void tell(Raft core, Verdict verdict) {
        boolean before = undecided;
        undecided = verdict.right() == null;
        if (undecided && !before) {
            events.add(Kind.STATE_UNDECIDED, null, verdict.at(), true,
                    "the voters' tables differ as of entry " + verdict.at().index()
                            + ", and no majority agrees: nothing is repaired");
        }
        var odd = jury.odd(verdict);
        for (var node : odd) {
            if (oddBefore.contains(node) || node.equals(self)) continue;
            var member = core.membership().find(node);
            events.add(Kind.STATE_DIVERGED, node, verdict.at(), true,
                    "the tables of " + (member == null ? "node " + node : member.name())
                            + " differ from the majority's as of entry " + verdict.at().index());
        }
        if (!undecided) oddBefore = odd;
    }

    /// This node leads, and must not.
    private void handOver(Raft core, @Nullable Verdict verdict) {
        if (core.transferring()) return;
        if (verdict == null) {
            host.step(new Event.Transfer(null));
            return;
        }
        // One whose machine is gone since may be linked still.
        NodeId next = null;
        int silentTicks = Integer.MAX_VALUE;
        for (var voter : core.membership().voters()) {
            var report = core.report(voter);
            if (report == null || !report.linked() || !jury.agrees(voter, verdict)) continue;
            if (report.silentTicks() >= silentTicks) continue;
            next = voter;
            silentTicks = report.silentTicks();
        }
        if (next != null) host.step(new Event.Transfer(next));
    }

    private void judge(Verdict verdict) {
        var mine = noteAt(verdict.at());
        if (mine == null || verdict.right() == null) return;
        if (mine.totals().equals(verdict.right())) {
            agreed = verdict.at();
            // What was wrong may have been written over, or deleted.
            if (suspicion != null && !suspicion.rotten && !fetch.isUnderWay() && !reapplying)
                clear("as of entry " + verdict.at().index() + " the tables are the majority's");
        } else if (suspicion == null) {
            suspect(mine, verdict.right());
        }
    }

    private @Nullable Marked noteAt(Position at) {
        for (var note : notes) {
            if (note.at().equals(at)) return note;
        }
        return null;
    }

    private void suspect(Marked mine, Totals right) {
        long from = agreed == null ? 1 : agreed.index() + 1;
        var now = new Suspicion("this node's tables differ from the majority's as of entry "
                + mine.at().index() + ", and are being replaced", false);
        suspicion = now;
        events.add(Kind.STATE_DIVERGED, self, mine.at(), true,
                "the tables of this node have %s, those of the majority %s: the difference came with the entries %d to %d"
                        .formatted(mine.totals(), right, from, mine.at().index()));
        owner.suspected();
        keep(now);
    }

    /// Somebody has fetched this node's tables, and found other rows than the totals say. Every row is read, in slices; if
    /// it is true, the tables are as wrong as if the majority had said so.
    void doubted() {
        if (suspicion != null || checking != null || fetch.isUnderWay() || reapplying) return;
        var view = storage.view();
        checking = view;
        check(view, Bytes.EMPTY, new Totals.Sum());
    }

    private void check(View view, Bytes from, Totals.Sum sum) {
        background.run(() -> {
            int[] rows = {0};
            return Optional.ofNullable(view.scan(from, (key, value) -> sum.visit(key, value)
                    && ++rows[0] < CHECK_ROWS));
        }, next -> {
            if (next.isPresent()) {
                check(view, next.get(), sum);
                return;
            }
            close();
            if (!sum.totals().equals(view.mark().totals()) && suspicion == null)
                rotten(sum.totals(), view.mark());
        }, failed -> {
            close();
            host.fail(failed);
        });
    }

    /// Nothing is looked at any more.
    void close() {
        if (checking != null) checking.close();
        checking = null;
    }

    private void rotten(Totals found, Mark mark) {
        var now = new Suspicion("this node's tables are not what was written into them, and are"
                + " being replaced", true);
        suspicion = now;
        events.add(Kind.STATE_DIVERGED, self, 0,
                "the tables of this node hold %s as of entry %d, and should hold %s".formatted(
                        found,
                        mark.applied(), mark.totals()));
        owner.suspected();
        keep(now);
    }

    private void keep(Suspicion now) {
        var core = host.core();
        if (core == null) return;
        var view = storage.view();
        var head = new SnapshotHead(core.termAt(view.applied()), owner.membership(), view.mark());
        background.run(() -> {
            try (view) {
                return parts.evidence().keep(view, head);
            }
        }, where -> kept(now, "the tables as they were are in " + where),
                failed -> kept(now, "the tables as they were cannot be kept: "
                        + failed.getMessage()));
    }

    private void kept(Suspicion now, String text) {
        now.kept = true;
        events.add(Kind.EVIDENCE_KEPT, self, 0, text);
    }

    /// The tables are others from now on.
    void installed(Raft core) {
        notes.clear();
        agreed = null;
        if (storage.applied() < core.appliedIndex()) {
            reapplying = true;
            reapply();
        } else if (suspicion != null) {
            repaired();
        }
    }

    /// What the core has handed out, and the state that was fetched lacks.
    private void reapply() {
        var core = host.core();
        if (core == null) return;
        if (storage.applied() >= core.appliedIndex()) {
            reapplying = false;
            repaired();
        } else if (storage.congested()) {
            parts.loop().schedule(APPLY_RETRY, this::reapply);
        } else {
            long from = storage.applied() + 1;
            owner.readLog(from, entries -> {
                if (entries.isEmpty())
                    throw new IllegalStateException("the log lost entry " + from);
                try {
                    for (var entry : entries) {
                        if (entry.index() <= core.appliedIndex()) owner.reapply(entry);
                    }
                } catch (StorageCongestedException later) {
                    parts.loop().schedule(APPLY_RETRY, this::reapply);
                    return;
                }
                reapply();
            });
        }
    }

    private void repaired() {
        clear("the tables were fetched anew, and go on from entry " + storage.applied());
    }

    private void clear(String text) {
        suspicion = null;
        events.add(Kind.STATE_REPAIRED, self, 0, text);
        // Writes have waited for that.
        host.scheduleTurn();
    }
}
