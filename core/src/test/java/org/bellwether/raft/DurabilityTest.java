package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// "Updated on stable storage before responding to RPCs" — Raft, figure 2: what a node promises, its disk has
/// kept. ([Rules] demand it after every step of every other test as well.)
class DurabilityTest {
    private final Cores cores = new Cores(3).link();

    private static Entry entry(long term, long index) {
        return Entry.of(new Position(term, index), Entry.Kind.COMMANDS,
                Core.bytes(new Position(term, index).toString()));
    }

    private static Message.Append append(long term, Position previous, Entry... entries) {
        return new Message.Append(term, previous, List.of(entries), 1);
    }

    @Test
    void voteLeavesWhenItIsSynced() {
        var voter = cores.n(1);
        voter.diskWaits = true;
        voter.receive(cores.n(2),
                new Message.VoteRequest(3, Message.VoteKind.VOTE, voter.raft().last()));
        assertTrue(cores.wire.isEmpty());
        voter.sync();
        assertEquals(new Ballot(3, cores.n(2).id), voter.keptBallot);
        assertEquals(new Message.VoteReply(3, Message.VoteKind.VOTE, true),
                cores.wire.getFirst().message());
    }

    @Test
    void refusalWaitsForNothing() {
        var voter = cores.n(1);
        voter.had(2, 2);
        voter.diskWaits = true;
        voter.receive(cores.n(2), new Message.VoteRequest(3, Message.VoteKind.VOTE, Position.NONE));
        assertFalse(((Message.VoteReply) cores.wire.getFirst().message()).granted());
        assertFalse(voter.isDiskIdle());
    }

    @Test
    void votesAreAskedForOnlyWhenTheOwnOneIsSynced() {
        var candidate = cores.n(1);
        candidate.diskWaits = true;
        candidate.tick(1);
        cores.settle();
        assertEquals(new Ballot(1, candidate.id), candidate.raft().ballot());
        assertTrue(cores.wire.isEmpty());
        assertEquals(Ballot.INITIAL, cores.n(2).raft().ballot());
        candidate.sync();
        assertEquals(2, cores.wire.size());
    }

    /// Somebody else's vote may come in before the own disk answers (a repeated request, a quick peer).
    @Test
    void ownVoteCountsOnlyWhenItIsSynced() {
        var candidate = cores.n(1);
        candidate.diskWaits = true;
        candidate.tick(1);
        cores.settle();
        candidate.receive(cores.n(2), new Message.VoteReply(1, Message.VoteKind.VOTE, true));
        assertFalse(candidate.raft().leads());
        candidate.sync();
        assertTrue(candidate.raft().leads());
    }

    @Test
    void acknowledgementLeavesWhenItsEntriesAreSynced() {
        var follower = cores.n(1);
        follower.diskWaits = true;
        follower.receive(cores.n(2), append(1, new Position(0, 1), entry(1, 2)));
        follower.receive(cores.n(2), append(1, new Position(1, 2), entry(1, 3)));
        assertTrue(cores.wire.isEmpty());
        follower.syncGroups(1);
        assertEquals(List.of(new Message.AppendAck(1, new Position(1, 2))),
                cores.wire.stream().map(Cores.Packet::message).toList());
        follower.sync();
        assertEquals(new Message.AppendAck(1, new Position(1, 3)),
                cores.wire.getLast().message());
    }

    /// It has nothing to write, but what it acknowledges is still on its way to the disk.
    @Test
    void repeatedAppendIsNotAcknowledgedBeforeTheFirst() {
        var follower = cores.n(1);
        follower.diskWaits = true;
        var append = append(1, new Position(0, 1), entry(1, 2));
        follower.receive(cores.n(2), append);
        var again = follower.receive(cores.n(2), append);
        assertNull(again.persist());
        assertTrue(cores.wire.isEmpty());
        follower.sync();
        assertEquals(2, cores.wire.size());
    }

    @Test
    void leaderCountsItsOwnCopyOnlyWhenItIsSynced() {
        var leader = cores.elect(cores.n(1));
        leader.diskWaits = true;
        cores.isolate(cores.n(3));
        leader.propose("a");
        cores.settle();
        assertEquals(2, leader.raft().commitIndex(), "one of three: the other follower's");
        leader.sync();
        assertEquals(3, leader.raft().commitIndex());
    }

    /// Both followers have it: committed, whatever the leader's own disk says. But the leader itself waits.
    @Test
    void committedIsAppliedOnlyWhenItIsSyncedHere() {
        var leader = cores.elect(cores.n(1));
        leader.diskWaits = true;
        leader.propose("a");
        cores.settle();
        assertEquals(3, leader.raft().commitIndex());
        assertEquals(2, leader.applied.size());
        leader.sync();
        assertEquals(3, leader.applied.size());
    }

    @Test
    void soleVoterCommitsWhatItsDiskHas() {
        var alone = new Cores(1).n(1);
        alone.tick();
        alone.diskWaits = true;
        alone.propose("a");
        assertEquals(2, alone.raft().commitIndex());
        alone.sync();
        assertEquals(3, alone.raft().commitIndex());
    }

    @Test
    void ballotTruncationAndEntriesAreOneGroup() {
        var follower = cores.n(1);
        follower.had(1, 1);
        var group = follower.receive(cores.n(2), append(4, new Position(1, 2), entry(4, 3)))
                .persist();
        assertNotNull(group);
        assertEquals(new Ballot(4, null), group.ballot());
        assertEquals(3, group.truncateFrom());
        assertEquals(List.of(entry(4, 3)), group.entries());
    }

    /// What was synced was cut off since: it says nothing about what is in its place.
    @Test
    void syncOfWhatWasCutOffCountsForNothing() {
        var follower = cores.n(1);
        follower.diskWaits = true;
        follower.receive(cores.n(2), append(2, new Position(0, 1), entry(2, 2), entry(2, 3)));
        follower.receive(cores.n(3),
                new Message.Append(3, new Position(0, 1), List.of(entry(3, 2), entry(3, 3)), 3));
        assertEquals(3, follower.raft().commitIndex());
        follower.syncGroups(1);
        assertEquals(1, follower.applied.size());
        follower.sync();
        assertEquals(3, follower.applied.size());
    }

    /// The same entries were cut off and came back: the first copy is synced, but on its way to the disk is
    /// its end, and the second copy behind that.
    @Test
    void syncOfAnEarlierCopyCountsForNothing() {
        var follower = cores.n(1);
        follower.diskWaits = true;
        var first = append(2, new Position(0, 1), entry(2, 2), entry(2, 3));
        follower.receive(cores.n(2), first);
        follower.receive(cores.n(3), append(3, new Position(0, 1), entry(3, 2)));
        follower.receive(cores.n(2), new Message.Append(4, new Position(0, 1), first.entries(), 3));
        assertEquals(new Position(2, 3), follower.raft().last());
        assertEquals(3, follower.raft().commitIndex());
        follower.syncGroups(1);
        assertEquals(1, follower.applied.size(), "a crash now may leave 3.2 at the end");
        follower.syncGroups(1);
        assertEquals(1, follower.applied.size());
        follower.sync();
        assertEquals(3, follower.applied.size());
    }

    /// The commit index that goes with a group may name only what is in it or before it.
    @Test
    void commitIndexOnDiskNeverPassesTheLog() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        for (var core : cores.all) {
            core.watcher = core.watcher.andThen(effects -> {
                var persist = effects.persist();
                assertTrue(persist == null
                        || persist.commitIndex() <= core.raft().last().index());
            });
        }
        leader.propose("a", "b");
        cores.settle();
        leader.propose("c");
        cores.settle();
        assertTrue(cores.n(2).keptCommit >= 4);
    }

    /// At a restart a node applies its log only as far as it is known to be committed.
    @Test
    void restartedNodeAppliesTheRestOnlyWhenALeaderSaysSo() {
        var leader = cores.elect(cores.n(1));
        leader.propose("a");
        cores.settle();
        for (var core : cores.all)
            cores.crash(core);
        for (var core : cores.all)
            cores.restart(core);
        for (var core : cores.all) {
            assertEquals(core.keptCommit, core.applied.size());
            assertTrue(core.applied.size() < core.kept.size());
        }
        cores.elect();
        cores.run(20);
        for (var core : cores.all)
            assertEquals(4, core.applied.size());
    }
}
