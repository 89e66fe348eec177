package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Raft §5.1 and §5.2: terms and leader election. (Pre-votes come first here; see [PreVoteTest].)
class ElectionPaperTest {
    private final Cores cores = new Cores(3);

    private static Message.VoteRequest vote(long term, Core from) {
        return new Message.VoteRequest(term, Message.VoteKind.VOTE, from.raft().last());
    }

    private List<Message> sentTo(Core to) {
        return cores.wire.stream().filter(packet -> packet.to() == to).map(Cores.Packet::message)
                .toList();
    }

    /// Lets n1 run out of patience and win the pre-vote, up to the request for real votes.
    private Core campaigning() {
        var candidate = cores.n(1);
        candidate.tick(Cores.CONFIG.electionTicksMin());
        cores.settle(packet -> packet.message() instanceof Message.VoteRequest request
                && request.kind() == Message.VoteKind.PRE_VOTE
                || packet.message() instanceof Message.VoteReply);
        return candidate;
    }

    /// "When servers start up, they begin as followers." — §5.2
    @Test
    void nodesBeginAsFollowersOfNobody() {
        for (var core : cores.all) {
            assertFalse(core.raft().leads());
            assertNull(core.raft().leader());
            assertEquals(Ballot.INITIAL, core.raft().ballot());
        }
    }

    /// "If a follower receives no communication over a period of time called the election timeout, then it
    /// assumes there is no viable leader and begins an election" — §5.2
    @Test
    void followerCampaignsOnceItHasHeardNothingForAnElectionTimeout() {
        cores.n(1).tick(Cores.CONFIG.electionTicksMin() - 1);
        assertTrue(cores.wire.isEmpty());
        cores.n(1).tick();
        assertEquals(2, cores.wire.size());
    }

    /// "election timeouts are chosen randomly from a fixed interval" — §5.2
    @Test
    void patienceIsRandomBetweenOneAndTwoElectionTimeouts() {
        int min = Cores.CONFIG.electionTicksMin();
        for (int roll : new int[]{0, 1, min / 2, min - 1}) {
            var one = new Cores(3);
            one.n(2).crash();
            one.n(2).usualRoll = _ -> roll;
            one.n(2).start();
            one.n(2).tick(min + roll - 1);
            assertTrue(one.wire.isEmpty());
            one.n(2).tick();
            assertFalse(one.wire.isEmpty());
        }
    }

    /// "a follower increments its current term and transitions to candidate state. It then votes for itself
    /// and issues RequestVote RPCs in parallel to each of the other servers" — §5.2
    @Test
    void candidateRaisesItsTermVotesForItselfAndAsksEverybody() {
        var candidate = campaigning();
        assertEquals(new Ballot(1, candidate.id), candidate.raft().ballot());
        assertEquals(candidate.raft().ballot(), candidate.keptBallot);
        for (var other : cores.others(candidate))
            assertEquals(List.of(vote(1, candidate)), sentTo(other));
    }

    /// "A candidate wins an election if it receives votes from a majority of the servers in the full cluster
    /// for the same term." — §5.2
    @Test
    void majorityOfVotesMakesALeader() {
        var candidate = campaigning();
        assertFalse(candidate.raft().leads());
        candidate.receive(cores.n(3), new Message.VoteReply(1, Message.VoteKind.VOTE, true));
        assertTrue(candidate.raft().leads());
    }

    @Test
    void oneVoteCountsOnce() {
        var five = new Cores(5);
        var candidate = five.n(1);
        candidate.tick(Cores.CONFIG.electionTicksMin());
        for (int i = 2; i <= 3; i++)
            candidate.receive(five.n(i), new Message.VoteReply(1, Message.VoteKind.PRE_VOTE, true));
        var yes = new Message.VoteReply(1, Message.VoteKind.VOTE, true);
        for (int i = 0; i < 5; i++)
            candidate.receive(five.n(2), yes);
        assertFalse(candidate.raft().leads());
        candidate.receive(five.n(3), yes);
        assertTrue(candidate.raft().leads());
    }

    @Test
    void refusalsAndVotesOfAnotherKindDoNotCount() {
        var candidate = campaigning();
        candidate.receive(cores.n(2), new Message.VoteReply(1, Message.VoteKind.VOTE, false));
        candidate.receive(cores.n(2), new Message.VoteReply(1, Message.VoteKind.PRE_VOTE, true));
        candidate.receive(cores.n(2), new Message.VoteReply(1, Message.VoteKind.TRANSFER, true));
        candidate.receive(cores.n(2), new Message.VoteReply(2, Message.VoteKind.PRE_VOTE, true));
        assertFalse(candidate.raft().leads());
    }

    @Test
    void voteForAnEarlierCampaignDoesNotCount() {
        var candidate = campaigning();
        cores.wire.clear();
        for (int i = 0; candidate.raft().term() == 1 && i < 1_000; i++) {
            candidate.tick();
            cores.settle(packet -> packet.message().term() == 2
                    && (packet.message() instanceof Message.VoteReply
                            || packet.message() instanceof Message.VoteRequest request
                                    && request.kind() == Message.VoteKind.PRE_VOTE));
        }
        assertEquals(new Ballot(2, candidate.id), candidate.raft().ballot());
        candidate.receive(cores.n(2), new Message.VoteReply(1, Message.VoteKind.VOTE, true));
        assertFalse(candidate.raft().leads());
    }

    /// "Each server will vote for at most one candidate in a given term, on a first-come-first-served
    /// basis" — §5.2
    @Test
    void voterGivesOneVoteInATermToTheFirstWhoAsks() {
        var voter = cores.n(1);
        voter.receive(cores.n(2), vote(5, voter));
        voter.receive(cores.n(3), vote(5, voter));
        assertEquals(List.of(new Message.VoteReply(5, Message.VoteKind.VOTE, true)),
                sentTo(cores.n(2)));
        assertEquals(List.of(new Message.VoteReply(5, Message.VoteKind.VOTE, false)),
                sentTo(cores.n(3)));
    }

    @Test
    void sameCandidateIsToldTheSameAgain() {
        var voter = cores.n(1);
        voter.receive(cores.n(2), vote(5, voter));
        voter.receive(cores.n(2), vote(5, voter));
        var yes = new Message.VoteReply(5, Message.VoteKind.VOTE, true);
        assertEquals(List.of(yes, yes), sentTo(cores.n(2)));
    }

    @Test
    void voteOutlivesARestart() {
        var voter = cores.n(1);
        voter.receive(cores.n(2), vote(5, voter));
        cores.crash(voter);
        cores.restart(voter);
        voter.receive(cores.n(3), vote(5, voter));
        assertEquals(List.of(new Message.VoteReply(5, Message.VoteKind.VOTE, false)),
                sentTo(cores.n(3)));
    }

    /// Who only asks whether it would be voted for has voted for nobody yet, itself included.
    @Test
    void whoIsInAPreVoteStillHasAVoteToGive() {
        var voter = cores.n(1);
        voter.receive(cores.n(3), new Message.HeartbeatReply(5, 0, voter.raft().last(), 1));
        voter.tick(2 * Cores.CONFIG.electionTicksMin());
        assertEquals(new Ballot(5, null), voter.raft().ballot());
        cores.wire.clear();
        voter.receive(cores.n(2), vote(5, voter));
        assertEquals(List.of(new Message.VoteReply(5, Message.VoteKind.VOTE, true)),
                sentTo(cores.n(2)));
        assertEquals(new Ballot(5, cores.n(2).id), voter.keptBallot);
    }

    /// "Once a candidate wins an election, it becomes leader. It then sends heartbeat messages to all of the
    /// other servers to establish its authority and prevent new elections." — §5.2
    @Test
    void newLeaderTellsEverybodyAtOnce() {
        var leader = cores.elect(cores.n(1));
        for (var other : cores.others(leader))
            assertEquals(leader.id, other.raft().leader());
    }

    @Test
    void heartbeatsPreventElections() {
        var leader = cores.link().elect(cores.n(1));
        cores.run(2_000);
        assertTrue(leader.raft().leads());
        assertEquals(1, leader.raft().term());
    }

    /// "If the leader's term … is at least as large as the candidate's current term, then the candidate
    /// recognizes the leader as legitimate and returns to follower state." — §5.2
    @Test
    void candidateYieldsToALeaderOfItsTerm() {
        var candidate = campaigning();
        candidate.receive(cores.n(2), new Message.Heartbeat(1, 1, 1));
        assertEquals(cores.n(2).id, candidate.raft().leader());
        candidate.receive(cores.n(3), new Message.VoteReply(1, Message.VoteKind.VOTE, true));
        assertFalse(candidate.raft().leads());
    }

    /// "If the term in the RPC is smaller than the candidate's current term, then the candidate rejects the
    /// RPC and continues in candidate state." — §5.2
    @Test
    void candidateRejectsAnOlderLeader() {
        var candidate = cores.n(1);
        candidate.had(3);
        candidate.tick(Cores.CONFIG.electionTicksMin());
        candidate.receive(cores.n(2), new Message.VoteReply(4, Message.VoteKind.PRE_VOTE, true));
        assertEquals(4, candidate.raft().term());
        cores.wire.clear();
        candidate.receive(cores.n(3), new Message.Append(3, new Position(3, 2), List.of(), 2));
        assertNull(candidate.raft().leader());
        assertEquals(4, sentTo(cores.n(3)).getFirst().term());
        assertEquals(1, candidate.raft().commitIndex());
        candidate.receive(cores.n(2), new Message.VoteReply(4, Message.VoteKind.VOTE, true));
        assertTrue(candidate.raft().leads());
    }

    /// "if many followers become candidates at the same time, votes could be split so that no candidate
    /// obtains a majority. When this happens, each candidate will time out and start a new election by
    /// incrementing its term" — §5.2
    @Test
    void splitVoteIsFollowedByAnotherElection() {
        var two = new Cores(2);
        // Equal dice: both ask at once, both would vote for the other, both vote for themselves.
        for (var core : two.all)
            core.usualRoll = _ -> 0;
        two.link();
        for (int i = 0; i < 10; i++) {
            for (var core : two.all)
                core.tick();
            two.exchange();
        }
        for (var core : two.all)
            assertEquals(new Ballot(1, core.id), core.raft().ballot());
        assertTrue(two.all.stream().noneMatch(core -> core.raft().leads()));
        // Chance tells them apart.
        two.n(2).usualRoll = bound -> bound - 1;
        var leader = two.elect();
        assertTrue(leader.raft().term() > 1);
    }

    private int ticksUntilItAsks(Core voter) {
        cores.wire.clear();
        int ticks = 0;
        while (cores.wire.isEmpty()) {
            voter.tick();
            ticks++;
        }
        assertEquals(2, cores.wire.stream().map(Cores.Packet::message)
                .filter(message -> message instanceof Message.VoteRequest).count());
        return ticks;
    }

    /// Else, where a message takes longer than a hint's time, each winner is unseated by the next candidate before it is
    /// heard.
    @Test
    void everyTermWithoutALeaderMakesAVoterMorePatient_upToAnElectionTimeout() {
        cores.link();
        var voter = cores.n(1);
        voter.usualRoll = _ -> 0;
        var waits = new ArrayList<Integer>();
        for (int term = 1; term <= 5; term++) {
            voter.receive(cores.n(2), vote(term, voter));
            waits.add(ticksUntilItAsks(voter));
        }
        int first = 4 * Cores.CONFIG.hintTicksMax();
        int most = Cores.CONFIG.electionTicksMin();
        assertEquals(List.of(first, 2 * first, 4 * first, most, most), waits);

        voter.receive(cores.n(2), new Message.Heartbeat(5, 1, 0));
        voter.step(new Event.Disconnected(cores.n(2).id));
        voter.receive(cores.n(3), vote(6, voter));
        assertEquals(first, ticksUntilItAsks(voter), "a leader was heard");
    }

    /// "If a candidate or leader discovers that its term is out of date, it immediately reverts to follower
    /// state." — §5.1
    @Test
    void leaderOfAnOlderTermStepsDown() {
        var leader = cores.elect(cores.n(1));
        leader.receive(cores.n(2), new Message.HeartbeatReply(9, 0, leader.raft().last(), 1));
        assertFalse(leader.raft().leads());
        assertEquals(9, leader.raft().term());
        assertNull(leader.raft().leader());
    }

    /// "If a server receives a request with a stale term number, it rejects the request." — §5.1
    @Test
    void requestsOfAnOlderTermAreRejected() {
        var core = cores.n(1);
        core.had(4);
        cores.wire.clear();
        core.receive(cores.n(2), vote(3, core));
        core.receive(cores.n(2), new Message.Append(3, new Position(4, 2), List.of(), 2));
        core.receive(cores.n(2), new Message.Heartbeat(3, 1, 2));
        core.receive(cores.n(2), new Message.Committed(3, new Position(4, 2)));
        core.receive(cores.n(2), new Message.TimeoutNow(3));
        assertEquals(new Ballot(4, null), core.raft().ballot());
        assertEquals(1, core.raft().commitIndex());
        for (var message : sentTo(cores.n(2))) {
            assertEquals(4, message.term());
            assertFalse(message instanceof Message.VoteReply reply && reply.granted());
            assertFalse(message instanceof Message.AppendAck);
        }
    }

    /// A majority of four is three: two and two elect nobody.
    @Test
    void halfOfAnEvenNumberElectsNobody() {
        var four = new Cores(4).link();
        four.split(List.of(four.n(1), four.n(2)));
        four.run(1_000);
        assertTrue(four.all.stream().noneMatch(core -> core.raft().leads()));
        four.heal();
        four.elect();
    }

    @Test
    void threeOfFiveElectOneAndTwoCannot() {
        var five = new Cores(5).link();
        var old = five.elect(five.n(1));
        five.split(List.of(five.n(1), five.n(2)));
        five.run(500);
        assertFalse(old.raft().leads());
        assertFalse(five.n(2).raft().leads());
        assertEquals(1, List.of(3, 4, 5).stream().filter(i -> five.n(i).raft().leads()).count());
        five.heal();
        five.elect();
    }

    @Test
    void soleVoterElectsItselfAtItsFirstTick() {
        var alone = new Cores(1).n(1);
        alone.tick();
        assertTrue(alone.raft().leads());
        assertEquals(2, alone.raft().commitIndex());
    }

    /// Non-voting members "are not counted towards majorities" — thesis §4.2.1
    @Test
    void learnersNeverCampaignAndTheirVotesDoNotCount() {
        var mixed = new Cores(2, 2, Cores.CONFIG, Core.Maker.HONEST).link();
        var learner = mixed.n(3);
        learner.tick(1_000);
        assertTrue(mixed.wire.isEmpty());
        learner.receive(mixed.n(1), new Message.TimeoutNow(1));
        assertTrue(mixed.wire.isEmpty());

        mixed.cut(mixed.n(2), mixed.n(1));
        mixed.cut(mixed.n(1), mixed.n(2));
        mixed.run(1_000);
        assertTrue(mixed.all.stream().noneMatch(core -> core.raft().leads()));
    }

    @Test
    void learnersDoNotCommit() {
        var mixed = new Cores(2, 2, Cores.CONFIG, Core.Maker.HONEST).link();
        var leader = mixed.elect(mixed.n(1));
        long committed = leader.raft().commitIndex();
        mixed.isolate(mixed.n(2));
        leader.propose("a");
        mixed.settle();
        assertEquals(leader.raft().last(), mixed.n(3).raft().last());
        assertEquals(leader.raft().last(), mixed.n(4).raft().last());
        assertEquals(committed, leader.raft().commitIndex());
    }
}
