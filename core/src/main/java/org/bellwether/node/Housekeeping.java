package org.bellwether.node;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Backup;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Comparison;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.SnapshotHead;
import org.bellwether.transport.Transport;
import org.jspecify.annotations.Nullable;

/// Everything that deals with the tables as a whole, and so on the [Background]: making them durable, giving and
/// fetching snapshots, backups, comparisons, scans.
final class Housekeeping {
    private final NodeId self;
    private final Storage storage;
    private final Transport transport;
    private final SnapshotSource source;
    private final SnapshotFetch fetch;
    private final Upkeep upkeep;
    private final Backups backups;
    private final Comparisons comparisons;
    private final Scans scans;
    private final Divergence divergence;
    private final EventLog events;
    private final Host host;
    private final Consumer<SnapshotHead> replaced;
    private final Divergence.Owner owner;
    /// That what somebody sent was wrong, until a leader has heard of it.
    private PeerMessage.@Nullable Doubt untold;

    /// @param replaced told when another state took the place of the tables
    Housekeeping(NodeParts parts, LogWriter logWriter, Host host, EventLog events,
            Divergence.Owner owner, Consumer<SnapshotHead> replaced) {
        this.self = parts.identity().node();
        this.storage = parts.storage();
        this.transport = parts.transport();
        this.events = events;
        this.host = host;
        this.replaced = replaced;
        this.owner = owner;
        var loop = parts.loop();
        var background = new Background(parts.background(), loop, host);
        this.source = new SnapshotSource(storage, loop, background, host, parts.upkeep());
        this.backups = new Backups(background);
        this.comparisons = new Comparisons(storage, loop, background);
        this.scans = new Scans(storage, background, loop);
        this.fetch = new SnapshotFetch(storage, loop, background, host, new Fetched(),
                (long) parts.dice().roll(Integer.MAX_VALUE) << 31);
        this.divergence = new Divergence(parts, background, host, events, fetch, owner);
        this.upkeep = new Upkeep(storage, logWriter, background, host, source, parts.upkeep(),
                loop.nanoTime());
    }

    private final class Fetched implements SnapshotFetch.Owner {
        @Override
        public boolean mayGoBackTo(long applied) {
            var core = host.core();
            return core != null && !upkeep.isCutting() && applied >= core.base().index();
        }

        @Override
        public void replaced(SnapshotHead head) {
            replaced.accept(head);
            scans.drop();
            comparisons.applied();
            var core = host.core();
            if (core != null) divergence.installed(core);
        }

        @Override
        public void refused(NodeId from, String why) {
            events.add(Kind.SNAPSHOT_REFUSED, from, 0, "a snapshot was not installed: " + why);
            untold = new PeerMessage.Doubt(from);
            tell();
        }

        @Override
        public List<NodeId> others() {
            var core = host.core();
            return core == null
                    ? List.of()
                    : core.membership().members().stream().map(Member::id)
                            .filter(id -> !id.equals(self) && transport.isLinked(id)).toList();
        }
    }

    Divergence divergence() {
        return divergence;
    }

    /// For who shows how far others are.
    SnapshotSource source() {
        return source;
    }

    void applied(Entry entry) {
        upkeep.applied(entry.bytes());
        comparisons.applied();
    }

    /// Of all entries applied in this life.
    long bytesApplied() {
        return upkeep.bytesApplied();
    }

    /// The log cannot be had any more; somebody offers the state instead.
    void fetchFrom(NodeId peer) {
        fetch.begin(peer);
    }

    /// @param membership the entry with the list of nodes that is applied
    void received(NodeId from, PeerMessage.OfSnapshot message, Entry membership) {
        switch (message) {
            case PeerMessage.SnapshotRequest request ->
                upkeep.requested(from, request, membership);
            case PeerMessage.SnapshotBegin begin -> fetch.received(from, begin);
            case PeerMessage.SnapshotSlice slice -> fetch.received(from, slice);
            case PeerMessage.SnapshotGone gone -> fetch.received(from, gone);
        }
    }

    void connected(NodeId peer) {
        fetch.connected(peer);
    }

    /// Null if too many are being read, or a snapshot was installed of which the log does not know yet.
    ///
    /// @param membership the entry with the list of nodes that is applied
    @Nullable
    Backup backup(Raft core, Entry membership) {
        long applied = storage.applied();
        if (applied != core.appliedIndex() || divergence.suspicion() != null) return null;
        var view = storage.view();
        return backups.begin(view, new SnapshotHead(core.termAt(applied), membership, view.mark()));
    }

    void compare(long index, Duration timeout, Consumer<? super Comparison> opened,
            Consumer<String> refused) {
        comparisons.begin(index, timeout, opened, refused);
    }

    void scan(Read.Scan scan, long deadlineNanos, Consumer<? super Outcome> reply) {
        scans.read(scan, deadlineNanos, reply);
    }

    /// Called at every heartbeat interval.
    void look(Raft core, long nowNanos) {
        scans.look(nowNanos);
        source.expire(nowNanos);
        fetch.expire(nowNanos);
        comparisons.expire(nowNanos);
        divergence.look(core, nowNanos);
        tell();
        upkeep.look(core, fetch.isUnderWay(), divergence.suspicion() != null, nowNanos);
    }

    private void tell() {
        if (untold != null && owner.tellLeader(untold)) untold = null;
    }

    /// @param nothing for whoever waits
    void close(Outcome nothing) {
        source.close();
        fetch.close();
        backups.close();
        comparisons.close();
        scans.close(nothing);
        divergence.close();
    }
}
