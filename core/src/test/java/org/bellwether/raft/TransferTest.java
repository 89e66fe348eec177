package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Thesis §3.10: leadership is handed over.
class TransferTest {
    private final Cores cores = new Cores(3).link();
    private final Core leader = cores.elect(cores.n(1));

    TransferTest() {
        cores.run(20);
    }

    /// "The prior leader sends a TimeoutNow request to the target server" — thesis §3.10
    @Test
    void targetLeadsWithoutWaitingForAnyTimeout() {
        leader.step(new Event.Transfer(cores.n(3).id));
        cores.settle();
        assertTrue(cores.n(3).raft().leads());
        assertEquals(2, cores.n(3).raft().term());
        assertEquals(cores.n(3).id, leader.raft().leader());
        assertFalse(leader.raft().transferring());
    }

    /// "The prior leader stops accepting new client requests." — thesis §3.10
    @Test
    void noProposalIsTakenMeanwhile() {
        leader.step(new Event.Transfer(cores.n(3).id));
        assertTrue(leader.raft().transferring());
        assertFalse(leader.raft().acceptsProposals());
        assertThrows(IllegalStateException.class, () -> leader.propose("a"));
    }

    /// "The prior leader fully updates the target server's log to match its own" — thesis §3.10
    @Test
    void targetIsBroughtLevelFirst() {
        cores.cut(leader, cores.n(3));
        leader.propose("a", "b");
        cores.settle();
        cores.heal();
        leader.step(new Event.Transfer(cores.n(3).id));
        assertTrue(cores.wire.stream()
                .noneMatch(packet -> packet.message() instanceof Message.TimeoutNow));
        cores.run(25);
        assertTrue(cores.n(3).raft().leads());
        assertEquals(leader.applied, cores.n(3).applied);
    }

    @Test
    void withoutAWishTheMostUpToDateIsChosen() {
        cores.cut(leader, cores.n(2));
        leader.propose("a");
        cores.settle();
        leader.step(new Event.Transfer(null));
        cores.settle();
        assertTrue(cores.n(3).raft().leads());
    }

    /// "if leadership transfer does not complete after about an election timeout, the prior leader aborts the
    /// transfer and resumes accepting client requests" — thesis §3.10
    @Test
    void leaderGoesOnWhenTheTargetDies() {
        leader.step(new Event.Transfer(cores.n(3).id));
        cores.crash(cores.n(3));
        cores.run(Cores.CONFIG.electionTicksMin() + 1);
        assertTrue(leader.raft().acceptsProposals());
        leader.propose("a");
        cores.settle();
        assertEquals(3, leader.raft().commitIndex());
    }

    @Test
    void nobodyIsMadeLeaderWhoIsDownSilentUnknownOrALearner() {
        var mixed = new Cores(2, 1, Cores.CONFIG, Core.Maker.HONEST).link();
        var sole = mixed.elect(mixed.n(1));
        mixed.run(20);
        sole.step(new Event.Transfer(mixed.n(3).id));
        assertFalse(sole.raft().transferring(), "a learner");
        sole.step(new Event.Transfer(Cores.id(9)));
        assertFalse(sole.raft().transferring(), "unknown");
        sole.step(new Event.Transfer(sole.id));
        assertFalse(sole.raft().transferring(), "itself");
        mixed.closeLink(sole, mixed.n(2));
        sole.step(new Event.Transfer(null));
        assertFalse(sole.raft().transferring(), "down");
    }

    @Test
    void targetThatLosesItsElectionLeavesTheClusterWithALeader() {
        leader.step(new Event.Transfer(cores.n(3).id));
        assertTrue(cores.deliverFirst(packet -> packet.message() instanceof Message.TimeoutNow));
        cores.wire.clear();
        var next = cores.elect();
        next.propose("a");
        cores.run(20);
        for (var core : cores.all)
            assertEquals(next.applied, core.applied);
    }

    /// Nobody is asked before: who gave up by then would not even have tried, and the old leader might be elected again.
    @Test
    void targetWithASlowDiskWaitsForItsOwnVote() {
        var target = cores.n(3);
        leader.step(new Event.Transfer(target.id));
        target.diskWaits = true;
        assertTrue(cores.deliverFirst(packet -> packet.message() instanceof Message.TimeoutNow));
        target.tick(Cores.CONFIG.electionTicksMin());
        target.diskWaits = false;
        target.sync();
        cores.settle();
        assertTrue(target.raft().leads());
        assertEquals(2, target.raft().term());
    }

    /// A TimeoutNow of an office that is over moves nobody.
    @Test
    void lateTimeoutNowIsIgnored() {
        leader.step(new Event.Transfer(cores.n(3).id));
        cores.settle();
        cores.n(2).receive(leader, new Message.TimeoutNow(1));
        assertTrue(cores.wire.isEmpty());
        assertEquals(cores.n(3).id, cores.n(2).raft().leader());
    }

    @Test
    void followerAskedToTransferDoesNothing() {
        cores.n(2).step(new Event.Transfer(null));
        assertTrue(cores.wire.isEmpty());
        assertNull(cores.n(2).raft().report(leader.id));
    }

    @Test
    void writesUnderWayAreNotLost() {
        leader.propose("a", "b");
        leader.step(new Event.Transfer(null));
        cores.run(20);
        var next = cores.elect();
        assertTrue(next != leader);
        assertEquals(5, next.applied.size());
        assertEquals(next.applied, leader.applied);
    }

    @Test
    void readsUnderWayAreServedByTheNextLeader() {
        cores.isolate(cores.n(2));
        long read = leader.read();
        leader.step(new Event.Transfer(cores.n(3).id));
        cores.settle();
        cores.run(20);
        assertTrue(cores.n(3).raft().leads());
        assertTrue(leader.mayServe(read));
    }
}
