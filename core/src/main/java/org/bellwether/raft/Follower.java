package org.bellwether.raft;

import java.util.Objects;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Follows a leader's log, or waits for one to appear (Raft §5.2, §5.3).
///
/// Its *patience* is the one timer: when it ends, a voter campaigns. Hearing the leader restores it to a
/// random election timeout. What suggests that there is no leader shortens it to a few ticks: the link from
/// the leader closed (its process is gone, most likely), or links to a majority are open and nobody leads.
/// What suggests that somebody else is about to lead lengthens it a little.
final class Follower implements Role {
    private final Raft core;
    private @Nullable NodeId leader;
    private int patience;
    private int silentTicks;
    /// How far the log is known to be the leader's, synced or not.
    private long matchedThrough;

    /// Reads are asked for one request at a time; those that arrive meanwhile share the next.
    private long requestNumber;
    private long requestTicket;
    private int requestTicks;

    Follower(Raft core, @Nullable NodeId leader) {
        this.core = core;
        this.leader = leader;
        restorePatience();
        if (leader == null && nobodyLeadsAMajority()) hurry();
    }

    @Override
    public @Nullable NodeId leader() {
        return leader;
    }

    /// The sole voter waits for nobody.
    void loseAllPatience() {
        patience = 1;
    }

    private void restorePatience() {
        int min = core.config.electionTicksMin();
        patience = min + core.dice.roll(min);
    }

    /// A short random wait, so that two voters seldom start at once. A hint is no reason to break a promise:
    /// while this node is bound it waits for the end of that first.
    private void hurry() {
        patience = Math.min(patience,
                core.boundTicksLeft() + 1 + core.dice.roll(core.hintTicks()));
    }

    private boolean nobodyLeadsAMajority() {
        return core.electorate()
                .isMajority(id -> id.equals(core.self) || core.connected.contains(id));
    }

    /// Somebody else campaigns and may well win: let it.
    void grantedPreVote() {
        int hint = core.hintTicks();
        patience = Math.max(patience, hint + core.dice.roll(hint));
    }

    /// Raft §5.2: granting a vote restores the timer; but if that candidate fails, a full timeout is long.
    void grantedVote() {
        restorePatience();
        int wait = core.voteTicks();
        if (nobodyLeadsAMajority()) patience = Math.min(patience, wait + core.dice.roll(wait));
    }

    boolean hearsLeader() {
        return leader != null && core.connected.contains(leader)
                && silentTicks < core.config.electionTicksMin();
    }

    @Override
    public void tick() {
        silentTicks++;
        if (requestNumber > 0 && ++requestTicks >= core.config.heartbeatTicks()) sendRequest();
        if (--patience > 0) return;
        if (!core.mayCampaign()) {
            restorePatience();
        } else if (core.diskHangs()) {
            // It could not even ask for votes; campaigns would only raise its term and disturb the others.
            patience = 1;
        } else {
            core.campaign(Message.VoteKind.PRE_VOTE);
        }
    }

    @Override
    public void received(NodeId from, Message message) {
        switch (message) {
            case Message.Append append -> {
                heard(from);
                append(from, append);
            }
            case Message.Heartbeat heartbeat -> {
                heard(from);
                core.commitThrough(Math.min(heartbeat.commitIndex(), core.log.last().index()));
                core.out.send(from, new Message.HeartbeatReply(core.term(), heartbeat.round(),
                        core.log.last(), core.appliedIndex()));
            }
            case Message.Committed committed -> {
                heard(from);
                if (core.log.holds(committed.through())) {
                    core.commitThrough(committed.through().index());
                }
            }
            case Message.SnapshotOffer offer -> {
                heard(from);
                if (core.log.agreesWithLeaderAt(offer.base())) {
                    var base = core.log.base();
                    core.out.sendWhenSynced(from, new Message.AppendAck(core.term(),
                            base.index() > offer.base().index() ? base : offer.base()));
                } else {
                    core.out.fetchSnapshot(from);
                }
            }
            case Message.TimeoutNow _ -> {
                heard(from);
                if (core.mayCampaign())
                    core.campaign(Message.VoteKind.TRANSFER);
            }
            case Message.ReadReply reply -> answered(reply);
            case Message.ReadRequest request -> core.out.send(from,
                    new Message.ReadReply(core.term(), request.ticket(), null));
            // Late answers to a campaign or an office that is over.
            case Message.Reply _ -> {
            }
            case Message.VoteRequest _ -> throw new IllegalStateException("handled in every role");
        }
    }

    private void heard(NodeId from) {
        if (leader == null) {
            leader = from;
            if (core.reads.areUnconfirmed()) ask();
        } else if (!leader.equals(from)) {
            throw new IllegalStateException("two leaders in term " + core.term() + ": " + leader
                    + " and " + from);
        }
        silentTicks = 0;
        core.heardLeader(from);
        restorePatience();
    }

    /// Raft §5.3, figure 2 "AppendEntries RPC".
    private void append(NodeId from, Message.Append append) {
        if (!core.log.agreesWithLeaderAt(append.previous())) {
            core.out.send(from, new Message.AppendReject(core.term(), append.previous(),
                    furthestInCommon(append.previous())));
            return;
        }
        for (var entry : append.entries()) {
            if (core.log.agreesWithLeaderAt(entry.position())) continue;
            if (entry.index() <= core.log.last().index()) core.truncateLogFor(entry.position());
            core.appendToLog(entry);
        }
        matchedThrough = Math.max(matchedThrough, append.last().index());
        core.commitThrough(Math.min(append.commitIndex(), append.last().index()));
        core.out.sendWhenSynced(from, new Message.AppendAck(core.term(), append.last()));
    }

    /// At least the base: that is committed, so the leader's log has it, or begins after it.
    private Position furthestInCommon(Position previous) {
        var furthest = core.log.furthestNotAfter(previous);
        return furthest.index() < core.log.base().index() ? core.log.base() : furthest;
    }

    @Override
    public void synced() {}

    @Override
    public void connected(NodeId peer) {
        if (leader == null && nobodyLeadsAMajority()) hurry();
    }

    @Override
    public void disconnected(NodeId peer) {
        // A question under way stays open: it is repeated until somebody answers.
        if (peer.equals(leader)) hurry();
    }

    // Reads: the leader says how far to wait.

    @Override
    public void readArrived() {
        if (requestNumber == 0 && core.reads.areUnconfirmed()) ask();
    }

    private void ask() {
        requestNumber = 0;
        if (leader == null || !core.reads.areUnconfirmed()) return;
        // A new number for every ticket: an answer to an older request never passes for one to a newer.
        requestNumber = core.nextReadRequest();
        requestTicket = core.reads.newest();
        sendRequest();
    }

    /// It may be lost, or the way may be longer than this is patient: so an answer counts whichever copy it is to.
    private void sendRequest() {
        requestTicks = 0;
        core.out.send(Objects.requireNonNull(leader),
                new Message.ReadRequest(core.term(), requestNumber));
    }

    private void answered(Message.ReadReply reply) {
        var index = reply.index();
        if (reply.ticket() != requestNumber || index == null) return;
        core.reads.confirm(requestTicket, index);
        core.commitThrough(Math.min(index, matchedThrough));
        requestNumber = 0;
        readArrived();
    }
}
