package org.bellwether.node;

import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.PeerMessage.OfNodes;
import org.jspecify.annotations.Nullable;

/// The cluster as this node knows it: which nodes belong to it, by the list that is applied, and how they are, by what
/// they say of themselves to whoever leads, and what that tells all of them.
final class Cluster {
    private final NodeId self;
    private final Loop loop;
    private final Host host;
    private final EventLog events;
    private final Storage storage;
    private final Divergence divergence;
    private final Belonging belonging;
    private final CatchUps catchUps;
    private final NodeHealth health;
    private final NodeList list;

    Cluster(NodeParts parts, Host host, EventLog events, LogWriter logWriter,
            Housekeeping housekeeping) {
        this.self = parts.identity().node();
        this.loop = parts.loop();
        this.host = host;
        this.events = events;
        this.storage = parts.storage();
        this.divergence = housekeeping.divergence();
        this.belonging = new Belonging(self, parts.seat(), parts.transport());
        this.catchUps = new CatchUps(housekeeping.source(), events);
        this.health = new NodeHealth(self, storage, logWriter, host, events);
        this.list = new NodeList(self, parts.config().tick(), belonging, catchUps, health);
    }

    // Who belongs.

    /// Tables that were found on the disk have applied lists of nodes that nobody applies again.
    void start(Recovered recovered) {
        long applied = storage.applied();
        settle(recovered.memberships().stream().filter(entry -> entry.index() <= applied)
                .reduce((_, later) -> later).orElse(recovered.memberships().getFirst()), false);
    }

    /// A list is applied.
    ///
    /// @param isNew whether it happens now, and is not learned later
    void settle(Entry entry, boolean isNew) {
        // Tables that went back apply lists again that have been settled.
        if (belonging.isPast(entry)) return;
        var next = Membership.decode(entry.payload());
        var before = belonging.settledOrNone();
        if (before != null) events.changed(before, next, entry.position(), isNew);
        belonging.settle(entry, next);
        // Whoever waits to change it may go on.
        host.scheduleTurn();
    }

    Membership settled() {
        return belonging.settled();
    }

    /// The log entry that it came in.
    Entry settledEntry() {
        return belonging.settledEntry();
    }

    /// Which list is in effect, committed or not.
    void follow(Membership inEffect) {
        belonging.follow(inEffect);
    }

    /// A peer says that this node was removed.
    void expelled() {
        belonging.expelled();
    }

    boolean wasRemoved() {
        return belonging.isRemoved();
    }

    /// What to ask of the leader if the list has other addresses than this node was started with; null if not.
    @Nullable
    Command move(Raft core) {
        return belonging.move(core.membership());
    }

    /// The node of this ID; null if none is known.
    @Nullable
    Member find(Raft core, NodeId id) {
        return belonging.members(core.membership()).stream()
                .filter(member -> member.id().equals(id)).findFirst().orElse(null);
    }

    // How they are.

    /// Something came from it, whatever it is.
    void heard(NodeId from) {
        list.heard(from, loop.nanoTime());
    }

    void received(Raft core, NodeId from, OfNodes message) {
        boolean leads = from.equals(core.leader());
        switch (message) {
            case PeerMessage.Census census -> {
                if (!leads) return;
                list.received(census, loop.nanoTime());
                divergence.told(from, census.verdict());
            }
            case PeerMessage.Health word -> health.heard(from, word, loop.nanoTime());
            case PeerMessage.Healths all -> {
                if (leads) health.received(from, all);
            }
            case PeerMessage.Doubt doubt -> doubted(core, doubt);
        }
    }

    /// It reads what programs of before do not.
    void speaks(NodeId node) {
        health.speaks(node);
    }

    /// Somebody has fetched a node's tables in vain.
    private void doubted(Raft core, PeerMessage.Doubt doubt) {
        if (doubt.whose().equals(self)) {
            divergence.doubted();
        } else if (core.leads() && health.isSpeaker(doubt.whose())) {
            host.send(doubt.whose(), doubt);
        }
    }

    /// @return false if nobody leads, or the leader is not known to read it; it may be later
    boolean tellLeader(Raft core, PeerMessage.Doubt doubt) {
        var leader = core.leader();
        if (leader == null) return false;
        if (leader.equals(self)) {
            doubted(core, doubt);
            return true;
        }
        if (!health.isSpeaker(leader)) return false;
        host.send(leader, doubt);
        return true;
    }

    /// So many voters have no room that what is appended could not be committed.
    boolean isMajorityFull(Raft core) {
        return health.isMajorityFull(core);
    }

    /// Called at every tick.
    void tick(Raft core) {
        health.tick(core, loop.nanoTime());
    }

    /// Called at every heartbeat interval.
    ///
    /// @param bytesApplied of all entries, in this life
    void look(Raft core, long bytesApplied, long nowNanos) {
        belonging.followSettled();
        health.look(core, bytesApplied, nowNanos);
        if (core.leads()) catchUps.look(core, nowNanos);
    }

    /// Called at every heartbeat interval while this node leads.
    void tell(Raft core, long nowNanos) {
        var census = list.take(core, storage.applied(), divergence.toBeTold(), nowNanos);
        if (!hasApplied(core)) return;
        for (var member : core.membership().members()) {
            if (!member.id().equals(self)) host.send(member.id(), census);
        }
    }

    /// Others lead, or nobody does.
    void othersLead() {
        catchUps.clear();
    }

    // Views.

    /// Whether the leader serves: an entry of its term is applied here. A node that is far behind knows it by being told
    /// how all nodes are, which a leader does not before.
    boolean isServed(Raft core) {
        return hasApplied(core) || list.wasToldIn(core.term());
    }

    /// Something of this term.
    private boolean hasApplied(Raft core) {
        long applied = storage.applied();
        return applied >= core.base().index() && applied <= core.last().index()
                && core.termAt(applied) == core.term();
    }

    /// @param levelNanos when this node was last known to be level with a leader; null if never
    ClusterView view(Raft core, @Nullable Long levelNanos) {
        return list.view(core, storage.applied(), divergence.isUndecided(), levelNanos,
                loop.nanoTime());
    }
}
