package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bellwether.api.LostEntriesException;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// Raft §5.3: the leader's log becomes everybody's.
class ReplicationPaperTest {
    /// As usual, but with little memory and small appends.
    private static final RaftConfig SMALL = new RaftConfig(10, 100, 5, 1 << 20, 16, 16, 2);

    private final Cores cores = new Cores(3).link();

    private static boolean isAppend(Cores.Packet packet) {
        return packet.message() instanceof Message.Append;
    }

    private static Entry entry(long term, long index) {
        return Entry.of(new Position(term, index), Entry.Kind.COMMANDS,
                Core.bytes(new Position(term, index).toString()));
    }

    private static List<Message> sentTo(Cores cores, Core to) {
        return cores.wire.stream().filter(packet -> packet.to() == to).map(Cores.Packet::message)
                .toList();
    }

    private static Raft.PeerReport report(Core leader, Core of) {
        return Objects.requireNonNull(leader.raft().report(of.id));
    }

    private static long count(Cores cores, Predicate<Cores.Packet> which) {
        return cores.wire.stream().filter(which).count();
    }

    // What cannot happen, and does.

    /// A folder that was copied back, or an unreadable last record that was taken for a torn tail: an acknowledgement
    /// is no longer true.
    @Test
    void whoForgotWhatItHadAcknowledgedGetsItAgain() {
        var leader = cores.elect(cores.n(1));
        for (int i = 0; i < 5; i++) {
            leader.propose("a" + i);
            cores.settle();
        }
        cores.run(10);
        var forgetful = cores.n(2);
        long had = forgetful.keptLast().index();
        assertEquals(had, report(leader, forgetful).matchIndex());
        assertEquals(had, report(leader, forgetful).appliedIndex());
        cores.crash(forgetful);
        forgetful.kept.subList(3, forgetful.kept.size()).clear();
        forgetful.keptCommit = 3;
        cores.restart(forgetful);
        cores.settle();
        assertEquals(had, forgetful.keptLast().index());
        var report = report(leader, forgetful);
        assertEquals(had, report.matchIndex());
        assertEquals(new Raft.Forgotten(3, had), report.forgotten());
        // It counts again where it is needed.
        cores.crash(cores.n(3));
        long committed = leader.raft().commitIndex();
        leader.propose("b");
        cores.settle();
        assertEquals(committed + 1, leader.raft().commitIndex());
    }

    /// Two of three have lost what was committed, and have elected one of them. The third does not follow them.
    @Test
    void whoHasWhatTheLeaderHasLostKeepsIt() {
        var witness = cores.n(1);
        witness.receive(cores.n(2), new Message.Append(2, new Position(0, 1),
                List.of(entry(2, 2), entry(2, 3), entry(2, 4)), 3));
        var all = List.copyOf(witness.kept);
        assertEquals(3, witness.raft().commitIndex());
        var refused = assertThrows(LostEntriesException.class, () -> witness.receive(cores.n(3),
                new Message.Append(4, new Position(0, 1), List.of(entry(4, 2)), 2)));
        assertTrue(refused.toString().contains("has lost entries 2 to 3"), refused::toString);
        assertEquals(all, witness.kept);
    }

    @Test
    void whatIsSaidOfAFollowerThatWentBackIsWhatItSaysNow() {
        var leader = cores.elect(cores.n(1));
        leader.propose("a");
        cores.settle();
        cores.run(10);
        var forgetful = cores.n(2);
        cores.crash(forgetful);
        forgetful.kept.subList(2, forgetful.kept.size()).clear();
        forgetful.keptCommit = 2;
        cores.restart(forgetful);
        cores.lose(packet -> packet.to() == forgetful && isAppend(packet));
        cores.run(10);
        assertEquals(2, report(leader, forgetful).appliedIndex());
    }

    // The ordinary way.

    /// "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel to
    /// each of the other servers" — §5.3
    @Test
    void proposalIsAppendedAndSentToEverybodyAtOnce() {
        var leader = cores.elect(cores.n(1));
        leader.diskWaits = true;
        leader.propose("a");
        assertEquals(new Position(1, 3), leader.raft().last());
        for (var other : cores.others(leader)) {
            var append = (Message.Append) sentTo(cores, other).getFirst();
            assertEquals(new Position(1, 2), append.previous());
            assertEquals(new Position(1, 3), append.last());
            assertArrayEquals(Core.bytes("a"), append.entries().getFirst().payload());
        }
    }

    @Test
    void proposedPayloadsAreOneEntryEachInTheirOrder() {
        var leader = cores.elect(cores.n(1));
        var effects = leader.step(
                new Event.Propose(List.of(Core.bytes("a"), Core.bytes("b"), Core.bytes("c"))));
        assertEquals(new Position(1, 5), effects.appended());
        cores.settle();
        cores.run(1);
        for (var core : cores.all) {
            var texts = core.applied.subList(2, 5).stream()
                    .map(entry -> new String(entry.payload(),
                            java.nio.charset.StandardCharsets.UTF_8))
                    .toList();
            assertEquals(List.of("a", "b", "c"), texts);
        }
    }

    /// "A log entry is committed once the leader that created the entry has replicated it on a majority of
    /// the servers" — §5.3
    @Test
    void entryIsCommittedWhenAMajorityHasItAndNotBefore() {
        var five = new Cores(5).link();
        var leader = five.elect(five.n(1));
        five.run(20);
        leader.propose("a");
        five.settle(ReplicationPaperTest::isAppend);
        long before = leader.raft().commitIndex();
        assertTrue(five.deliverFirst(packet -> packet.from() == five.n(2)));
        assertEquals(before, leader.raft().commitIndex(), "two of five");
        assertTrue(five.deliverFirst(packet -> packet.from() == five.n(3)));
        assertEquals(before + 1, leader.raft().commitIndex(), "three of five");
    }

    /// "it includes that index in future AppendEntries RPCs … so that the other servers eventually find
    /// out. Once a follower learns that a log entry is committed, it applies the entry" — §5.3
    @Test
    void followersLearnTheCommitIndexWithTheNextAppendOrTick() {
        var leader = cores.elect(cores.n(1));
        leader.propose("a");
        cores.settle();
        assertEquals(3, leader.applied.size());
        leader.propose("b");
        cores.settle(ReplicationPaperTest::isAppend);
        assertEquals(3, cores.n(2).applied.size());
        cores.settle();
        leader.tick();
        cores.settle(packet -> packet.message() instanceof Message.Committed);
        for (var core : cores.all)
            assertEquals(4, core.applied.size());
    }

    @Test
    void followersAreToldWithoutATickOfWhatNoAppendHasToldThem() {
        var leader = cores.elect(cores.n(1));
        leader.propose("a");
        cores.settle();
        assertTrue(leader.raft().hasNews());
        long first = leader.raft().commitIndex();
        leader.propose("b");
        cores.settle(ReplicationPaperTest::isAppend);
        assertFalse(leader.raft().hasNews(), "it rode along");
        cores.settle();
        assertTrue(leader.raft().hasNews());
        assertEquals(List.of(), leader.step(new Event.Announce(first)).sendNow(), "they know that");
        leader.step(new Event.Announce(leader.raft().commitIndex()));
        assertFalse(leader.raft().hasNews());
        cores.settle();
        for (var core : cores.all)
            assertEquals(4, core.applied.size());
        assertEquals(List.of(), leader.step(new Event.Announce(Long.MAX_VALUE)).sendNow());
    }

    /// "A leader never overwrites or deletes entries in its log; it only appends new entries" — figure 3
    @Test
    void leaderNeverCutsItsLog() {
        cores.n(1).had(2, 2);
        cores.n(3).had(1, 1, 1, 1, 1);
        var leader = cores.elect(cores.n(1));
        leader.watcher = leader.watcher.andThen(effects -> {
            var persist = effects.persist();
            assertTrue(persist == null || persist.truncateFrom() == 0);
        });
        leader.propose("a", "b");
        cores.run(30);
        assertEquals(leader.log(), cores.n(3).log());
    }

    // What a follower does (figure 2).

    /// "If the follower does not find an entry in its log with the same index and term, then it refuses the
    /// new entries." — §5.3
    @Test
    void followerRefusesWhatDoesNotFollowItsLog() {
        var follower = cores.n(1);
        follower.had(1, 1);
        var missing = new Message.Append(2, new Position(1, 5), List.of(entry(2, 6)), 9);
        follower.receive(cores.n(2), missing);
        var other = new Message.Append(2, new Position(2, 3), List.of(entry(2, 4)), 9);
        follower.receive(cores.n(2), other);
        assertEquals(new Position(1, 3), follower.raft().last());
        assertEquals(1, follower.raft().commitIndex());
        assertEquals(List.of(
                new Message.AppendReject(2, new Position(1, 5), new Position(1, 3)),
                new Message.AppendReject(2, new Position(2, 3), new Position(1, 3))),
                sentTo(cores, cores.n(2)));
    }

    /// "If an existing entry conflicts with a new one (same index but different terms), delete the existing
    /// entry and all that follow it" — figure 2
    @Test
    void conflictingEntriesAreCutAndReplaced() {
        var follower = cores.n(1);
        follower.had(1, 1, 1, 1);
        follower.receive(cores.n(2),
                new Message.Append(2, new Position(1, 2), List.of(entry(1, 3), entry(2, 4)), 1));
        assertEquals(List.of(new Position(0, 1), new Position(1, 2), new Position(1, 3),
                new Position(2, 4)), follower.log());
        assertEquals(follower.log(), follower.kept.stream().map(Entry::position).toList());
    }

    /// "if a follower receives an AppendEntries request that includes log entries already present in its log,
    /// it ignores those entries" — §5.5
    @Test
    void lateShorterAppendCutsNothing() {
        var follower = cores.n(1);
        var all = List.of(entry(2, 2), entry(2, 3), entry(2, 4));
        follower.receive(cores.n(2), new Message.Append(2, new Position(0, 1), all, 1));
        follower.receive(cores.n(2),
                new Message.Append(2, new Position(0, 1), all.subList(0, 1), 1));
        assertEquals(new Position(2, 4), follower.raft().last());
        assertEquals(new Message.AppendAck(2, new Position(2, 2)),
                sentTo(cores, cores.n(2)).getLast());
    }

    /// "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)"
    /// — figure 2: what follows the new entries may be somebody else's.
    @Test
    void commitIndexGoesNoFurtherThanWhatTheMessageVouchesFor() {
        var follower = cores.n(1);
        follower.had(1, 1, 1, 1);
        follower.receive(cores.n(2), new Message.Append(2, new Position(1, 2), List.of(), 4));
        assertEquals(2, follower.raft().commitIndex());
        follower.receive(cores.n(2), new Message.Committed(2, new Position(2, 4)));
        assertEquals(2, follower.raft().commitIndex(), "it holds another entry there");
        follower.receive(cores.n(2), new Message.Committed(2, new Position(2, 40)));
        assertEquals(2, follower.raft().commitIndex(), "it holds nothing there");
        follower.receive(cores.n(2), new Message.Committed(2, new Position(1, 3)));
        assertEquals(3, follower.raft().commitIndex());
    }

    @Test
    void heartbeatBeyondTheOwnLogCommitsOnlyWhatIsThere() {
        var follower = cores.n(1);
        follower.had(1);
        follower.receive(cores.n(2), new Message.Heartbeat(1, 1, 9));
        assertEquals(2, follower.raft().commitIndex());
    }

    /// The heartbeat says only what the follower is known to hold; a follower whose log differs learns nothing.
    @Test
    void heartbeatTellsAFollowerNoMoreThanItIsKnownToHold() {
        var leader = cores.elect(cores.n(1));
        cores.lose(packet -> packet.to() == cores.n(3) && isAppend(packet));
        leader.propose("a", "b");
        cores.run(30);
        assertEquals(4, leader.raft().commitIndex());
        assertEquals(2, cores.n(3).raft().commitIndex());
    }

    /// Committed entries are for ever (figure 3, State Machine Safety): told to cut them, a node stops.
    @Test
    void cuttingWhatIsCommittedIsABrokenInvariant() {
        var follower = cores.n(1);
        follower.had(1, 1);
        follower.receive(cores.n(2), new Message.Heartbeat(1, 1, 3));
        var bad = new Message.Append(2, new Position(1, 2), List.of(entry(2, 3)), 1);
        assertThrows(IllegalStateException.class, () -> follower.receive(cores.n(2), bad));
    }

    @Test
    void twoLeadersInATermAreABrokenInvariant() {
        var follower = cores.n(1);
        follower.receive(cores.n(2), new Message.Heartbeat(1, 1, 1));
        assertThrows(IllegalStateException.class,
                () -> follower.receive(cores.n(3), new Message.Heartbeat(1, 1, 1)));
    }

    // Bringing logs in line.

    /// "The leader … retries AppendEntries RPCs indefinitely" — §5.3
    @Test
    void lostAppendIsSentAgain() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        cores.lose(ReplicationPaperTest::isAppend);
        leader.propose("a");
        cores.settle();
        cores.loseNothing();
        cores.run(25);
        for (var core : cores.all)
            assertEquals(3, core.applied.size());
    }

    @Test
    void lostAcknowledgementIsMadeUpFor() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        cores.lose(packet -> packet.message() instanceof Message.AppendAck);
        leader.propose("a");
        cores.settle();
        cores.loseNothing();
        cores.run(50);
        for (var core : cores.all)
            assertEquals(3, core.applied.size());
    }

    /// Rounds for reads go out much more often than the timed heartbeats that find a loss; they must not put
    /// those off.
    @Test
    void lostAppendIsSentAgainUnderASteadyLoadOfReads() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        cores.lose(ReplicationPaperTest::isAppend);
        leader.propose("a");
        cores.settle();
        cores.loseNothing();
        for (int i = 0; i < 50; i++) {
            leader.read();
            cores.run(1);
            leader.read();
            cores.settle();
        }
        assertEquals(3, leader.applied.size());
    }

    /// A reply may take longer than the time between two heartbeats.
    @Test
    void lostAppendIsSentAgainOnASlowLink() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        cores.lose(ReplicationPaperTest::isAppend);
        leader.propose("a");
        cores.loseNothing();
        // Every message arrives 35 ticks after it was sent, while heartbeats go out every 10.
        var arriving = new java.util.ArrayDeque<List<Cores.Packet>>();
        for (int i = 0; i < 400; i++) {
            for (var core : cores.all)
                core.tick();
            arriving.add(List.copyOf(cores.wire));
            cores.wire.clear();
            if (arriving.size() > 35) arriving.removeFirst().forEach(cores::deliver);
        }
        assertTrue(leader.raft().leads());
        assertEquals(3, leader.applied.size());
    }

    /// A follower with a slow disk and many rounds for reads: the probe is repeated with the heartbeats, not
    /// with every echo.
    @Test
    void slowDiskIsNotFloodedWithProbesByReads() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        var slow = cores.n(3);
        slow.diskWaits = true;
        cores.closeLink(leader, slow);
        cores.openLinks(leader);
        leader.propose("a");
        cores.settle();
        var appends = new int[1];
        cores.lose(packet -> {
            if (packet.to() == slow && isAppend(packet)) appends[0]++;
            return false;
        });
        for (int i = 0; i < 30; i++) {
            for (int j = 0; j < 10; j++) {
                leader.read();
                cores.settle();
            }
            cores.run(1);
        }
        assertTrue(appends[0] <= 5, "appends in three heartbeats: " + appends[0]);
        slow.diskWaits = false;
        slow.sync();
        cores.run(15);
        assertEquals(leader.applied, slow.applied);
    }

    /// "the leader can decrement nextIndex to bypass all of the conflicting entries in that term; one
    /// AppendEntries RPC will be required for each term with conflicting entries, rather than one RPC per
    /// entry" — §5.3
    @Test
    void leaderBacksUpByWholeTerms() {
        var pair = new Cores(3);
        pair.n(1).had(1, 5, 5, 5, 5, 5, 5, 5, 5);
        pair.n(2).had(1, 2, 2, 2, 3, 3, 3, 4, 4);
        pair.n(3).had(1);
        pair.link();
        pair.isolate(pair.n(3));
        var rejects = new int[1];
        pair.lose(packet -> {
            if (packet.message() instanceof Message.AppendReject) rejects[0]++;
            return packet.from() == pair.n(3) || packet.to() == pair.n(3);
        });
        pair.heal();
        var leader = pair.elect(pair.n(1));
        pair.run(20);
        assertEquals(leader.log(), pair.n(2).log());
        assertTrue(rejects[0] <= 4, "rejections: " + rejects[0]);
    }

    /// Figure 7: "When the leader at the top comes to power, it is possible that any of scenarios (a–f) could
    /// occur in follower logs." In the end all are like the leader's.
    @Test
    void figure7_everyScenarioEndsWithTheLeadersLog() {
        var seven = new Cores(7);
        long[][] logs = {{1, 1, 1, 4, 4, 5, 5, 6, 6, 6}, {1, 1, 1, 4, 4, 5, 5, 6, 6}, {1, 1, 1, 4},
                {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
                {1, 1, 1, 4, 4, 4, 4}, {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}};
        for (int i = 0; i < 7; i++)
            seven.all.get(i).had(logs[i]);
        for (int i : new int[]{1, 2, 3, 5, 6, 7})
            seven.n(i).wasIn(7, null);
        seven.link();
        // (d) led in term 7 and (c) has more than the leader: both would refuse it, the others do not.
        var leader = seven.n(1);
        seven.electAlone(leader);
        assertEquals(8, leader.raft().term());
        seven.run(30);
        for (var core : seven.all) {
            assertEquals(leader.log(), core.log());
            assertEquals(leader.applied, core.applied);
        }
    }

    @Test
    void followerThatLostWhatWasNotSyncedIsFilledUp() {
        var leader = cores.elect(cores.n(1));
        var follower = cores.n(3);
        follower.diskWaits = true;
        leader.propose("a", "b", "c");
        cores.settle();
        cores.crash(follower);
        assertEquals(2, follower.kept.size());
        follower.diskWaits = false;
        cores.restart(follower);
        cores.run(30);
        assertEquals(leader.log(), follower.log());
        assertEquals(leader.applied, follower.applied);
    }

    // Flow.

    @Test
    void leaderSendsAheadUpToABound() {
        var leader = cores.elect(cores.n(1));
        cores.run(20);
        for (int i = 0; i < 10; i++)
            leader.propose("a" + i);
        assertEquals(Cores.CONFIG.appendsInFlightMax(),
                count(cores, packet -> packet.to() == cores.n(2) && isAppend(packet)));
        cores.settle();
        cores.run(1);
        assertEquals(12, cores.n(2).applied.size());
    }

    @Test
    void leaderProbesOneAtATime() {
        var leader = cores.elect(cores.n(1));
        cores.isolate(cores.n(3));
        cores.closeLink(leader, cores.n(3));
        cores.heal();
        cores.openLinks(leader);
        for (int i = 0; i < 10; i++)
            leader.propose("a" + i);
        assertEquals(1, count(cores, packet -> packet.to() == cores.n(3) && isAppend(packet)));
    }

    @Test
    void appendIsNoLargerThanItMayBeButHasOneEntryAtLeast() {
        var small = new Cores(3, 0, SMALL, Core.Maker.HONEST).link();
        var leader = small.elect(small.n(1));
        small.isolate(small.n(3));
        leader.propose("12345678", "12345678", "12345678", "a payload of more than sixteen bytes",
                "x");
        small.settle();
        small.heal();
        var sizes = new java.util.ArrayList<Integer>();
        small.lose(packet -> {
            if (packet.to() == small.n(3) && packet.message() instanceof Message.Append append
                    && !append.entries().isEmpty())
                sizes.add(append.entries().size());
            return false;
        });
        small.run(40);
        assertEquals(leader.applied, small.n(3).applied);
        assertEquals(List.of(2, 1, 1, 1), sizes);
    }

    @Test
    void leaderTakesNothingAboveItsBound() {
        var bounded = new Cores(3, 0, new RaftConfig(10, 100, 5, 10, 1 << 20, 1 << 16, 4),
                Core.Maker.HONEST).link();
        var leader = bounded.elect(bounded.n(1));
        bounded.lose(ReplicationPaperTest::isAppend);
        assertTrue(leader.raft().acceptsProposals());
        leader.propose("0123456789");
        assertTrue(!leader.raft().acceptsProposals());
        bounded.loseNothing();
        bounded.run(30);
        assertTrue(leader.raft().acceptsProposals());
    }

    @Test
    void proposalToAnotherThanTheLeaderIsABug() {
        assertThrows(IllegalStateException.class, () -> cores.n(1).propose("a"));
    }

    // Far behind.

    private static Cores farBehind() {
        var small = new Cores(3, 0, SMALL, Core.Maker.HONEST).link();
        var leader = small.elect(small.n(1));
        small.isolate(small.n(3));
        for (int i = 0; i < 20; i++) {
            leader.propose("value " + i);
            small.settle();
        }
        return small;
    }

    @Test
    void followerFarBehindIsFedFromDisk() {
        var small = farBehind();
        var leader = small.n(1);
        leader.diskWaits = true;
        small.heal();
        small.run(15);
        assertEquals(1, leader.unread().size(), "one fetch under way per follower");
        leader.readOne();
        leader.diskWaits = false;
        leader.sync();
        small.settle();
        leader.readAll();
        small.run(20);
        assertEquals(leader.applied, small.n(3).applied);
    }

    @Test
    void followerFarBehindCatchesUpWhileWritesGoOn() {
        var small = farBehind();
        var leader = small.n(1);
        small.heal();
        for (int i = 0; i < 30; i++) {
            leader.propose("more " + i);
            small.run(1);
        }
        small.run(20);
        assertEquals(52, leader.applied.size());
        assertEquals(leader.applied, small.n(3).applied);
    }

    /// What was read for an office that is over is of no use to the next one.
    @Test
    void fetchThatComesBackAfterTheOfficeEndedIsDropped() {
        var small = farBehind();
        var old = small.n(1);
        old.diskWaits = true;
        small.heal();
        small.run(15);
        assertEquals(1, old.unread().size());
        old.receive(small.n(2), new Message.HeartbeatReply(9, 0, old.raft().last(), 1));
        small.wire.clear();
        old.readOne();
        assertTrue(small.wire.stream().noneMatch(ReplicationPaperTest::isAppend));
        old.diskWaits = false;
        old.sync();
        small.run(600);
        for (var core : small.all)
            assertEquals(small.n(1).applied, core.applied);
    }

    @Test
    void fetchThatTheFollowerNoLongerNeedsIsDropped() {
        var small = farBehind();
        var leader = small.n(1);
        leader.diskWaits = true;
        small.heal();
        small.run(15);
        // Meanwhile it got the entries another way: a late append, say.
        leader.receive(small.n(3), new Message.AppendAck(1, new Position(1, 10)));
        small.wire.clear();
        leader.readOne();
        assertTrue(small.wire.stream().noneMatch(ReplicationPaperTest::isAppend),
                "these are too old by now");
        assertEquals(11, leader.unread().getFirst().fromIndex());
    }
}
