package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// A closed link is a hint (ADR 2), and a leader must be useful.
class HintTest {
    private static final int HINT = Cores.CONFIG.hintTicksMax();
    private static final int PATIENCE = Cores.CONFIG.electionTicksMin();

    private final Cores cores = new Cores(3).link();
    private final Core leader = cores.elect(cores.n(1));

    HintTest() {
        cores.run(20);
    }

    /// A dead one is replaced in milliseconds.
    @Test
    void leaderWhoseProcessDiesIsReplacedWithinAFewTicks() {
        cores.crash(leader);
        cores.run(2 * HINT);
        assertTrue(cores.up().stream().anyMatch(core -> core.raft().leads()));
    }

    /// A voter that still hears the leader refuses. So a hint unseats a living leader only if a majority
    /// lost it at once.
    @Test
    void oneClosedLinkUnseatsNobody() {
        cores.closeLink(leader, cores.n(3));
        cores.cut(leader, cores.n(3));
        cores.cut(cores.n(3), leader);
        cores.run(500);
        assertTrue(leader.raft().leads());
        assertEquals(1, cores.n(3).raft().term());
        cores.heal();
        cores.openLinks(leader);
        cores.run(1);
        assertEquals(leader.id, cores.n(3).raft().leader());
    }

    @Test
    void linkToAnotherThanTheLeaderIsNoHint() {
        cores.closeLink(cores.n(2), cores.n(3));
        cores.n(3).tick(Cores.CONFIG.electionTicksMin() - 1);
        assertTrue(cores.wire.isEmpty());
    }

    /// An office begins with an entry.
    @Test
    void whoseLogHasNoRoomDoesNotCampaignUntilItHas() {
        for (var follower : cores.up()) {
            if (follower != leader) follower.step(new Event.RoomToLead(false));
        }
        cores.crash(leader);
        cores.run(10 * PATIENCE);
        assertTrue(cores.up().stream().noneMatch(core -> core.raft().leads()));
        assertEquals(1, cores.n(2).raft().term());
        cores.n(2).step(new Event.RoomToLead(true));
        cores.run(4 * PATIENCE);
        assertTrue(cores.n(2).raft().leads());
    }

    /// While the link stays closed, it tries again every 10–50 ms.
    @Test
    void hintIsFollowedUpEveryFewTicks() {
        cores.closeLink(leader, cores.n(3));
        var questions = new int[1];
        cores.lose(packet -> {
            if (packet.from() == cores.n(3)) questions[0]++;
            return true;
        });
        cores.n(3).tick(40 * HINT);
        assertTrue(questions[0] >= 20, "questions: " + questions[0]);
    }

    @Test
    void learnerFollowsNoHint() {
        var mixed = new Cores(3, 1, Cores.CONFIG, Core.Maker.HONEST).link();
        var head = mixed.elect(mixed.n(1));
        mixed.closeLink(head, mixed.n(4));
        mixed.wire.clear();
        mixed.n(4).tick(500);
        assertTrue(mixed.wire.isEmpty());
    }

    /// The first election of a cluster waits for links, not for a timeout.
    @Test
    void firstElectionHappensAFewTicksAfterTheLinksOpen() {
        var fresh = new Cores(5).link();
        fresh.run(4 * HINT);
        assertEquals(1, fresh.all.stream().filter(core -> core.raft().leads()).count());
    }

    /// Whose oldest unsynced write is older than an election timeout transfers, or steps down.
    @Test
    void leaderWhoseDiskHangsHandsOver() {
        leader.diskWaits = true;
        leader.propose("a");
        cores.run(PATIENCE + 2);
        assertFalse(leader.raft().leads());
        var next = cores.elect();
        assertEquals(2, next.raft().term());
        next.propose("b");
        cores.run(20);
        assertEquals(next.raft().last().index(), next.raft().commitIndex());
        assertEquals(2, leader.applied.size());
        leader.diskWaits = false;
        leader.sync();
        cores.run(20);
        assertEquals(next.applied, leader.applied);
    }

    @Test
    void leaderWhoseDiskHangsAndWhomNobodyReplacesStepsDown() {
        leader.diskWaits = true;
        leader.propose("a");
        cores.lose(packet -> packet.message() instanceof Message.TimeoutNow);
        cores.run(2 * PATIENCE + 2);
        assertFalse(leader.raft().leads());
    }

    @Test
    void leaderWithASlowDiskStays() {
        leader.diskWaits = true;
        for (int i = 0; i < 20; i++) {
            leader.propose("a" + i);
            cores.run(PATIENCE / 2);
            leader.sync();
            cores.settle();
        }
        assertTrue(leader.raft().leads());
        assertEquals(22, leader.applied.size());
    }

    /// It could not lead if it were elected, and its campaigns would only hold the others up.
    @Test
    void nodeWhoseDiskHangsDoesNotCampaign() {
        leader.diskWaits = true;
        leader.propose("a");
        cores.lose(packet -> packet.message() instanceof Message.TimeoutNow);
        cores.run(2 * PATIENCE + 2);
        assertFalse(leader.raft().leads());
        long term = leader.raft().term();
        int groups = leader.unsyncedGroups();
        cores.isolate(leader);
        leader.tick(20 * PATIENCE);
        for (var other : cores.others(leader))
            leader.receive(other, new Message.VoteReply(term + 1, Message.VoteKind.PRE_VOTE, true));
        leader.tick(20 * PATIENCE);
        assertEquals(term, leader.raft().term());
        assertEquals(groups, leader.unsyncedGroups());
    }

    @Test
    void nodeWhoseDiskCameBackCampaignsAgain() {
        var alone = new Cores(1).n(1);
        alone.tick();
        alone.diskWaits = true;
        alone.propose("a");
        alone.tick(3 * PATIENCE);
        assertFalse(alone.raft().leads());
        alone.diskWaits = false;
        alone.sync();
        alone.tick(2 * PATIENCE);
        assertTrue(alone.raft().leads());
        assertEquals(4, alone.applied.size());
    }
}
