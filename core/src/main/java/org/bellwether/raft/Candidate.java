package org.bellwether.raft;

import java.util.TreeSet;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Asks for votes: first whether it would get them (pre-vote, thesis §9.6; its ballot stays as it is), then
/// for real in a new term. Its own vote counts once it is on disk, and nobody is asked before.
final class Candidate implements Role {
    private final Raft core;
    private final Message.VoteKind kind;
    private final TreeSet<NodeId> granted = new TreeSet<>();
    private int patience;
    private boolean ownVoteCounts;

    Candidate(Raft core, Message.VoteKind kind) {
        this.core = core;
        this.kind = kind;
    }

    private boolean isPreVote() {
        return kind == Message.VoteKind.PRE_VOTE;
    }

    /// While links to a majority are open and nobody leads, the question is repeated after a hint's time.
    private void resetPatience() {
        boolean majorityLinked = core.electorate()
                .isMajority(id -> id.equals(core.self) || core.connected.contains(id));
        int base = !majorityLinked
                ? core.config.electionTicksMin()
                : isPreVote() ? core.hintTicks() : core.voteTicks();
        patience = isPreVote() && majorityLinked && core.leaderlessTerms == 0
                ? 1 + core.dice.roll(base)
                : base + core.dice.roll(base);
    }

    void ask() {
        if (isPreVote()) {
            ownVoteCounts = true;
            request(false);
        } else {
            core.cast(new Ballot(core.term() + 1, core.self));
            request(true);
        }
        resetPatience();
        countVotes();
    }

    private void request(boolean onceSynced) {
        long term = isPreVote() ? core.term() + 1 : core.term();
        var request = new Message.VoteRequest(term, kind, core.log.last());
        for (var voter : core.electorate().voters()) {
            if (voter.equals(core.self) || granted.contains(voter)) continue;
            if (onceSynced) {
                core.out.sendWhenSynced(voter, request);
            } else {
                core.out.send(voter, request);
            }
        }
    }

    @Override
    public @Nullable NodeId leader() {
        return null;
    }

    @Override
    public void tick() {
        // Nobody is asked before its own vote is on its disk, so only then its patience begins.
        boolean hasAsked = isPreVote() || ownVoteCounts;
        if (hasAsked ? --patience > 0 : !core.diskHangs()) return;
        if (!core.mayCampaign() || core.diskHangs()) {
            core.follow(core.term(), null);
        } else if (isPreVote()) {
            // Grants stay: they are for the same term, and a slow network must not start from nothing.
            resetPatience();
            request(false);
        } else {
            core.campaign(Message.VoteKind.PRE_VOTE);
        }
    }

    @Override
    public void received(NodeId from, Message message) {
        switch (message) {
            case Message.VoteReply reply -> {
                if (reply.kind() != kind || !reply.granted()) return;
                granted.add(from);
                countVotes();
            }
            // The leader of this term has been found.
            case Message.Append _, Message.Heartbeat _, Message.Committed _, Message.SnapshotOffer _ -> {
                core.follow(core.term(), from);
                core.redeliver(from, message);
            }
            case Message.ReadRequest request -> core.out.send(from,
                    new Message.ReadReply(core.term(), request.ticket(), null));
            case Message.Reply _, Message.TimeoutNow _ -> {
            }
            case Message.VoteRequest _ -> throw new IllegalStateException("handled in every role");
        }
    }

    @Override
    public void synced() {
        if (isPreVote() || ownVoteCounts) return;
        ownVoteCounts = core.ballotIsSynced();
        countVotes();
    }

    private void countVotes() {
        boolean won = core.electorate().isMajority(
                id -> id.equals(core.self) ? ownVoteCounts : granted.contains(id));
        if (!won) return;
        if (isPreVote()) {
            core.campaign(Message.VoteKind.VOTE);
        } else {
            core.lead();
        }
    }

    @Override
    public void connected(NodeId peer) {
        // It may have missed the question, and a repetition does no harm. A vote's question waits for
        // its ballot like the first one did.
        request(!isPreVote());
    }

    @Override
    public void disconnected(NodeId peer) {}

    @Override
    public void readArrived() {}
}
