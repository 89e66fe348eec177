package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bellwether.raft.Message.VoteKind;
import org.junit.jupiter.api.Test;

/// Raft §5.1, §5.2 and §5.4.1; thesis §9.6 (pre-vote), §3.10 (transfer), §6.2 (check-quorum).
class ElectionPaperTest {
    private static final Position BOOTSTRAP = new Position(0, 1);

    /// "When servers start up, they begin as followers." — §5.2
    @Test
    void aNodeStartsAsAFollower() {
        var cores = new Cores(3);
        assertFalse(cores.node(1).raft.leads());
        assertEquals(0, cores.node(1).raft.term());
    }

    /// "If a follower receives no communication over a period of time called the election timeout, then it
    /// assumes there is no viable leader and begins an election" — §5.2
    @Test
    void silenceForAnElectionTimeoutMakesAFollowerCampaign() {
        var cores = new Cores(3);
        cores.node(1).tick(99);
        assertTrue(cores.network.isEmpty());
        cores.node(1).tick(1);
        var asked = cores.takeFrom(1);
        assertEquals(2, asked.size());
        var request = assertInstanceOf(Message.VoteRequest.class, asked.getFirst());
        assertEquals(VoteKind.PRE_VOTE, request.kind());
        assertEquals(1, request.term());
    }

    /// "Raft uses randomized election timeouts to ensure that split votes are rare" — §5.2
    @Test
    void theElectionTimeoutIsRandomBetweenOnceAndTwice() {
        var cores = new Cores(3);
        cores.node(1).roll = 99;
        cores.node(1).restart();
        cores.node(1).tick(198);
        assertTrue(cores.network.isEmpty());
        cores.node(1).tick(1);
        assertFalse(cores.network.isEmpty());
    }

    /// "A candidate wins an election if it receives votes from a majority of the servers in the full cluster
    /// for the same term." — §5.2
    @Test
    void aMajorityElects() {
        var cores = new Cores(5);
        cores.isolate(4);
        cores.isolate(5);
        cores.elect(1);
        assertEquals(1, cores.node(1).raft.term());
        assertEquals(Cores.id(1), cores.node(3).raft.leader());
    }

    @Test
    void aMinorityDoesNotElect() {
        var cores = new Cores(4);
        cores.isolate(3);
        cores.isolate(4);
        cores.node(1).tick(1000);
        cores.deliver();
        assertFalse(cores.node(1).raft.leads());
    }

    /// "Each server will vote for at most one candidate in a given term, on a first-come-first-served basis"
    /// — §5.2
    @Test
    void aVoteIsGivenOncePerTerm() {
        var voter = new Cores(3);
        voter.node(1).receive(2, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        voter.node(1).receive(3, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        voter.node(1).receive(2, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        assertEquals(List.of(new Message.VoteReply(1, VoteKind.VOTE, true),
                new Message.VoteReply(1, VoteKind.VOTE, false),
                new Message.VoteReply(1, VoteKind.VOTE, true)), voter.takeFrom(1));
    }

    /// `votedFor` is "updated on stable storage before responding to RPCs" — figure 2
    @Test
    void aVoteSurvivesARestart() {
        var cores = new Cores(3);
        cores.node(1).receive(2, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        cores.takeFrom(1);
        cores.node(1).restart();
        cores.node(1).receive(3, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        assertEquals(List.of(new Message.VoteReply(1, VoteKind.VOTE, false)), cores.takeFrom(1));
    }

    /// "the voter denies its vote if its own log is more up-to-date than that of the candidate" — §5.4.1
    @Test
    void aCandidateWithAnOlderLogGetsNoVote() {
        var cores = new Cores(3);
        cores.node(1).past(2, 1, 2);
        for (var kind : List.of(VoteKind.PRE_VOTE, VoteKind.VOTE)) {
            cores.node(1).receive(2, new Message.VoteRequest(5, kind, new Position(1, 9)));
            var reply = assertInstanceOf(Message.VoteReply.class, cores.takeFrom(1).getLast());
            assertFalse(reply.granted(), "the later last term wins, whatever the length");
            cores.node(1).receive(2, new Message.VoteRequest(6, kind, new Position(2, 2)));
            reply = assertInstanceOf(Message.VoteReply.class, cores.takeFrom(1).getLast());
            assertFalse(reply.granted(), "with equal terms the longer log wins");
        }
        cores.node(1).receive(2, new Message.VoteRequest(7, VoteKind.VOTE, new Position(2, 3)));
        assertTrue(
                assertInstanceOf(Message.VoteReply.class, cores.takeFrom(1).getLast()).granted());
    }

    /// "If a candidate or leader discovers that its term is out of date, it immediately reverts to follower
    /// state." — §5.1
    @Test
    void aHigherTermEndsAnOffice() {
        var cores = new Cores(3);
        cores.elect(1);
        cores.node(1).receive(2, new Message.HeartbeatReply(7, 1, BOOTSTRAP, 0));
        assertFalse(cores.node(1).raft.leads());
        assertEquals(7, cores.node(1).raft.term());
        assertEquals(new Ballot(7, null), cores.node(1).ballot);
    }

    /// "If a server receives a request with a stale term number, it rejects the request." — §5.1
    @Test
    void aStaleLeaderIsToldTheTerm() {
        var cores = new Cores(3);
        cores.node(2).past(3);
        cores.node(2).receive(1, new Message.Append(2, BOOTSTRAP, List.of(), 1));
        cores.node(2).receive(1, new Message.Heartbeat(2, 4, 1));
        var replies = cores.takeFrom(2);
        assertEquals(3, assertInstanceOf(Message.AppendReject.class, replies.getFirst()).term());
        assertEquals(3, assertInstanceOf(Message.HeartbeatReply.class, replies.getLast()).term());
    }

    /// "While waiting for votes, a candidate may receive an AppendEntries RPC from another server claiming to be
    /// leader. If the leader's term … is at least as large as the candidate's current term, then the candidate
    /// recognizes the leader as legitimate" — §5.2
    @Test
    void aCandidateGivesWayToTheLeaderOfItsTerm() {
        var cores = new Cores(3);
        cores.node(1).tick(100);
        cores.node(1).receive(2, new Message.VoteReply(1, VoteKind.PRE_VOTE, true));
        assertEquals(1, cores.node(1).raft.term());
        cores.node(1).receive(3, new Message.Heartbeat(1, 1, 1));
        assertEquals(Cores.id(3), cores.node(1).raft.leader());
    }

    /// "a Pre-Vote … would only increment its term if it first learned from a majority of the cluster that they
    /// would be willing to grant the candidate their votes" — thesis §9.6
    @Test
    void aNodeThatWasCutOffDoesNotRaiseTheTerm() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.isolate(3);
        cores.pass(500);
        assertEquals(1, cores.node(3).raft.term());
        cores.heal();
        cores.pass(50);
        assertTrue(cores.node(1).raft.leads());
        assertEquals(1, cores.node(1).raft.term());
        assertEquals(Cores.id(1), cores.node(3).raft.leader());
    }

    /// "if a server receives a RequestVote request within the minimum election timeout of hearing from a current
    /// leader, it does not update its term or grant its vote" — thesis §4.2.3
    @Test
    void whoHearsALeaderHelpsNobodyToUnseatIt() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.node(2).receive(3, new Message.VoteRequest(9, VoteKind.VOTE, new Position(8, 99)));
        assertEquals(1, cores.node(2).raft.term());
        cores.node(1).receive(3, new Message.VoteRequest(9, VoteKind.VOTE, new Position(8, 99)));
        assertTrue(cores.node(1).raft.leads());
    }

    /// "a leader … steps down if an election timeout elapses without a successful round of heartbeats to a
    /// majority of its cluster" — thesis §6.2
    @Test
    void aLeaderThatHearsNoMajorityStepsDown() {
        var cores = new Cores(3);
        cores.elect(1);
        cores.isolate(1);
        cores.node(1).tick(99);
        assertTrue(cores.node(1).raft.leads());
        cores.node(1).tick(1);
        assertFalse(cores.node(1).raft.leads());
    }

    /// "The prior leader sends a TimeoutNow request to the target server … starts a new election" — thesis §3.10
    @Test
    void leadershipIsHandedToANodeThatIsLevel() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(1);
        cores.node(1).step(new Event.Transfer(Cores.id(2)));
        assertFalse(cores.node(1).raft.acceptsProposals());
        cores.deliver();
        assertTrue(cores.node(2).raft.leads());
        assertEquals(2, cores.node(2).raft.term());
        assertFalse(cores.node(1).raft.leads());
    }

    /// "If leadership transfer does not complete after about an election timeout, the prior leader aborts the
    /// transfer and resumes accepting client requests." — thesis §3.10
    @Test
    void aTransferThatComesToNothingIsGivenUp() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(1);
        cores.node(1).step(new Event.Transfer(Cores.id(2)));
        cores.isolate(2);
        cores.pass(102);
        assertTrue(cores.node(1).raft.leads());
        assertTrue(cores.node(1).raft.acceptsProposals());
    }

    @Test
    void theSoleVoterElectsItselfAtOnce() {
        var cores = new Cores(1);
        cores.node(1).tick(1);
        assertTrue(cores.node(1).raft.leads());
    }

    /// A learner neither votes nor campaigns nor counts (thesis §4.2.1).
    @Test
    void aLearnerNeitherVotesNorCampaignsNorCounts() {
        var cores = new Cores(3, 2, Cores.CONFIG);
        cores.node(3).tick(1000);
        assertTrue(cores.network.isEmpty());
        cores.node(3).receive(1, new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP));
        assertFalse(
                assertInstanceOf(Message.VoteReply.class, cores.takeFrom(3).getFirst()).granted());
        cores.isolate(2);
        cores.node(1).tick(300);
        cores.deliver();
        assertFalse(cores.node(1).raft.leads(),
                "one of two voters is no majority, whatever a learner says");
    }

    /// DESIGN D7: a closed connection is a hint.
    @Test
    void aClosedLinkFromTheLeaderStartsAPreVoteWithinTicks() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.isolate(1);
        cores.node(3).roll = 4;
        for (int follower : new int[]{2, 3}) {
            cores.node(follower).step(new Event.Disconnected(Cores.id(1)));
        }
        cores.pass(12);
        assertTrue(cores.node(2).raft.leads());
    }

    /// DESIGN D7: "a hint unseats a living leader only if a majority lost it at once".
    @Test
    void aVoterThatAloneLostItsLinkUnseatsNobody() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.node(2).step(new Event.Disconnected(Cores.id(1)));
        cores.isolate(2);
        cores.pass(20);
        cores.heal();
        cores.node(2).tick(10);
        cores.deliver();
        assertTrue(cores.node(1).raft.leads());
        assertEquals(1, cores.node(3).raft.term());
    }

    /// DESIGN §6: "a starting node that reaches a majority without a leader starts a pre-vote after ≤ 50 ms".
    @Test
    void nodesThatStartTogetherElectWithinTicks() {
        var cores = new Cores(3);
        cores.node(1).roll = 4;
        cores.node(2).roll = 1;
        cores.node(3).roll = 3;
        cores.connectAll();
        cores.pass(6);
        assertTrue(cores.node(2).raft.leads());
    }

    /// DESIGN D8: "Oldest unsynced write older than an election timeout → it transfers or steps down".
    @Test
    void aLeaderWhoseDiskHangsGivesWay() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(1);
        cores.disksSync = false;
        cores.node(1).propose("stuck");
        for (int i = 0; i < 320; i++) {
            for (var core : cores.all)
                core.tick(1);
            cores.deliver();
            cores.node(2).sync();
            cores.node(3).sync();
            cores.deliver();
        }
        assertFalse(cores.node(1).raft.leads());
        assertNotEquals(null, cores.node(2).raft.leader());
        assertNotEquals(Cores.id(1), cores.node(2).raft.leader());
    }
}
