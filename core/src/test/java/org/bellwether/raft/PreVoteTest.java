package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Thesis §9.6 (pre-vote), §4.2.3 (voters that hear a leader refuse), §6.2 (a leader that hears no
/// majority steps down).
class PreVoteTest {
    private final Cores cores = new Cores(3).link();

    /// "a candidate only increments its term if it first learns from a majority of the cluster that they would
    /// be willing to grant the candidate their votes" — thesis §9.6
    @Test
    void termStaysWhileNobodyWouldVote() {
        var lonely = cores.n(1);
        cores.isolate(lonely);
        lonely.tick(5_000);
        assertEquals(Ballot.INITIAL, lonely.raft().ballot());
        assertTrue(lonely.isDiskIdle());
    }

    /// "[a returning server] will not disrupt the cluster" — thesis §9.6
    @Test
    void nodeThatReturnsDisturbsNobody() {
        var leader = cores.elect(cores.n(1));
        cores.isolate(cores.n(3));
        cores.run(1_000);
        cores.heal();
        cores.run(300);
        assertTrue(leader.raft().leads());
        assertEquals(1, leader.raft().term());
        assertEquals(leader.id, cores.n(3).raft().leader());
    }

    @Test
    void restartedNodeDisturbsNobody() {
        var leader = cores.elect(cores.n(1));
        cores.crash(cores.n(2));
        cores.run(200);
        cores.restart(cores.n(2));
        cores.run(300);
        assertTrue(leader.raft().leads());
        assertEquals(1, leader.raft().term());
    }

    /// "if a server receives a RequestVote request within the minimum election timeout of hearing from a current
    /// leader, it does not update its term or grant its vote" — thesis §4.2.3
    @Test
    void whoHearsALeaderNeitherVotesNorTakesTheTerm() {
        var leader = cores.elect(cores.n(1));
        for (var voter : cores.all) {
            var from = voter == cores.n(3) ? cores.n(2) : cores.n(3);
            for (var kind : new Message.VoteKind[]{Message.VoteKind.PRE_VOTE,
                    Message.VoteKind.VOTE}) {
                voter.receive(from, new Message.VoteRequest(9, kind, voter.raft().last()));
                var reply = (Message.VoteReply) cores.wire.getLast().message();
                assertFalse(reply.granted());
                assertEquals(1, voter.raft().term());
            }
        }
        assertTrue(leader.raft().leads());
    }

    @Test
    void whoHasNotHeardTheLeaderForAMinimumTimeoutVotes() {
        cores.elect(cores.n(1));
        var voter = cores.n(2);
        var question = new Message.VoteRequest(2, Message.VoteKind.PRE_VOTE, voter.raft().last());
        voter.tick(Cores.CONFIG.electionTicksMin() - 1);
        voter.receive(cores.n(3), question);
        assertFalse(((Message.VoteReply) cores.wire.getLast().message()).granted());
        voter.tick();
        voter.receive(cores.n(3), question);
        assertTrue(((Message.VoteReply) cores.wire.getLast().message()).granted());
        assertEquals(1, voter.raft().term());
    }

    /// Promises nothing: more than one may be told yes, and the disk is not asked.
    @Test
    void preVoteIsNotAVote() {
        var voter = cores.n(1);
        voter.diskWaits = true;
        for (int i = 2; i <= 3; i++) {
            voter.receive(cores.n(i),
                    new Message.VoteRequest(1, Message.VoteKind.PRE_VOTE, voter.raft().last()));
            assertTrue(((Message.VoteReply) cores.wire.getLast().message()).granted());
        }
        assertTrue(voter.isDiskIdle());
    }

    /// The request names a term that its receiver has passed: no, and the asker learns of the term.
    @Test
    void preVoteForATermThatIsOverIsRefused() {
        cores.n(1).had(4);
        cores.openLinks(cores.n(1));
        var behind = cores.n(2);
        behind.tick(Cores.CONFIG.electionTicksMin() * 2);
        cores.settle(packet -> packet.to() == cores.n(1) || packet.from() == cores.n(1));
        assertEquals(4, behind.raft().term());
        assertFalse(behind.raft().leads());
    }

    /// A higher term with a shorter log neither leads nor blocks: the others take its term and lead.
    @Test
    void higherTermWithAShorterLogDoesNotBlockTheOthers() {
        var three = new Cores(3);
        three.n(1).had(1, 1);
        three.n(2).had(1, 1);
        three.n(3).had(1);
        three.n(3).wasIn(7, three.n(3).id);
        three.link();
        var leader = three.elect();
        assertTrue(leader != three.n(3));
        assertTrue(leader.raft().term() > 7);
    }

    /// A node in a later term that comes back takes the leader to that term, and there is a leader again.
    @Test
    void leaderFollowsALaterTermAndTheClusterGoesOn() {
        cores.elect(cores.n(1)).propose("a");
        cores.settle();
        var returning = cores.n(3);
        cores.crash(returning);
        returning.keptBallot = new Ballot(7, returning.id);
        cores.restart(returning);
        cores.run(30);
        var leader = cores.elect();
        assertTrue(leader.raft().term() >= 8);
        leader.propose("b");
        cores.run(30);
        for (var core : cores.all)
            assertEquals(leader.applied, core.applied);
    }

    /// "a leader … steps down if an election timeout elapses without a successful round of heartbeats to a
    /// majority of its cluster" — thesis §6.2
    @Test
    void leaderThatHearsNoMajorityStepsDown() {
        var leader = cores.elect(cores.n(1));
        cores.isolate(leader);
        leader.tick(Cores.CONFIG.electionTicksMin() - 1);
        assertTrue(leader.raft().leads());
        leader.tick();
        assertFalse(leader.raft().leads());
        assertEquals(1, leader.raft().term());
    }

    @Test
    void oneOfTwoFollowersIsEnoughToStay() {
        var leader = cores.elect(cores.n(1));
        cores.isolate(cores.n(3));
        cores.run(1_000);
        assertTrue(leader.raft().leads());
        assertEquals(1, leader.raft().term());
    }

    @Test
    void learnersDoNotKeepALeaderInOffice() {
        var mixed = new Cores(3, 2, Cores.CONFIG, Core.Maker.HONEST).link();
        var leader = mixed.elect(mixed.n(1));
        mixed.isolate(mixed.n(2));
        mixed.isolate(mixed.n(3));
        mixed.run(Cores.CONFIG.electionTicksMin());
        assertFalse(leader.raft().leads());
    }

    /// Silence is counted in ticks, for ever: a dead node must not come to life by overflow.
    @Test
    void silenceOfAgesIsStillSilence() {
        var progress = new Progress(Cores.id(2), 2);
        progress.silentTicks = Integer.MAX_VALUE;
        progress.tick();
        assertEquals(Integer.MAX_VALUE, progress.silentTicks);
    }

    /// The leader's frames arrive, but it hears nobody (a one-way cut): it leaves, and the others, who heard it a
    /// moment ago, do not refuse it for its own sake when it asks for their votes.
    @Test
    void oldLeaderIsNotRefusedBecauseItWasHeard() {
        var old = cores.elect(cores.n(1));
        cores.cut(cores.n(2), old);
        cores.cut(cores.n(3), old);
        cores.run(Cores.CONFIG.electionTicksMin());
        assertFalse(old.raft().leads());
        cores.heal();
        cores.run(4 * Cores.CONFIG.hintTicksMax());
        assertTrue(old.raft().leads());
    }

    /// B reaches A only, A hears the leader: B stays outside and nothing moves; the leader has its majority.
    @Test
    void partlyConnectedNodeDoesNotUnseatALeaderThatTheOtherHears() {
        var leader = cores.elect(cores.n(1));
        cores.closeLink(leader, cores.n(3));
        cores.cut(leader, cores.n(3));
        cores.cut(cores.n(3), leader);
        cores.run(1_000);
        assertTrue(leader.raft().leads());
        assertEquals(1, cores.n(3).raft().term());
    }
}
