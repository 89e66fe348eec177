package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Raft §7: logs lose their beginning, and a snapshot takes the place of what a follower can no longer be sent.
class SnapshotPaperTest {
    private final Cores cores = new Cores(3).link();
    private final Core leader = cores.elect(cores.n(1));
    private final Core behind = cores.n(3);

    SnapshotPaperTest() {
        cores.run(20);
    }

    /// Writes while the third node is cut off; then the leader's log begins behind what that one has.
    private void leaveBehind() {
        cores.isolate(behind);
        for (int i = 0; i < 10; i++) {
            leader.propose("write " + i);
            cores.settle();
        }
        leader.cut(leader.raft().appliedIndex() - 2);
    }

    private void bringSnapshot() {
        assertEquals(leader.id, behind.wantsSnapshotFrom);
        behind.install(leader.applied);
    }

    /// "the leader must occasionally send snapshots to followers that lag behind … when the leader has already
    /// discarded the next log entry that it needs to send" — §7
    @Test
    void whoIsBehindTheBaseIsOfferedASnapshot() {
        leaveBehind();
        cores.heal();
        cores.run(30);
        bringSnapshot();
        leader.propose("and on");
        cores.run(30);
        assertEquals(leader.applied, behind.applied);
        assertEquals(leader.raft().last(), behind.raft().last());
        assertNull(behind.wantsSnapshotFrom, "and nothing more is asked for");
    }

    @Test
    void offerIsRepeatedWithEveryTimedHeartbeatOnly() {
        leaveBehind();
        cores.heal();
        int[] offers = {0};
        cores.lose(packet -> {
            if (packet.message() instanceof Message.SnapshotOffer) offers[0]++;
            return false;
        });
        cores.run(10 * Cores.CONFIG.heartbeatTicks());
        assertTrue(offers[0] >= 5 && offers[0] <= 12, "offers: " + offers[0]);
    }

    /// "If instead the follower receives a snapshot that describes a prefix of its log … entries following the
    /// snapshot are still valid and must be retained" — §7
    @Test
    void logThatHoldsThePositionKeepsWhatIsBehindIt() {
        cores.cut(leader, behind);
        leader.propose("one", "two", "three");
        cores.settle();
        // The entries arrive, and no word that they are committed.
        int known = behind.applied.size();
        behind.receive(leader, new Message.Append(leader.raft().term(), behind.raft().last(),
                leader.applied.subList(known, leader.applied.size()), known));
        var end = behind.raft().last();
        assertTrue(behind.applied.size() < leader.applied.size());
        behind.install(leader.applied.subList(0, leader.applied.size() - 1));
        assertEquals(end, behind.raft().last());
        assertEquals(Position.NONE, behind.raft().base());
        assertEquals(end.index() - 1, behind.raft().commitIndex());
    }

    /// "the follower discards its entire log; it is all superseded by the snapshot and may possibly have
    /// uncommitted entries that conflict with the snapshot" — §7
    @Test
    void conflictingLogGoesAndWhatWasSyncedOfItCountsForNothing() {
        cores.isolate(leader);
        leader.propose("never", "to be", "committed");
        var deposed = leader;
        var next = cores.n(2);
        for (int i = 0; i < 600 && !next.raft().leads(); i++) {
            next.tick();
            behind.tick();
            cores.settle();
        }
        for (int i = 0; i < 8; i++) {
            next.propose("newer " + i);
            cores.settle();
        }
        next.tick(2);
        cores.settle();
        next.cut(next.raft().appliedIndex());
        cores.heal();
        cores.run(10);
        assertEquals(next.id, deposed.wantsSnapshotFrom);
        deposed.diskWaits = true;
        deposed.install(next.applied);
        assertEquals(next.raft().base(), deposed.raft().base());
        assertEquals(deposed.raft().base(), deposed.raft().last());
        deposed.step(new Event.DiskSynced(new Synced(new Position(1, 9), deposed.keptBallot)));
        assertEquals(next.applied, deposed.applied);
        deposed.diskWaits = false;
        deposed.sync();
        cores.run(30);
        next.propose("for all");
        cores.run(30);
        assertEquals(next.applied, deposed.applied);
    }

    /// "retransmission" of an old snapshot — §7
    @Test
    void olderSnapshotThanWhatIsAppliedChangesNothing() {
        leader.propose("one", "two");
        cores.run(20);
        var before = behind.raft().last();
        var old = leader.applied.subList(0, 2);
        behind.step(new Event.Installed(old.getLast().position(), old.getFirst()));
        assertEquals(before, behind.raft().last());
        assertEquals(Position.NONE, behind.raft().base());
        assertEquals(before.index(), behind.raft().appliedIndex());
    }

    @Test
    void offerIsAcknowledgedByWhoHasReachedIt() {
        leader.propose("one");
        cores.run(20);
        var position = behind.raft().last();
        var replies = behind
                .receive(leader, new Message.SnapshotOffer(leader.raft().term(), position))
                .sendWhenSynced();
        assertEquals(List.of(new Envelope(leader.id,
                new Message.AppendAck(leader.raft().term(), position))), replies);
        assertNull(behind.wantsSnapshotFrom);
    }

    /// What is in front of the own base is committed, so any leader's log agrees with it there.
    @Test
    void entriesInFrontOfTheOwnBaseAreSkipped() {
        leader.propose("one", "two", "three");
        cores.run(20);
        var log = List.copyOf(leader.applied);
        behind.cut(behind.applied.size() - 1);
        var again = new Message.Append(leader.raft().term(), log.getFirst().position(),
                log.subList(1, log.size()), leader.raft().commitIndex());
        var effects = behind.receive(leader, again);
        assertNull(effects.persist());
        assertEquals(List.of(new Envelope(leader.id, new Message.AppendAck(leader.raft().term(),
                log.getLast().position()))), effects.sendWhenSynced());
        assertTrue(effects.sendNow().isEmpty());
    }

    /// A leader whose log is cut hears late from somebody who is in front of its base.
    @Test
    void lateAcknowledgementInFrontOfTheBaseLeadsToAnOffer() {
        leaveBehind();
        cores.heal();
        var early = behind.raft().last();
        leader.receive(behind, new Message.AppendAck(leader.raft().term(), early));
        cores.run(30);
        assertEquals(leader.id, behind.wantsSnapshotFrom);
    }

    @Test
    void newcomerWithNothingButTheFirstEntryIsOfferedOne() {
        leaveBehind();
        leader.step(new Event.Reconfigure(leader.raft().membership()
                .with(Objects.requireNonNull(Cores.membership(3, 1).find(Cores.id(4))),
                        Cores.id(4).uuid())));
        cores.settle();
        var bootstrap = leader.applied.getFirst();
        var newcomer = new Core(new Core.Member("n4", Cores.id(4), 4, 4), bootstrap, Cores.CONFIG,
                Core.Maker.HONEST);
        cores.join(newcomer);
        cores.run(30);
        assertEquals(leader.id, newcomer.wantsSnapshotFrom);
        newcomer.install(leader.applied);
        cores.run(30);
        assertEquals(leader.applied, newcomer.applied);
        assertEquals(leader.raft().membership(), newcomer.raft().membership());
    }

    @Test
    void candidateThatHearsAnOfferHasALeader() {
        leaveBehind();
        for (int i = 0; i < 400; i++)
            behind.tick();
        cores.heal();
        cores.run(40);
        assertEquals(leader.id, behind.raft().leader());
        assertEquals(leader.id, behind.wantsSnapshotFrom);
    }

    /// The state is saved before the log begins anew; a crash between leaves one ahead of the other.
    @Test
    void crashBetweenStateAndLogIsFinishedAtTheStart() {
        leaveBehind();
        cores.heal();
        cores.run(30);
        behind.diskWaits = true;
        bringSnapshot();
        behind.diskWaits = false;
        cores.crash(behind);
        cores.restart(behind);
        cores.run(30);
        leader.propose("more");
        cores.run(30);
        assertEquals(leader.applied, behind.applied);
    }

    @Test
    void whatIsNotHandedOutMayNotBeCut() {
        var beyond = new Position(leader.raft().term(), leader.raft().appliedIndex() + 1);
        assertThrows(IllegalStateException.class, () -> leader.step(new Event.Cut(beyond)));
    }

    /// A new leader's log may be shorter at the beginning than that of the one before.
    @Test
    void nextLeaderServesWhoIsBehindFromItsOwnBase() {
        leaveBehind();
        var next = cores.n(2);
        next.cut(next.raft().appliedIndex());
        cores.heal();
        cores.run(5);
        leader.step(new Event.Transfer(next.id));
        cores.run(40);
        assertTrue(next.raft().leads());
        assertFalse(leader.raft().leads());
        assertEquals(next.id, behind.wantsSnapshotFrom);
        behind.install(next.applied);
        cores.run(40);
        assertEquals(next.applied, behind.applied);
    }
}
