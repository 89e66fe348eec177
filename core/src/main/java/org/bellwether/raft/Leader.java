package org.bellwether.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Orders the log and brings every other node's in line (Raft §5.3, §5.4), proves its office for reads (§8),
/// and leaves when it is of no use: when no majority is heard for an election timeout (check-quorum), or
/// when its own disk has not answered for one.
final class Leader implements Role {
    private final Raft core;
    private final Map<NodeId, Progress> followers = new TreeMap<>();
    /// Index of the empty entry that opened this term: nothing is known to be committed before it is.
    private long termStart;
    private int heartbeatTicks;

    /// Rounds of heartbeats, numbered; a round that a majority has echoed proves that this node led when
    /// the round started. One is in flight at a time, but a timed heartbeat never waits.
    private long round;
    private long confirmedRound;
    /// Whom rounds for reads ask; null if they are to be chosen anew.
    private @Nullable List<Progress> witnesses;
    /// Whether the last round has asked nobody else.
    private boolean roundIsNarrow;
    private long roundAtTick;
    private final Deque<WaitingRead> waitingReads = new ArrayDeque<>();
    private long ownTicketsQueued;

    private @Nullable NodeId transferTo;
    private int transferTicks;
    /// Whether anybody was told in this term to take over. Such a message may still be under way when the attempt has
    /// long been given up, and whoever gets it is elected at once.
    private boolean toldToTakeOver;

    /// A read that round `round` will confirm at `index`. @param replica who asked; null for our own callers
    private record WaitingRead(long round, long index, @Nullable NodeId replica, long ticket) {}

    Leader(Raft core) {
        this.core = core;
        followPeers();
    }

    /// Begins with the nodes that are new in the list, and forgets those that are no longer in it.
    private void followPeers() {
        var peers = core.electorate().peers();
        followers.keySet().retainAll(peers);
        witnesses = null;
        long next = core.log.last().index() + 1;
        for (var peer : peers)
            followers.computeIfAbsent(peer, _ -> new Progress(peer, next));
    }

    @Override
    public NodeId leader() {
        return core.self;
    }

    /// Raft §8: the empty entry of the new term. Its append also announces the new leader.
    void takeOffice() {
        termStart = core.log.last().index() + 1;
        for (var follower : followers.values())
            follower.probeFrom(termStart);
        append(List.of(Entry.empty(new Position(core.term(), termStart))));
        advanceCommit();
    }

    void propose(List<byte[]> payloads) {
        if (transferring()) throw new IllegalStateException("a proposal came during a transfer");
        var entries = new ArrayList<Entry>(payloads.size());
        long index = core.log.last().index();
        for (var payload : payloads) {
            entries.add(Entry.of(new Position(core.term(), ++index), Entry.Kind.COMMANDS, payload));
        }
        append(entries);
        core.out.proposed(core.log.last());
    }

    boolean mayReconfigure() {
        return !transferring() && core.commitIndex() >= termStart && core.membershipIsCommitted();
    }

    void reconfigure(Membership next) {
        if (!mayReconfigure()) {
            throw new IllegalStateException("a list of nodes came before the last one was settled");
        }
        if (!core.membership().isOneStepFrom(next)) {
            throw new IllegalStateException("from " + core.membership() + " to " + next
                    + " is more than one step");
        }
        var position = new Position(core.term(), core.log.last().index() + 1);
        core.appendToLog(Entry.of(position, Entry.Kind.MEMBERSHIP, next.encode()));
        followPeers();
        replicateToAll();
        core.out.proposed(position);
        // Without another voter, or with fewer of them, there may be nothing to wait for.
        advanceCommit();
    }

    private void append(List<Entry> entries) {
        for (var entry : entries)
            core.appendToLog(entry);
        replicateToAll();
    }

    // Replication.

    private void replicateToAll() {
        for (var follower : followers.values())
            replicate(follower);
    }

    private void replicate(Progress follower) {
        while (follower.next <= core.log.last().index()
                && follower.maySend(core.config.appendsInFlightMax())) {
            if (follower.next <= core.log.base().index()) {
                offerSnapshot(follower);
                return;
            }
            if (!core.log.inMemory(follower.next)) {
                follower.fetching = true;
                core.out.fetch(new Effects.Fetch(follower.peer, follower.next,
                        core.config.appendBytesMax()));
                return;
            }
            send(follower, core.log.slice(follower.next, core.config.appendBytesMax()));
        }
    }

    /// A probe as well: it is answered when the follower's log has reached ours.
    private void offerSnapshot(Progress follower) {
        follower.probeFrom(follower.match + 1);
        core.out.send(follower.peer, new Message.SnapshotOffer(core.term(), core.log.base()));
        follower.sent(core.log.base().index(), false);
    }

    /// A probe is sent even when there is nothing to send: it asks where the logs meet.
    private void probe(Progress follower) {
        if (follower.next <= core.log.last().index()) {
            replicate(follower);
        } else if (follower.maySend(core.config.appendsInFlightMax())) {
            send(follower, List.of());
        }
    }

    private void send(Progress follower, List<Entry> entries) {
        var append = new Message.Append(core.term(), core.log.positionAt(follower.next - 1),
                entries, core.commitIndex());
        core.out.send(follower.peer, append);
        for (var entry : entries)
            follower.bytesSent += entry.bytes();
        follower.commitSent = Math.max(follower.commitSent,
                Math.min(core.commitIndex(), append.last().index()));
        follower.sent(append.last().index(), !entries.isEmpty());
    }

    void fetched(NodeId peer, List<Entry> entries) {
        var follower = followers.get(peer);
        if (follower == null || !follower.fetching) return;
        follower.fetching = false;
        // The log may have moved meanwhile, or the follower's wish with it.
        boolean fits = !entries.isEmpty() && entries.getFirst().index() == follower.next
                && core.log.holds(entries.getLast().position());
        if (fits && follower.maySend(core.config.appendsInFlightMax())) send(follower, entries);
        replicate(follower);
    }

    /// Raft §5.3: as far as a majority has it on disk, and §5.4.2.
    private void advanceCommit() {
        long index = core.majorityMatched(this);
        if (index <= core.commitIndex() || !core.mayCommit(index)) return;
        boolean firstOfTerm = core.commitIndex() < termStart;
        core.commitThrough(index);
        if (firstOfTerm && index >= termStart) readArrived();
    }

    /// Thesis §4.2.2: a leader that is no voter any more manages the cluster until that is committed, without
    /// counting itself, and then goes. Here: until it was handed out, so that whoever asked has the answer.
    private boolean isDismissed() {
        return !core.electorate().isVoter(core.self)
                && core.appliedIndex() >= core.log.membershipIndex();
    }

    private void leave() {
        tellCommitted(core.commitIndex());
        var successor = mostAdvanced(null);
        if (successor != null) {
            core.out.send(successor.peer, new Message.TimeoutNow(core.term()));
        }
        core.follow(core.term(), null);
    }

    /// Under load the next append tells what is committed, and a message of its own for every commit would wake every
    /// follower twice per batch; when no append follows, this one does (ADR 6). A replica's linearizable read does not
    /// wait for it: the read index says how far it may apply.
    ///
    /// @param index for those who were not even told of this
    void tellCommitted(long index) {
        for (var follower : followers.values()) {
            if (!isNews(index, follower)) continue;
            follower.commitSent = Math.min(core.commitIndex(), follower.match);
            core.out.send(follower.peer, new Message.Committed(core.term(),
                    core.log.positionAt(follower.commitSent)));
        }
    }

    boolean hasNews() {
        for (var follower : followers.values())
            if (isNews(core.commitIndex(), follower)) return true;
        return false;
    }

    /// Who is so far behind that our log has lost the place hears of a snapshot instead.
    private boolean isNews(long committed, Progress follower) {
        long through = Math.min(committed, follower.match);
        return follower.streaming && through > follower.commitSent
                && through >= core.log.base().index();
    }

    private Progress follower(NodeId voter) {
        return Objects.requireNonNull(followers.get(voter), "every other voter is followed");
    }

    long matchOf(NodeId peer) {
        var follower = followers.get(peer);
        return follower == null ? 0 : follower.match;
    }

    // What arrives.

    @Override
    public void received(NodeId from, Message message) {
        var follower = followers.get(from);
        if (follower == null) return;
        // A replica may ask in an older term: it hears us, but that proves nothing about our office.
        if (message.term() == core.term()) follower.heard();
        switch (message) {
            case Message.AppendAck ack -> acknowledged(follower, ack);
            case Message.AppendReject reject -> rejected(follower, reject);
            case Message.HeartbeatReply reply -> {
                follower.echoed(reply);
                if (follower.lostSomething(reply)) follower.probeFrom(follower.match + 1);
                if (follower.mayProbeAgain()) {
                    follower.waiting = false;
                    probe(follower);
                }
                confirmRounds();
            }
            case Message.ReadRequest request -> {
                if (core.commitIndex() < termStart) {
                    core.out.send(from, new Message.ReadReply(core.term(), request.ticket(), null));
                } else {
                    waitingReads.add(new WaitingRead(round + 1, core.commitIndex(), from,
                            request.ticket()));
                    startRoundIfIdle();
                }
            }
            case Message.Append _, Message.Heartbeat _, Message.Committed _, Message.TimeoutNow _, Message.SnapshotOffer _ ->
                throw new IllegalStateException(
                        "another leader in term " + core.term() + ": " + from);
            case Message.VoteReply _ -> {
            }
            // We asked whom we took for the leader; it had moved to this term as well, and said no.
            case Message.ReadReply _ -> {
            }
            case Message.VoteRequest _ -> throw new IllegalStateException("handled in every role");
        }
    }

    private void acknowledged(Progress follower, Message.AppendAck ack) {
        if (!core.log.agreesWithLeaderAt(ack.matched())) {
            throw new IllegalStateException(follower.peer + " acknowledged " + ack.matched()
                    + ", which this leader's log does not hold");
        }
        follower.acknowledged(ack.matched().index());
        advanceCommit();
        replicate(follower);
        handOverIfLevel();
    }

    private void rejected(Progress follower, Message.AppendReject reject) {
        boolean stale = follower.streaming
                ? reject.previous().index() <= follower.match
                : reject.previous().index() != follower.next - 1;
        if (stale) return;
        long common = core.log.furthestNotAfter(reject.hint()).index();
        if (common < follower.match) follower.forgot(common);
        follower.probeFrom(common + 1);
        probe(follower);
    }

    @Override
    public void synced() {
        advanceCommit();
    }

    @Override
    public void connected(NodeId peer) {
        var follower = followers.get(peer);
        if (follower == null) return;
        follower.probeAgain();
        // Rounds were perhaps narrower than they have to be, for want of links.
        witnesses = null;
        beat(follower);
        probe(follower);
    }

    /// What was sent ahead may be lost; a heartbeat's reply or a new link resumes.
    @Override
    public void disconnected(NodeId peer) {
        var follower = followers.get(peer);
        if (follower == null) return;
        follower.probeAgain();
        follower.waiting = true;
        widenRound();
        witnesses = null;
    }

    // Time.

    @Override
    public void tick() {
        int patience = core.config.electionTicksMin();
        for (var follower : followers.values())
            follower.tick();
        boolean useful = core.electorate().isMajority(
                id -> id.equals(core.self) || follower(id).silentTicks < patience);
        if (!useful) {
            core.follow(core.term(), null);
            return;
        }
        if (isDismissed()) {
            leave();
            return;
        }
        if (core.diskHangs()) {
            // First try to hand over; if that was tried in vain, just leave.
            if (core.unsyncedTicks() > 2 * patience || !startTransfer(null)) {
                core.follow(core.term(), null);
                return;
            }
        }
        if (transferTo != null && ++transferTicks > patience) transferTo = null;
        tellCommitted(core.commitIndex());
        if (round == roundAtTick) widenRound();
        roundAtTick = round;
        if (++heartbeatTicks >= core.config.heartbeatTicks()) {
            // Only here: rounds for reads must not put off the heartbeats by which losses are noticed.
            heartbeatTicks = 0;
            startRound();
            for (var follower : followers.values())
                follower.heartbeatSent(round);
        }
    }

    private void beat(Progress follower) {
        core.out.send(follower.peer, new Message.Heartbeat(core.term(), round,
                Math.min(core.commitIndex(), follower.match)));
    }

    // Reads.

    private void startRound() {
        round++;
        roundIsNarrow = false;
        for (var follower : followers.values())
            beat(follower);
        confirmRounds();
    }

    /// For reads. Whoever is asked is woken and answers: so there are no more of them than a majority needs, those who were
    /// the quickest. Everybody else is asked if these have not answered within a tick or two.
    private void startRoundIfIdle() {
        if (confirmedRound < round) return;
        round++;
        roundIsNarrow = true;
        if (witnesses == null) witnesses = quickest();
        for (var witness : witnesses)
            beat(witness);
        confirmRounds();
    }

    private List<Progress> quickest() {
        int others = core.electorate().majority()
                - (core.electorate().isVoter(core.self) ? 1 : 0);
        return followers.values().stream()
                .filter(follower -> core.electorate().isVoter(follower.peer)
                        && core.connected.contains(follower.peer))
                .sorted(Comparator.comparingLong((Progress follower) -> follower.echoed)
                        .reversed())
                .limit(others).toList();
    }

    private void widenRound() {
        if (!roundIsNarrow || confirmedRound == round) return;
        roundIsNarrow = false;
        for (var follower : followers.values()) {
            boolean asked = witnesses != null && witnesses.contains(follower);
            if (!asked && core.electorate().isVoter(follower.peer)) beat(follower);
        }
        witnesses = null;
    }

    /// Own reads that arrived so far join the next round; before the term's first commit they wait for it
    /// (Raft §8: until then a leader does not know which entries are committed).
    @Override
    public void readArrived() {
        if (core.commitIndex() < termStart || !core.reads.areUnconfirmed()) return;
        long newest = core.reads.newest();
        if (newest == ownTicketsQueued) return;
        ownTicketsQueued = newest;
        waitingReads.add(new WaitingRead(round + 1, core.commitIndex(), null, newest));
        startRoundIfIdle();
    }

    private void confirmRounds() {
        long confirmed = core.electorate().majorityOf(
                id -> id.equals(core.self) ? round : follower(id).echoed);
        if (confirmed <= confirmedRound) return;
        confirmedRound = confirmed;
        while (!waitingReads.isEmpty() && waitingReads.peekFirst().round <= confirmed) {
            var read = waitingReads.removeFirst();
            if (read.replica == null) {
                core.reads.confirm(read.ticket, read.index);
            } else {
                core.out.send(read.replica,
                        new Message.ReadReply(core.term(), read.ticket, read.index));
            }
        }
        if (!waitingReads.isEmpty()) startRoundIfIdle();
    }

    long round() {
        return round;
    }

    /// An echo counts if its sender has the list in effect, which says that leases are on, on its disk: then it is
    /// bound by it, whatever happens to it. That a majority has the list would not do, for that can be another
    /// majority than the one that echoes.
    long leaseRound() {
        boolean mayServe = core.membership().leaseReads() && core.membershipIsCommitted()
                && core.commitIndex() >= termStart && core.electorate().isVoter(core.self)
                && !transferring() && !toldToTakeOver;
        if (!mayServe) return 0;
        long list = core.log.membershipIndex();
        return core.electorate().majorityOf(id -> {
            if (id.equals(core.self)) return round;
            var follower = follower(id);
            return follower.match >= list ? follower.echoed : 0;
        });
    }

    // Handing over (thesis §3.10).

    boolean transferring() {
        return transferTo != null;
    }

    void transfer(@Nullable NodeId to) {
        startTransfer(to);
    }

    private boolean startTransfer(@Nullable NodeId wish) {
        if (transferring()) return true;
        var best = mostAdvanced(wish);
        if (best == null) return false;
        transferTo = best.peer;
        transferTicks = 0;
        handOverIfLevel();
        return true;
    }

    /// The voter that needs the least to be level, among those that are heard.
    private @Nullable Progress mostAdvanced(@Nullable NodeId wish) {
        Progress best = null;
        for (var follower : followers.values()) {
            boolean able = core.electorate().isVoter(follower.peer)
                    && core.connected.contains(follower.peer)
                    && follower.silentTicks < core.config.electionTicksMin();
            if (!able || wish != null && !wish.equals(follower.peer)) continue;
            if (best == null || follower.match > best.match) best = follower;
        }
        return best;
    }

    private void handOverIfLevel() {
        if (transferTo == null || matchOf(transferTo) != core.log.last().index()) return;
        toldToTakeOver = true;
        core.out.send(transferTo, new Message.TimeoutNow(core.term()));
    }

    Raft.@Nullable PeerReport report(NodeId peer) {
        var follower = followers.get(peer);
        return follower == null
                ? null
                : new Raft.PeerReport(core.connected.contains(peer), follower.heardEver,
                        follower.silentTicks, follower.echoed, follower.match,
                        follower.appliedIndex, follower.bytesSent, follower.forgotten);
    }
}
