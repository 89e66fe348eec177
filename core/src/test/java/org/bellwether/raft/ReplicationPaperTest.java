package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bellwether.raft.Message.VoteKind;
import org.junit.jupiter.api.Test;

/// Raft §5.3, §5.4 and §8: the log, what is committed, and who may promise what.
class ReplicationPaperTest {
    private static final Position BOOTSTRAP = new Position(0, 1);

    private static Entry entry(long term, long index) {
        return Entry.of(new Position(term, index), Entry.Kind.COMMANDS, new byte[]{(byte) term});
    }

    /// "a leader … commits a blank no-op entry into the log at the start of its term" — §8
    @Test
    void anOfficeBeginsWithAnEmptyEntry() {
        var cores = new Cores(3);
        cores.elect(1);
        assertEquals(List.of(0L, 1L), cores.node(2).logTerms());
        assertEquals(Entry.Kind.EMPTY, cores.node(2).disk.getLast().kind());
    }

    /// "A log entry is committed once the leader that created the entry has replicated it on a majority of the
    /// servers" — §5.3
    @Test
    void anEntryOnAMajorityIsCommittedAndAppliedEverywhere() {
        var cores = new Cores(3);
        cores.elect(1);
        cores.isolate(3);
        cores.node(1).propose("v");
        cores.deliver();
        assertEquals(3, cores.node(1).raft.commitIndex());
        cores.pass(1);
        assertEquals(3, cores.node(2).raft.appliedIndex());
        cores.heal();
        cores.pass(40);
        assertEquals(3, cores.node(3).raft.appliedIndex());
        assertEquals(cores.node(1).applied, cores.node(3).applied);
    }

    @Test
    void anEntryOnAMinorityIsNotCommitted() {
        var cores = new Cores(5);
        cores.elect(1);
        cores.isolate(3);
        cores.isolate(4);
        cores.isolate(5);
        cores.node(1).propose("v");
        cores.deliver();
        assertEquals(2, cores.node(1).raft.commitIndex());
    }

    /// "If the follower does not find an entry in its log with the same index and term, then it refuses the new
    /// entries." — §5.3
    @Test
    void aFollowerRefusesWhatDoesNotFollowItsLog() {
        var cores = new Cores(3);
        cores.node(2).past(2, 1, 1);
        cores.node(2).receive(1,
                new Message.Append(3, new Position(2, 3), List.of(entry(3, 4)), 1));
        var reject = assertInstanceOf(Message.AppendReject.class, cores.takeFrom(2).getFirst());
        assertEquals(new Position(1, 3), reject.hint());
        assertEquals(3, cores.node(2).disk.size());
    }

    /// "If an existing entry conflicts with a new one (same index but different terms), delete the existing
    /// entry and all that follow it" — figure 2
    @Test
    void conflictingEntriesAreReplaced() {
        var cores = new Cores(3);
        cores.node(2).past(2, 1, 2, 2);
        cores.node(2).receive(1,
                new Message.Append(3, new Position(1, 2), List.of(entry(3, 3)), 1));
        assertEquals(List.of(0L, 1L, 3L), cores.node(2).logTerms());
    }

    /// An append that comes late or twice must not cut off what came after it (§5.3: only on a conflict).
    @Test
    void anOldAppendDoesNotCutTheLog() {
        var cores = new Cores(3);
        cores.node(2).receive(1,
                new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2), entry(1, 3)), 1));
        cores.node(2).receive(1, new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2)), 1));
        assertEquals(3, cores.node(2).disk.size());
    }

    /// Committed entries are never cut off; a message that asks for it is a broken invariant (§5.4.3).
    @Test
    void cuttingOffWhatIsCommittedIsABug() {
        var cores = new Cores(3);
        cores.node(2).receive(1, new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2)), 2));
        assertThrows(IllegalStateException.class, () -> cores.node(2).receive(3,
                new Message.Append(2, BOOTSTRAP, List.of(entry(2, 2)), 1)));
    }

    /// Figure 7: logs that miss entries, have extra ones, or both; "the leader handles inconsistencies by forcing
    /// the followers' logs to duplicate its own" — §5.3
    @Test
    void everyFollowerOfFigure7IsBroughtInLine() {
        long[][] others = {{1, 1, 1, 4, 4, 5, 5, 6, 6}, {1, 1, 1, 4},
                {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
                {1, 1, 1, 4, 4, 4, 4}, {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}};
        var cores = new Cores(7);
        cores.node(1).past(7, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6);
        for (int i = 0; i < others.length; i++)
            cores.node(i + 2).past(7, others[i]);
        cores.elect(1);
        cores.pass(30);
        for (var core : cores.all) {
            assertEquals(cores.node(1).logTerms(), core.logTerms(), "node " + core.number);
        }
        assertEquals(12, cores.node(7).raft.appliedIndex());
    }

    /// "the follower can include the term of the conflicting entry … one AppendEntries RPC will be required for
    /// each term with conflicting entries, rather than one RPC per entry" — §5.3
    @Test
    void backingUpTakesARoundTripPerTermNotPerEntry() {
        var cores = new Cores(3);
        long[] twos = new long[40];
        long[] threes = new long[40];
        Arrays.fill(twos, 2);
        Arrays.fill(threes, 3);
        cores.node(1).past(3, threes);
        cores.node(2).past(3, twos);
        cores.node(3).past(3, threes);
        int[] rejections = {0};
        cores.watch = sent -> {
            if (sent.message() instanceof Message.AppendReject) rejections[0]++;
        };
        cores.elect(1);
        cores.pass(20);
        assertEquals(cores.node(1).logTerms(), cores.node(2).logTerms());
        assertTrue(rejections[0] <= 2, rejections[0] + " rejections");
    }

    /// "a log entry from a previous term … could still be overwritten by a future leader. … Only log entries from
    /// the leader's current term are committed by counting replicas" — §5.4.2, figure 8
    @Test
    void entriesOfOlderTermsAreNotCommittedByCounting() {
        // An entry of term 1 on a majority, the leader's own entry not yet.
        var cores = new Cores(3);
        cores.node(1).past(2, 1);
        cores.node(1).tick(100);
        cores.node(1).receive(2, new Message.VoteReply(3, VoteKind.PRE_VOTE, true));
        cores.node(1).receive(2, new Message.VoteReply(3, VoteKind.VOTE, true));
        assertTrue(cores.node(1).raft.leads());
        cores.node(1).receive(2, new Message.AppendAck(3, new Position(1, 2)));
        assertEquals(1, cores.node(1).raft.commitIndex());
        cores.node(1).receive(2, new Message.AppendAck(3, new Position(3, 3)));
        assertEquals(3, cores.node(1).raft.commitIndex());
    }

    /// "If followers crash or run slowly, or if network packets are lost, the leader retries AppendEntries RPCs
    /// indefinitely" — §5.3
    @Test
    void lostAppendsAndLostAcknowledgementsAreMadeUpFor() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(11);
        cores.node(1).propose("lost on its way out");
        cores.drop(message -> message instanceof Message.Append);
        cores.pass(50);
        assertEquals(3, cores.node(2).raft.appliedIndex());
        cores.node(1).propose("acknowledged in vain");
        for (int i = 0; i < 2; i++) {
            var sent = cores.network.remove();
            cores.node(sent.to()).receive(sent.from(), sent.message());
        }
        cores.drop(message -> message instanceof Message.AppendAck);
        cores.pass(60);
        assertEquals(4, cores.node(1).raft.commitIndex());
    }

    /// A leader sends ahead, but no more than a bounded number of appends (thesis §10.2.1).
    @Test
    void theWindowOfAppendsIsBounded() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.takeFrom(1);
        for (int i = 0; i < 20; i++)
            cores.node(1).propose("v" + i);
        long toNode2 = cores.network.stream().filter(sent -> sent.to() == 2
                && sent.message() instanceof Message.Append).count();
        assertEquals(Cores.CONFIG.appendsInFlightMax(), toNode2);
        cores.deliver();
        assertEquals(22, cores.node(1).raft.commitIndex());
    }

    /// What memory no longer holds is fetched from the log's medium.
    @Test
    void aFollowerFarBehindIsServedFromDisk() {
        var small = new RaftConfig(10, 100, 5, 1 << 20, 10, 1 << 10, 4);
        var cores = new Cores(3, 3, small);
        cores.connectAll();
        cores.elect(1);
        cores.isolate(3);
        for (int i = 0; i < 30; i++) {
            cores.node(1).propose("value " + i);
            cores.deliver();
        }
        cores.heal();
        for (int i = 0; i < 60; i++) {
            cores.pass(1);
            cores.node(1).serveFetches();
        }
        assertEquals(cores.node(1).logTerms(), cores.node(3).logTerms());
        assertEquals(32, cores.node(3).raft.appliedIndex());
    }

    // Who may promise what: the shape of Effects.

    @Test
    void aVoteRequestWaitsForTheBallotAndTheOwnVoteForTheDisk() {
        var cores = new Cores(3);
        cores.disksSync = false;
        cores.node(1).tick(100);
        cores.takeFrom(1);
        var effects = cores.node(1).step(new Event.Received(Cores.id(2),
                new Message.VoteReply(1, VoteKind.PRE_VOTE, true)));
        assertTrue(effects.sendNow().isEmpty());
        assertEquals(2, effects.sendWhenSynced().size());
        assertEquals(new Ballot(1, Cores.id(1)), assertNotNullPersist(effects).ballot());
        cores.node(1).receive(2, new Message.VoteReply(1, VoteKind.VOTE, true));
        assertFalse(cores.node(1).raft.leads(), "its own vote does not count before it is synced");
        cores.node(1).sync();
        assertTrue(cores.node(1).raft.leads());
    }

    private static Persist assertNotNullPersist(Effects effects) {
        assertNotNull(effects.persist());
        return effects.persist();
    }

    @Test
    void votesAndAcknowledgementsWaitForTheDisk() {
        var cores = new Cores(3);
        cores.disksSync = false;
        var vote = cores.node(1).step(new Event.Received(Cores.id(2),
                new Message.VoteRequest(1, VoteKind.VOTE, BOOTSTRAP)));
        assertTrue(vote.sendNow().isEmpty());
        assertEquals(1, vote.sendWhenSynced().size());
        var ack = cores.node(1).step(new Event.Received(Cores.id(2),
                new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2)), 1)));
        assertTrue(ack.sendNow().isEmpty());
        assertInstanceOf(Message.AppendAck.class, ack.sendWhenSynced().getFirst().message());
    }

    @Test
    void theLeadersOwnCopyCountsOnlyOnceSynced() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.disksSync = false;
        cores.node(1).propose("v");
        cores.node(1).receive(2, new Message.AppendAck(1, new Position(1, 3)));
        assertEquals(2, cores.node(1).raft.commitIndex());
        cores.node(1).sync();
        assertEquals(3, cores.node(1).raft.commitIndex());
    }

    @Test
    void whatIsCommittedElsewhereIsAppliedHereOnlyOnceSyncedHere() {
        var cores = new Cores(3);
        cores.disksSync = false;
        var effects = cores.node(2).step(new Event.Received(Cores.id(1),
                new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2)), 2)));
        assertTrue(effects.committed().isEmpty());
        cores.node(2).sync();
        assertEquals(List.of(entry(1, 2)), cores.node(2).applied);
    }

    /// A sync of what was cut off since proves nothing about the log that took its place.
    @Test
    void aStaleSyncIsIgnored() {
        var cores = new Cores(3);
        cores.disksSync = false;
        var node = cores.node(2);
        node.receive(1, new Message.Append(1, BOOTSTRAP, List.of(entry(1, 2), entry(1, 3)), 1));
        node.receive(3, new Message.Append(2, BOOTSTRAP, List.of(entry(2, 2)), 2));
        node.raft.step(new Event.DiskSynced(new Synced(new Position(1, 3), new Ballot(1, null))));
        assertEquals(1, node.raft.appliedIndex());
        node.sync();
        assertEquals(2, node.raft.appliedIndex());
    }

    // Reads, §8.

    /// "a leader must have the latest information on which entries are committed" — §8
    @Test
    void noReadIsServedBeforeAnEntryOfTheOwnTermIsCommitted() {
        var cores = new Cores(3);
        cores.node(1).tick(100);
        cores.node(1).receive(2, new Message.VoteReply(1, VoteKind.PRE_VOTE, true));
        cores.node(1).receive(2, new Message.VoteReply(1, VoteKind.VOTE, true));
        cores.takeFrom(1);
        cores.node(1).step(new Event.Read(1));
        assertTrue(cores.takeFrom(1).isEmpty(), "not even a round is started");
        cores.node(1).receive(2, new Message.AppendAck(1, new Position(1, 2)));
        assertEquals(0, cores.node(1).readableThrough);
        cores.deliver();
        assertEquals(1, cores.node(1).readableThrough);
    }

    /// "a leader must check whether it has been deposed before processing a read-only request … by having the
    /// leader exchange heartbeat messages with a majority of the cluster before responding" — §8
    @Test
    void anEchoOfARoundThatStartedBeforeTheReadProvesNothing() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(2);
        cores.node(1).step(new Event.Read(1));
        var first = cores.takeFrom(1);
        long round = assertInstanceOf(Message.Heartbeat.class, first.getFirst()).round();
        cores.node(1).step(new Event.Read(2));
        assertTrue(cores.takeFrom(1).isEmpty(),
                "one round is in flight, the later read shares the next");
        var last = cores.node(1).raft.last();
        cores.node(1).receive(2, new Message.HeartbeatReply(1, round, last, 2));
        assertEquals(1, cores.node(1).readableThrough);
        cores.deliver();
        assertEquals(2, cores.node(1).readableThrough);
    }

    @Test
    void aLeaderThatWasReplacedServesNoRead() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.isolate(1);
        cores.node(1).step(new Event.Read(1));
        cores.node(3).roll = 4;
        cores.node(2).step(new Event.Disconnected(Cores.id(1)));
        cores.node(3).step(new Event.Disconnected(Cores.id(1)));
        cores.pass(20);
        assertTrue(cores.node(2).raft.leads());
        assertEquals(0, cores.node(1).readableThrough);
    }

    @Test
    void aReplicaReadsAtTheLeadersIndexOnceItHasAppliedAsFar() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(2);
        cores.node(1).propose("v");
        cores.deliver();
        cores.node(3).step(new Event.Read(1));
        cores.deliver();
        assertEquals(1, cores.node(3).readableThrough);
        assertEquals(3, cores.node(3).raft.appliedIndex());
    }

    /// A repeated question has a new number; the answer to the old one is not taken for it (etcd #20418).
    @Test
    void aLateAnswerToAnOlderQuestionReleasesNothing() {
        var cores = new Cores(3);
        cores.connectAll();
        cores.elect(1);
        cores.pass(2);
        cores.node(3).step(new Event.Read(1));
        var first = assertInstanceOf(Message.ReadRequest.class, cores.takeFrom(3).getFirst());
        cores.node(3).tick(Cores.CONFIG.heartbeatTicks());
        var numbers = new ArrayList<Long>();
        for (var message : cores.takeFrom(3)) {
            if (message instanceof Message.ReadRequest again) numbers.add(again.ticket());
        }
        assertEquals(List.of(first.ticket() + 1), numbers);
        cores.node(3).receive(1, new Message.ReadReply(1, first.ticket(), 2L));
        assertEquals(0, cores.node(3).readableThrough);
        cores.node(3).receive(1, new Message.ReadReply(1, numbers.getFirst(), 2L));
        assertEquals(1, cores.node(3).readableThrough);
    }
}
