package org.bellwether.raft;

import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.bellwether.api.LostEntriesException;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// The consensus core of one node: [#step] takes an event and gives the effects it wants.
///
/// The algorithm is Raft (Ongaro and Ousterhout 2014) with pre-vote, check-quorum and leadership transfer
/// (thesis, chapters 3 and 9), reads by read index (Raft §8) and by lease (§6.4.1, ADR 12), and two rules of our
/// own: a closed link from the leader starts a pre-vote at once, and a leader whose disk hangs gives way. State that belongs to a
/// role lives in [Follower], [Candidate] and [Leader]; what every role shares is here: ballot, log, how far
/// it is synced, committed and handed out, and the rules that hold in every role.
///
/// *Threads.* One at a time. *Failure.* A broken invariant throws [IllegalStateException]; the node stops.
///
/// Not final, and a few methods are package-private on purpose: tests plant bugs by overriding them and demand
/// that the simulator convicts each.
public class Raft {
    final NodeId self;
    final RaftConfig config;
    final Dice dice;
    final RaftLog log;
    final Outbox out = new Outbox();
    final PendingReads reads = new PendingReads();

    /// Peers whose link to us is open. Sorted: nothing here may depend on hash order.
    final TreeSet<NodeId> connected = new TreeSet<>();

    private Ballot ballot;
    private Ballot syncedBallot;
    private long syncedIndex;
    /// The term in which the log was last cut.
    private long cutInTerm;
    private long commitIndex;
    private long handedOut;
    private long uncommittedBytes;
    private boolean roomToLead = true;
    /// Ticks since the oldest write that the disk has not confirmed was handed to it.
    private int unsyncedTicks;
    /// Ticks since a leader of whatever term was heard, or since the start: who was started may have heard one
    /// just before. It is not counted further than it matters.
    private int quietTicks;
    /// Terms that began since a leader was heard, or this node led.
    int leaderlessTerms;
    /// The leader that was; null if none in this life.
    private @Nullable NodeId lastHeard;
    private long readRequests;
    private Role role;
    private Electorate electorate;

    /// Takes up where the disk left off. Everything given here is durable.
    ///
    /// @param base        the position before the log's first entry
    /// @param termStarts  the first position of every term in the log, in order; of a log that is not whole they
    ///                    begin with `base`
    /// @param commitIndex known to be committed; the caller has applied up to here
    /// @param tail        the entries after `commitIndex`
    /// @param memberships the entries that carry a membership, in order
    @SuppressWarnings("this-escape") // the first role only reads what is set before it is made
    public Raft(NodeId self, RaftConfig config, Dice dice, Ballot ballot, Position base,
            List<Position> termStarts, Position last, long commitIndex, List<Entry> tail,
            List<Entry> memberships) {
        this.self = self;
        this.config = config;
        this.dice = dice;
        this.readRequests = (long) dice.roll(Integer.MAX_VALUE) << Integer.SIZE;
        this.log = new RaftLog(base, termStarts, last, commitIndex, tail, memberships);
        this.ballot = ballot;
        this.syncedBallot = ballot;
        this.syncedIndex = last.index();
        this.commitIndex = commitIndex;
        this.handedOut = commitIndex;
        for (var entry : tail)
            uncommittedBytes += entry.bytes();
        this.electorate = Electorate.of(membership(), self);
        var follower = new Follower(this, null);
        this.role = follower;
        if (electorate.isSole(self)) follower.loseAllPatience();
    }

    public final Effects step(Event event) {
        switch (event) {
            case Event.Tick _ -> tick();
            case Event.Received(var from, var message) -> received(from, message);
            case Event.Propose(var payloads) -> leading("a proposal").propose(payloads);
            case Event.Reconfigure(var next) -> leading("a list of nodes").reconfigure(next);
            case Event.Read(var ticket) -> {
                reads.arrived(ticket);
                role.readArrived();
            }
            case Event.DiskSynced(var synced) -> diskSynced(synced);
            case Event.Connected(var peer) -> {
                connected.add(peer);
                role.connected(peer);
            }
            case Event.Disconnected(var peer) -> {
                connected.remove(peer);
                role.disconnected(peer);
            }
            case Event.Fetched(var peer, var entries) -> {
                if (role instanceof Leader leader) leader.fetched(peer, entries);
            }
            case Event.Cut(var base) -> cut(base);
            case Event.Installed(var base, var membership) -> installed(base, membership);
            case Event.RoomToLead(boolean has) -> roomToLead = has;
            case Event.Announce(long index) -> {
                if (role instanceof Leader leader) leader.tellCommitted(index);
            }
            case Event.Transfer(var to) -> {
                if (role instanceof Leader leader) leader.transfer(to);
            }
        }
        handOut();
        return effects(out.take(commitIndex));
    }

    /// Hook for planted bugs.
    Effects effects(Effects effects) {
        return effects;
    }

    // What happens in every role.

    private void tick() {
        boolean unsynced = syncedIndex < log.last().index() || !syncedBallot.equals(ballot);
        unsyncedTicks = unsynced ? unsyncedTicks + 1 : 0;
        if (quietTicks < config.electionTicksMin()) quietTicks++;
        role.tick();
    }

    void received(NodeId from, Message message) {
        switch (message) {
            case Message.VoteRequest request -> {
                voteRequested(from, request);
                return;
            }
            // Granted pre-votes name a term that nobody is in yet.
            case Message.VoteReply reply when reply.granted()
                    && reply.kind() == Message.VoteKind.PRE_VOTE -> {
                if (reply.term() == ballot.term() + 1) role.received(from, message);
                return;
            }
            default -> {
            }
        }
        if (message.term() > ballot.term()) {
            follow(message.term(), null);
        } else if (message.term() < ballot.term()) {
            answerStale(from, message);
            return;
        }
        role.received(from, message);
    }

    /// An office holder of an older term must learn that it is one (Raft §5.1). A replica that asks for a read
    /// index is served whatever its term: the index is good for reads that arrived before it asked.
    private void answerStale(NodeId from, Message message) {
        switch (message) {
            case Message.Append append -> out.send(from,
                    new Message.AppendReject(ballot.term(), append.previous(), Position.NONE));
            // Rounds are numbered anew in every term, so this one must not be echoed in the name of
            // ours: if the sender leads it by now, it would take that for a round that has not begun.
            case Message.Heartbeat _ ->
                out.send(from, new Message.HeartbeatReply(ballot.term(),
                        Message.Heartbeat.NO_ROUND, log.last(), handedOut));
            case Message.ReadRequest _ -> role.received(from, message);
            case Message.VoteRequest _, Message.Committed _, Message.SnapshotOffer _, Message.TimeoutNow _, Message.Reply _ ->
                {
                }
        }
    }

    /// Raft §5.2 and §5.4.1, thesis §4.2.3 and §9.6. Whether this node's vote counts is for the candidate to
    /// know, by its own list of nodes: who was made a voter a moment ago may not have heard of it yet, and
    /// nobody else may be left to vote (thesis §4.2.2).
    private void voteRequested(NodeId from, Message.VoteRequest request) {
        boolean upToDate = request.last().isAtLeastAsUpToDateAs(log.last());
        // Who still hears a leader helps nobody to unseat it, and does not even take note of the term: a
        // node that was cut off must not disturb the others when it returns. A leader hears itself.
        // Unless it is the leader itself that asks: for a later term, so it leads no more.
        boolean content = request.kind() != Message.VoteKind.TRANSFER
                && (hearsLeader() && !from.equals(role.leader())
                        || isBound() && !from.equals(lastHeard));
        if (request.kind() == Message.VoteKind.PRE_VOTE) {
            boolean granted = request.term() > ballot.term() && upToDate && !content;
            if (granted && role instanceof Follower follower) follower.grantedPreVote();
            out.send(from, new Message.VoteReply(granted ? request.term() : ballot.term(),
                    request.kind(), granted));
            return;
        }
        if (request.term() > ballot.term()) {
            if (content) {
                out.send(from, new Message.VoteReply(ballot.term(), request.kind(), false));
                return;
            }
            follow(request.term(), null);
        }
        boolean free = ballot.vote() == null || ballot.vote().equals(from);
        if (request.term() == ballot.term() && free && upToDate) {
            // Whose vote is not its own has at most asked, in a pre-vote, whether it would be elected.
            if (role instanceof Candidate) follow(ballot.term(), null);
            cast(new Ballot(ballot.term(), from));
            if (role instanceof Follower follower) follower.grantedVote();
            out.sendWhenSynced(from, new Message.VoteReply(ballot.term(), request.kind(), true));
        } else {
            out.send(from, new Message.VoteReply(ballot.term(), request.kind(), false));
        }
    }

    private boolean hearsLeader() {
        return switch (role) {
            case Leader _ -> true;
            case Follower follower -> follower.hearsLeader();
            case Candidate _ -> false;
        };
    }

    // What a leader's lease rests on (ADR 12 has the argument).

    void heardLeader(NodeId from) {
        lastHeard = from;
        quietTicks = 0;
        leaderlessTerms = 0;
    }

    /// Whether a leader may be serving reads in the trust that this node helps nobody else into office: whoever has
    /// leases switched on in its log gives no vote, to itself neither, before an election timeout has passed since it
    /// last heard a leader, whatever term it is in since. Only the leader that it heard is no harm to itself; and
    /// whom the leader itself told to take over, since its lease has ended with that.
    boolean isBound() {
        return boundTicksLeft() > 0;
    }

    int boundTicksLeft() {
        // Nobody else can hold a lease where one voter decides alone.
        if (!leasesMayBeHeld() || electorate.isSole(self)) return 0;
        return config.electionTicksMin() - quietTicks;
    }

    /// On as soon as the log has it, off only once that is committed.
    private boolean leasesMayBeHeld() {
        if (membership().leaseReads()) return true;
        var before = log.previousMembership();
        return before != null && before.leaseReads() && !membershipIsCommitted();
    }

    private void diskSynced(Synced synced) {
        syncedBallot = synced.ballot();
        unsyncedTicks = 0;
        // What was synced may have been cut off since; then it proves nothing about the log that we have,
        // not even if the very same entries came back: the cut is still on its way to the disk. A log is cut at
        // most once in a term, and the ballot with that term is written before or with the cut; so a sync
        // of that ballot covers the cut, or ends with an entry that was cut and cannot have come back.
        if (synced.ballot().term() >= cutInTerm && log.holds(synced.last())) {
            syncedIndex = Math.max(syncedIndex, synced.last().index());
        }
        role.synced();
    }

    private void cut(Position base) {
        if (base.index() > handedOut) {
            throw new IllegalStateException("the log was cut through " + base
                    + ", but handed out only to " + handedOut);
        }
        log.forgetThrough(base.index());
    }

    /// Raft §7, figure 13, steps 6 to 8. A log that holds the position keeps what is behind it: that may have been
    /// promised. Any other may go: an entry after the position that was promised to the leader of some term would
    /// make the log hold all that was committed then, the position included (Log Matching, Raft §5.3).
    private void installed(Position base, Entry membership) {
        if (base.index() <= handedOut) return;
        if (base.term() > ballot.term()) follow(base.term(), null);
        if (log.holds(base)) {
            commitThrough(base.index());
        } else {
            if (role instanceof Leader) {
                throw new IllegalStateException("this node leads term " + ballot.term()
                        + ", and its log does not hold " + base + ", which is committed");
            }
            log.reset(base, membership);
            out.restart(base, membership);
            uncommittedBytes = 0;
            commitIndex = base.index();
            // The state as of there is durable, so nothing is missing up to there.
            syncedIndex = base.index();
            electorate = Electorate.of(membership(), self);
        }
        handedOut = base.index();
    }

    /// Hands out what is committed *and synced here*, then releases reads that it satisfies.
    private void handOut() {
        long through = Math.min(commitIndex, syncedIndex);
        while (handedOut < through)
            out.commit(log.entry(++handedOut));
        log.shrinkWindow(handedOut, config.windowBytesMax());
        long ticket = reads.release(handedOut);
        if (ticket > 0) out.release(ticket);
    }

    // What the roles use.

    /// Takes note of a ballot; it is promised to nobody before it is synced.
    void cast(Ballot latest) {
        if (latest.equals(ballot)) return;
        boolean older = latest.term() < ballot.term();
        boolean secondVote = latest.term() == ballot.term() && ballot.vote() != null;
        if (older || secondVote) {
            throw new IllegalStateException("ballot " + ballot + " must not become " + latest);
        }
        if (latest.term() > ballot.term()) leaderlessTerms++;
        ballot = latest;
        out.keep(latest);
    }

    boolean ballotIsSynced() {
        return syncedBallot.equals(ballot);
    }

    void follow(long term, @Nullable NodeId leader) {
        if (term > ballot.term()) cast(new Ballot(term, null));
        become(new Follower(this, leader));
        role.readArrived();
    }

    /// A message that ended one role is for the next one.
    void redeliver(NodeId from, Message message) {
        role.received(from, message);
    }

    /// Numbers requests for a read index; never reused, not even by another life of this node (hence the
    /// random start), so that no late answer passes for one to a newer request (etcd #20418).
    long nextReadRequest() {
        return ++readRequests;
    }

    /// What a sign that nobody leads shortens a wait to, in ticks. Twice as long with each term that began since a leader
    /// was heard, up to an election timeout: where messages are slower than a hint's time, candidates would go on
    /// unseating whoever has just been elected.
    int hintTicks() {
        long hint = (long) config.hintTicksMax() << Math.min(leaderlessTerms, 16);
        return (int) Math.min(hint, config.electionTicksMin());
    }

    /// The same for a vote, which needs disks.
    int voteTicks() {
        return Math.min(2 * hintTicks(), config.electionTicksMin());
    }

    void campaign(Message.VoteKind kind) {
        if (kind != Message.VoteKind.TRANSFER && isBound()) {
            follow(ballot.term(), null);
            return;
        }
        var candidate = new Candidate(this, kind);
        become(candidate);
        candidate.ask();
    }

    void lead() {
        var leader = new Leader(this);
        become(leader);
        leaderlessTerms = 0;
        leader.takeOffice();
    }

    private void become(Role next) {
        boolean legal = switch (role) {
            case Follower _ -> !(next instanceof Leader);
            case Candidate _ -> true;
            case Leader _ -> next instanceof Follower;
        };
        if (!legal) {
            throw new IllegalStateException(role.getClass().getSimpleName() + " cannot become "
                    + next.getClass().getSimpleName() + " in term " + ballot.term());
        }
        role = next;
    }

    void appendToLog(Entry entry) {
        log.append(entry);
        uncommittedBytes += entry.bytes();
        out.append(entry);
        if (entry.kind() == Entry.Kind.MEMBERSHIP) electorate = Electorate.of(membership(), self);
    }

    /// @param leaders its entry that is to be in the place of ours
    void truncateLogFor(Position leaders) {
        long from = leaders.index();
        if (from <= commitIndex)
            throw new LostEntriesException(from, leaders.term(), commitIndex);
        uncommittedBytes -= log.truncateFrom(from);
        syncedIndex = Math.min(syncedIndex, from - 1);
        cutInTerm = ballot.term();
        out.truncate(from);
        electorate = Electorate.of(membership(), self);
    }

    void commitThrough(long index) {
        if (index <= commitIndex) return;
        if (index > log.last().index()) {
            throw new IllegalStateException("commit index " + index + " is after the log's end "
                    + log.last());
        }
        for (long i = commitIndex + 1; i <= index; i++)
            uncommittedBytes -= log.entry(i).bytes();
        commitIndex = index;
    }

    /// The commit rule's second half (Raft §5.4.2, figure 8): a leader may not count copies of entries of
    /// older terms; those commit only when an entry of its own term does.
    boolean mayCommit(long index) {
        return log.termAt(index) == ballot.term();
    }

    /// The index that a majority of voters is known to have on disk, ourselves included once synced.
    long majorityMatched(Leader leader) {
        return electorate.majorityOf(id -> matchOf(leader, id));
    }

    private long matchOf(Leader leader, NodeId id) {
        return id.equals(self) ? syncedIndex : leader.matchOf(id);
    }

    Electorate electorate() {
        return electorate;
    }

    /// Voters may; and so may a voter that the last list leaves out, until it knows that list to be committed:
    /// it may hold the only copy, so that nobody else can be elected (thesis §4.2.2, figure 4.6). But nobody whose disk has
    /// no room for the first entry of the office.
    boolean mayCampaign() {
        if (!roomToLead) return false;
        if (electorate.isVoter(self)) return true;
        var before = log.previousMembership();
        return !membershipIsCommitted() && before != null && before.isVoter(self);
    }

    int unsyncedTicks() {
        return unsyncedTicks;
    }

    /// Who cannot get anything onto its disk cannot lead.
    boolean diskHangs() {
        return unsyncedTicks > config.electionTicksMin();
    }

    private Leader leading(String what) {
        if (role instanceof Leader leader) return leader;
        throw new IllegalStateException(what + " was given to a node that does not lead");
    }

    // What everybody may ask.

    /// Whether an [Event.Propose] would be taken now: leads, hands nothing over, has room.
    public boolean acceptsProposals() {
        return role instanceof Leader leader && !leader.transferring()
                && uncommittedBytes < config.uncommittedBytesMax();
    }

    /// Whether an [Event.Reconfigure] would be taken now: leads, hands nothing over, and the list of nodes is
    /// committed, as is an entry of the own term (thesis §4.1, and Ongaro's correction of 2015: without the
    /// latter two leaders could each change the list by one and have majorities that do not meet).
    public boolean acceptsReconfiguration() {
        return role instanceof Leader leader && leader.mayReconfigure();
    }

    /// Whether this node leads and a follower holds an entry that it was not told is committed.
    public boolean hasNews() {
        return role instanceof Leader leader && leader.hasNews();
    }

    /// Whether leadership is being handed over right now.
    public boolean transferring() {
        return role instanceof Leader leader && leader.transferring();
    }

    public boolean leads() {
        return role instanceof Leader;
    }

    /// The latest round of heartbeats that this leader has started; 0 if it does not lead.
    public long round() {
        return role instanceof Leader leader ? leader.round() : 0;
    }

    /// The latest round whose echoes bear a lease: from when it was started, nobody else can be elected for an election
    /// timeout. 0 if there is none, or this node must not serve by lease, as while it hands over. A lease that was
    /// found before is over when this says 0.
    public long leaseRound() {
        return role instanceof Leader leader ? leader.leaseRound() : 0;
    }

    /// Who leads in this term as far as this node knows, itself included.
    public @Nullable NodeId leader() {
        return role.leader();
    }

    public long term() {
        return ballot.term();
    }

    public Ballot ballot() {
        return ballot;
    }

    /// Committed as far as this node knows.
    public long commitIndex() {
        return commitIndex;
    }

    /// Handed out for applying: committed and synced here.
    public long appliedIndex() {
        return handedOut;
    }

    /// The log is on this node's disk up to here.
    public long syncedIndex() {
        return syncedIndex;
    }

    /// The log is on every voter's disk up to here, as far as this node knows; 0 if it does not lead.
    public long syncedEverywhere() {
        return role instanceof Leader leader ? electorate.allOf(id -> matchOf(leader, id)) : 0;
    }

    /// The position before the first entry that the log still holds.
    public Position base() {
        return log.base();
    }

    /// The end of the log, synced or not.
    public Position last() {
        return log.last();
    }

    /// Term of the entry at this index, or of the base.
    /// @throws IllegalArgumentException if the log does not hold that
    public long termAt(long index) {
        return log.termAt(index);
    }

    /// The payload of the first entry of the cluster's log, with which a newcomer's log begins; null if this
    /// node does not hold it.
    public byte @Nullable [] bootstrap() {
        return log.bootstrap();
    }

    /// Where the list of nodes in effect stands in the log.
    public long membershipIndex() {
        return log.membershipIndex();
    }

    /// Whether the list of nodes in effect is known to be committed, so that it cannot be taken back.
    public boolean membershipIsCommitted() {
        return log.membershipIndex() <= commitIndex;
    }

    /// Where lists of nodes stand that are not known to be committed, in order.
    public List<Position> unsettledLists() {
        return log.membershipsAfter(commitIndex);
    }

    /// The list of nodes in effect: the last one in the log, committed or not.
    public Membership membership() {
        return Objects.requireNonNull(log.membership(), "a log starts with the list of nodes");
    }

    /// What the leader knows of a peer; null if this node does not lead.
    public @Nullable PeerReport report(NodeId peer) {
        return role instanceof Leader leader ? leader.report(peer) : null;
    }

    /// @param linked      whether the link from it is open
    /// @param heardEver   whether it was heard in this term
    /// @param silentTicks since then, else since this node leads
    /// @param echoedRound the latest round of heartbeats that it has answered, 0 if none
    /// @param bytesSent   of entries, in this office
    /// @param forgotten   what it lacked last of what it had acknowledged in this office; null if nothing
    public record PeerReport(boolean linked, boolean heardEver, int silentTicks, long echoedRound,
            long matchIndex, long appliedIndex, long bytesSent, @Nullable Forgotten forgotten) {}

    /// @param after   the last entry that it still held
    /// @param through the last one that it had acknowledged
    public record Forgotten(long after, long through) {}
}
