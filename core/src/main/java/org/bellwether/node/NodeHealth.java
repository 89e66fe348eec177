package org.bellwether.node;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;
import org.bellwether.transport.PeerMessage.Health;
import org.bellwether.transport.PeerMessage.Healths;
import org.bellwether.transport.PeerMessage.Seen;
import org.jspecify.annotations.Nullable;

/// Who is ill: whose disk is slow or full, who has fallen far behind. Every node says how its disk is; the leader
/// adds how far behind each is, also those that say nothing, tells everybody, and keeps it in the events.
///
/// Programs of before this do not read these messages, so they go only to who has shown that it does: a node in its
/// report, a leader by sending one.
final class NodeHealth {
    /// Older words say nothing of now.
    private static final long WORD_MAX_NANOS = 2_000_000_000L;

    private final NodeId self;
    private final Storage storage;
    private final LogWriter logWriter;
    private final Host host;
    private final EventLog events;
    private final Set<NodeId> speakers = new TreeSet<>();
    private final LagBytes lagBytes = new LagBytes();

    // Of a leader.
    private final Map<NodeId, Patient> patients = new TreeMap<>();
    private long officeTerm;
    private long older;
    private long newer;
    private boolean saidFull;

    /// What the leader has told.
    private List<Seen> told = List.of();

    private static final class Patient {
        @Nullable
        Health word;
        long wordNanos;
        long levelNanos;
        Raft.@Nullable Forgotten forgotten;
        /// When each was last seen.
        final EnumMap<Trouble, Long> troubles = new EnumMap<>(Trouble.class);

        Patient(long nowNanos) {
            this.levelNanos = nowNanos;
        }
    }

    NodeHealth(NodeId self, Storage storage, LogWriter logWriter, Host host, EventLog events) {
        this.self = self;
        this.storage = storage;
        this.logWriter = logWriter;
        this.host = host;
        this.events = events;
    }

    /// It reads what is sent from here.
    void speaks(NodeId node) {
        speakers.add(node);
    }

    boolean isSpeaker(NodeId node) {
        return speakers.contains(node);
    }

    /// Of a node that takes this one for its leader.
    void heard(NodeId from, Health word, long nowNanos) {
        var patient = patients.computeIfAbsent(from, _ -> new Patient(nowNanos));
        patient.word = word;
        patient.wordNanos = nowNanos;
    }

    /// Of the leader.
    void received(NodeId from, Healths all) {
        speaks(from);
        told = all.nodes();
    }

    private Health own(long nowNanos) {
        long unsynced = logWriter.unsyncedNanos(nowNanos) / 1_000_000;
        return new Health((int) Math.min(unsynced, Integer.MAX_VALUE),
                logWriter.isFull() || storage.congested() && storage.full());
    }

    /// Called at every heartbeat interval.
    ///
    /// @param bytesApplied of all entries, in this life
    void look(Raft core, long bytesApplied, long nowNanos) {
        lagBytes.look(storage.applied(), bytesApplied);
        if (!core.leads()) {
            officeTerm = 0;
            say(core, nowNanos);
            return;
        }
        if (officeTerm != core.term()) takeOffice(core);
        older = newer;
        newer = core.commitIndex();
        heard(self, own(nowNanos), nowNanos);
        var seen = new ArrayList<Seen>();
        for (var member : core.membership().members())
            seen.add(look(core, member, nowNanos));
        told = List.copyOf(seen);
        patients.keySet().removeIf(node -> core.membership().find(node) == null);
        for (var member : core.membership().members()) {
            if (!member.id().equals(self) && isSpeaker(member.id()))
                host.send(member.id(), new Healths(told));
        }
    }

    /// Called at every tick: a disk that is full is said at once, or the leader would go on for too long.
    void tick(Raft core, long nowNanos) {
        if (!core.leads() && logWriter.isFull() != saidFull) say(core, nowNanos);
    }

    private void say(Raft core, long nowNanos) {
        saidFull = logWriter.isFull();
        var leader = core.leader();
        if (leader != null && isSpeaker(leader)) host.send(leader, own(nowNanos));
    }

    private void takeOffice(Raft core) {
        officeTerm = core.term();
        patients.clear();
        older = 0;
        newer = 0;
    }

    private Seen look(Raft core, Member member, long nowNanos) {
        var id = member.id();
        var patient = patients.computeIfAbsent(id, _ -> new Patient(nowNanos));
        var now = EnumSet.noneOf(Trouble.class);
        var word = patient.word;
        if (word != null && nowNanos - patient.wordNanos <= WORD_MAX_NANOS) {
            if (word.unsyncedMillis() >= Limits.SLOW_DISK.toMillis()) now.add(Trouble.SLOW_DISK);
            if (word.full()) now.add(Trouble.DISK_FULL);
        }
        noteForgotten(core, member, patient);
        long applied = appliedBy(core, id);
        // Who holds what was committed two looks ago keeps up.
        if (applied >= older) patient.levelNanos = nowNanos;
        boolean known = id.equals(self) || applied > 0;
        boolean far = known && core.commitIndex() - applied > Limits.FAR_BEHIND_ENTRIES
                || nowNanos - patient.levelNanos > Limits.FAR_BEHIND.toNanos();
        if (far) now.add(Trouble.FAR_BEHIND);
        for (var trouble : Trouble.values())
            note(core, member, patient, trouble, now.contains(trouble), nowNanos);
        var all = EnumSet.noneOf(Trouble.class);
        all.addAll(patient.troubles.keySet());
        return new Seen(id, known ? lagBytes.behind(applied) : -1, all);
    }

    private long appliedBy(Raft core, NodeId node) {
        if (node.equals(self)) return storage.applied();
        var report = core.report(node);
        return report == null ? 0 : report.appliedIndex();
    }

    private void noteForgotten(Raft core, Member member, Patient patient) {
        var report = core.report(member.id());
        var now = report == null ? null : report.forgotten();
        if (now == null || now.equals(patient.forgotten)) return;
        patient.forgotten = now;
        events.add(Kind.ENTRIES_FORGOTTEN, member.id(), core.term(), member.name()
                + " lacks entries " + (now.after() + 1) + " to " + now.through()
                + ", which its disk had: it was started on an older copy of its folder, or the end of its"
                + " log was damaged; they are sent again");
    }

    private void note(Raft core, Member member, Patient patient, Trouble trouble, boolean isThere,
            long nowNanos) {
        var seenNanos = patient.troubles.get(trouble);
        if (isThere) {
            patient.troubles.put(trouble, nowNanos);
            if (seenNanos == null)
                events.add(Kind.NODE_TROUBLED, member.id(), core.term(),
                        member.name() + ": " + trouble.text());
        } else if (seenNanos != null
                && nowNanos - seenNanos > Limits.TROUBLE_AFTERGLOW.toNanos()) {
            patient.troubles.remove(trouble);
            events.add(Kind.NODE_WELL, member.id(), core.term(),
                    member.name() + ": no longer so that " + trouble.text());
        }
    }

    /// What the leader sees of it; null if that is not known.
    @Nullable
    Seen of(NodeId node) {
        for (var seen : told) {
            if (seen.node().equals(node)) return seen;
        }
        return null;
    }

    /// Whether so many voters have no room that what is appended could not be committed. Then it must not be appended: what
    /// makes room would have to wait behind it.
    boolean isMajorityFull(Raft core) {
        if (!core.leads()) return false;
        int voters = 0;
        int full = 0;
        for (var member : core.membership().members()) {
            if (!member.voter()) continue;
            voters++;
            var patient = patients.get(member.id());
            if (patient != null && patient.word != null && patient.word.full()) full++;
        }
        return full > (voters - 1) / 2;
    }
}
