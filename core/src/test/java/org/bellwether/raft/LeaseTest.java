package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Thesis §6.4.1: what voters do so that a leader can know for a while that it leads, and from which
/// round of heartbeats it may reckon. ADR 12 has the argument.
class LeaseTest {
    private static final int PATIENCE = Cores.CONFIG.electionTicksMin();
    private static final int HINT = Cores.CONFIG.hintTicksMax();

    private final Cores cores = new Cores(3, 1, Cores.CONFIG, Core.Maker.HONEST).link();
    private final Core leader = cores.elect(cores.n(1));
    private final Core n2 = cores.n(2);
    private final Core n3 = cores.n(3);

    LeaseTest() {
        cores.run(20);
        change(list -> list.withLeaseReads(true));
        cores.run(20);
    }

    private void change(UnaryOperator<Membership> step) {
        leader.step(new Event.Reconfigure(step.apply(leader.raft().membership())));
    }

    /// Asks for a vote in the next term on behalf of a candidate that has everything. @return whether it was given
    private boolean grants(Core voter, Core candidate, Message.VoteKind kind) {
        long before = voter.raft().term();
        var effects = voter.receive(candidate,
                new Message.VoteRequest(before + 1, kind, leader.raft().last()));
        if (kind != Message.VoteKind.PRE_VOTE) return voter.raft().term() > before;
        return ((Message.VoteReply) effects.sendNow().getFirst().message()).granted();
    }

    private static long newestTerm(Cores cores) {
        return cores.up().stream().mapToLong(core -> core.raft().term()).max().orElseThrow();
    }

    // What voters promise.

    /// While it is on, voters refuse pre-votes and votes within the minimum election timeout of last contact.
    @Test
    void votesAreRefusedWithinTheElectionTimeout() {
        cores.isolate(leader);
        n2.receive(leader, new Message.Heartbeat(1, 1_000, 0));
        cores.closeLink(leader, n2);
        for (int tick = 1; tick < PATIENCE; tick++) {
            n2.tick();
            assertFalse(grants(n2, n3, Message.VoteKind.PRE_VOTE), "tick " + tick);
            assertFalse(grants(n2, n3, Message.VoteKind.VOTE), "tick " + tick);
        }
        n2.tick();
        assertTrue(grants(n2, n3, Message.VoteKind.PRE_VOTE));
        assertTrue(grants(n2, n3, Message.VoteKind.VOTE));
    }

    /// The closed link alone frees it where leases are off, which is what makes failovers fast (ADR 2).
    @Test
    void withoutLeasesAClosedLinkFreesTheVote() {
        change(list -> list.withLeaseReads(false));
        cores.run(20);
        cores.closeLink(leader, n2);
        assertTrue(grants(n2, n3, Message.VoteKind.PRE_VOTE));
    }

    /// A later term is no reason: whoever echoed a round in this one has promised for the time after it.
    @Test
    void promiseOutlivesTheTerm() {
        n2.receive(leader, new Message.Heartbeat(1, 1_000, 0));
        n2.receive(n3, new Message.VoteReply(5, Message.VoteKind.VOTE, false));
        assertEquals(5, n2.raft().term());
        n2.tick(PATIENCE - 1);
        assertFalse(grants(n2, n3, Message.VoteKind.VOTE));
        n2.tick();
        assertTrue(grants(n2, n3, Message.VoteKind.VOTE));
    }

    /// The hint of a closed link waits, too: it is followed when the promise has ended, not a whole random timeout later.
    @Test
    void closedLinkStartsNoElectionBeforeThePromiseHasEnded() {
        cores.run(1);
        cores.crash(leader);
        cores.run(PATIENCE - Cores.CONFIG.heartbeatTicks() - 2);
        assertEquals(1, newestTerm(cores));
        cores.run(Cores.CONFIG.heartbeatTicks() + 4 * HINT);
        assertTrue(cores.up().stream().anyMatch(core -> core.raft().leads()));
    }

    /// A restarted node does not remember whom it heard, or when.
    @Test
    void restartedVoterWaitsAnElectionTimeout() {
        cores.crash(n2);
        n2.start();
        n2.tick(PATIENCE - 1);
        assertFalse(grants(n2, n3, Message.VoteKind.PRE_VOTE));
        assertFalse(grants(n2, n3, Message.VoteKind.VOTE));
        n2.tick();
        assertTrue(grants(n2, n3, Message.VoteKind.VOTE));
    }

    @Test
    void nodesThatStartTogetherElectNobodyBefore() {
        for (var core : cores.all)
            cores.crash(core);
        for (var core : cores.all)
            cores.restart(core);
        cores.run(PATIENCE - 1);
        assertEquals(1, newestTerm(cores));
        cores.run(4 * HINT);
        assertTrue(cores.all.stream().anyMatch(core -> core.raft().leads()));
    }

    @Test
    void soleVoterWaitsForNobody() {
        var alone = new Cores(1);
        var sole = alone.elect(alone.n(1));
        sole.step(new Event.Reconfigure(sole.raft().membership().withLeaseReads(true)));
        sole.crash();
        sole.start();
        sole.tick();
        assertTrue(sole.raft().leads());
        sole.tick(Cores.CONFIG.heartbeatTicks());
        assertEquals(sole.raft().round(), sole.raft().leaseRound());
    }

    /// The leader that a voter heard may have its vote: if it asks, it has left its office.
    @Test
    void formerLeaderMayHaveTheVote() {
        assertTrue(grants(n2, leader, Message.VoteKind.PRE_VOTE));
    }

    /// Off counts for voters once it cannot be taken back: the leader that comes next may still have it on.
    @Test
    void promiseHoldsUntilOffIsCommitted() {
        cores.lose(packet -> packet.message() instanceof Message.AppendAck
                || packet.message() instanceof Message.Committed);
        change(list -> list.withLeaseReads(false));
        cores.settle();
        assertFalse(n2.raft().membership().leaseReads());
        cores.closeLink(leader, n2);
        assertFalse(grants(n2, n3, Message.VoteKind.PRE_VOTE));
        cores.loseNothing();
        cores.openLinks(leader);
        cores.run(30);
        cores.closeLink(leader, n2);
        assertTrue(grants(n2, n3, Message.VoteKind.PRE_VOTE));
    }

    /// A candidate whose vote failed goes back to waiting if it is still bound.
    @Test
    void whoWasToldToTakeOverInVainWaitsAgain() {
        var questions = new int[1];
        cores.lose(packet -> {
            if (packet.message() instanceof Message.VoteRequest request
                    && request.kind() == Message.VoteKind.PRE_VOTE)
                questions[0]++;
            return packet.from() == n3;
        });
        n3.receive(leader, new Message.TimeoutNow(1));
        assertEquals(2, n3.raft().term());
        n3.tick(PATIENCE - 1);
        assertEquals(0, questions[0]);
        n3.tick(4 * HINT);
        assertTrue(questions[0] > 0);
    }

    // What a leader may reckon with.

    @Test
    void roundBearsALeaseOnceAMajorityHasEchoedIt() {
        cores.cut(n3, leader);
        cores.cut(n2, leader);
        long before = leader.raft().leaseRound();
        leader.read();
        assertNotEquals(before, leader.raft().round());
        cores.settle();
        assertEquals(before, leader.raft().leaseRound());
        cores.heal();
        cores.run(Cores.CONFIG.heartbeatTicks());
        assertEquals(leader.raft().round(), leader.raft().leaseRound());
    }

    @Test
    void leaseIsNoneWhileTheSwitchIsOff() {
        change(list -> list.withLeaseReads(false));
        assertEquals(0, leader.raft().leaseRound(), "off counts as soon as it is appended");
        cores.run(30);
        assertEquals(0, leader.raft().leaseRound());
    }

    /// n2 and n3 echo, n3 and the leader have the switch. The majority that has it is another than the one that
    /// echoes, and n2 is not bound by what it does not know.
    @Test
    void echoOfWhoDoesNotHaveTheSwitchDoesNotCount() {
        change(list -> list.withLeaseReads(false));
        cores.run(20);
        cores.lose(packet -> packet.to() == n2 && packet.message() instanceof Message.Append);
        change(list -> list.withLeaseReads(true));
        cores.settle();
        assertTrue(leader.raft().membershipIsCommitted());
        cores.lose(packet -> packet.to() == n2 && packet.message() instanceof Message.Append
                || packet.from() == n3 && packet.message() instanceof Message.HeartbeatReply);
        cores.run(3 * Cores.CONFIG.heartbeatTicks());
        long borne = leader.raft().leaseRound();
        assertTrue(borne < leader.raft().round() - 1,
                "a lease by the echo of one that is not bound");
        cores.closeLink(leader, n2);
        assertTrue(grants(n2, n3, Message.VoteKind.PRE_VOTE));
        cores.loseNothing();
        cores.openLinks(leader);
        cores.run(3 * Cores.CONFIG.heartbeatTicks());
        assertEquals(leader.raft().round(), leader.raft().leaseRound());
    }

    /// A transfer ends the lease first.
    @Test
    void transferEndsTheLease() {
        assertTrue(leader.raft().leaseRound() > 0);
        cores.cut(leader, n3);
        leader.propose("a");
        leader.step(new Event.Transfer(n3.id));
        assertTrue(cores.wire.stream()
                .noneMatch(packet -> packet.message() instanceof Message.TimeoutNow));
        assertEquals(0, leader.raft().leaseRound());
    }

    /// Whoever was told to take over may get to know it late, and is elected at once then.
    @Test
    void transferThatFailedHasEndedTheLeaseForTheTerm() {
        cores.lose(packet -> packet.message() instanceof Message.TimeoutNow);
        leader.step(new Event.Transfer(n3.id));
        cores.run(3 * PATIENCE);
        assertTrue(leader.raft().leads());
        assertFalse(leader.raft().transferring());
        assertEquals(0, leader.raft().leaseRound());
        n3.receive(leader, new Message.TimeoutNow(1));
        cores.settle();
        assertTrue(n3.raft().leads());
        cores.run(20);
        assertTrue(n3.raft().leaseRound() > 0, "the next leader has one again");
    }

    @Test
    void transferThatNeverToldAnybodyGivesTheLeaseBack() {
        cores.lose(packet -> packet.to() == n3 && packet.message() instanceof Message.Append);
        leader.propose("a");
        leader.step(new Event.Transfer(n3.id));
        cores.run(PATIENCE + 2);
        assertFalse(leader.raft().transferring());
        assertEquals(leader.raft().round(), leader.raft().leaseRound());
    }

    /// Raft §8: before, a leader does not know what is committed.
    @Test
    void newLeaderHasNoneBeforeAnEntryOfItsOwnTermIsCommitted() {
        cores.lose(packet -> packet.message() instanceof Message.AppendAck
                && packet.to() == n2);
        cores.isolate(leader);
        var next = cores.elect(n2);
        cores.run(2 * Cores.CONFIG.heartbeatTicks());
        assertEquals(0, next.raft().leaseRound());
        cores.loseNothing();
        cores.run(3 * Cores.CONFIG.heartbeatTicks());
        assertTrue(next.raft().leaseRound() > 0);
    }

    /// Without a vote it is not among those whose refusal it relies on.
    @Test
    void leaderThatLosesItsVoteHasNone() {
        leader.diskWaits = true;
        change(list -> list.withVoter(leader.id, false));
        cores.settle();
        assertTrue(leader.raft().leads());
        assertTrue(leader.raft().membershipIsCommitted());
        assertEquals(0, leader.raft().leaseRound());
    }

    @Test
    void whoDoesNotLeadHasNone() {
        assertEquals(0, n2.raft().leaseRound());
        assertEquals(0, n2.raft().round());
    }
}
