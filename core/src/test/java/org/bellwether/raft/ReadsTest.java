package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Raft §8, thesis §6.4: linearizable reads by read index, on the leader and on replicas.
class ReadsTest {
    private final Cores cores = new Cores(3).link();

    private Core leader() {
        return cores.elect(cores.n(1));
    }

    private Cores.Packet taken(Core to, Class<? extends Message> kind) {
        for (int i = 0; i < cores.wire.size(); i++) {
            var packet = cores.wire.get(i);
            if (packet.to() == to && kind.isInstance(packet.message())) return cores.wire.remove(i);
        }
        throw new AssertionError("no " + kind.getSimpleName() + " for " + to + " in " + cores.wire);
    }

    /// "Second, a leader must check whether it has been deposed before processing a read-only request …
    /// Raft handles this by having the leader exchange heartbeat messages with a majority of the
    /// cluster before responding to read-only requests." — §8
    @Test
    void leaderServesAReadOnlyAfterAMajorityHasEchoed() {
        var leader = leader();
        long read = leader.read();
        assertFalse(leader.mayServe(read));
        cores.settle(packet -> packet.message() instanceof Message.Heartbeat);
        assertFalse(leader.mayServe(read));
        assertTrue(
                cores.deliverFirst(packet -> packet.message() instanceof Message.HeartbeatReply));
        assertTrue(leader.mayServe(read));
    }

    @Test
    void leaderThatWasCutOffServesNothing() {
        var leader = leader();
        cores.isolate(leader);
        long read = leader.read();
        cores.run(50);
        assertFalse(leader.mayServe(read));
    }

    /// "a leader must have the latest information on which entries are committed … it may not know which
    /// those are. To find out, it needs to commit an entry from its term." — §8
    @Test
    void newLeaderServesNoReadBeforeAnEntryOfItsOwnTermIsCommitted() {
        leader().propose("a");
        cores.settle();
        cores.isolate(cores.n(1));
        cores.lose(packet -> packet.message() instanceof Message.AppendAck);
        var next = cores.elect(cores.n(2));
        long read = next.read();
        cores.run(15);
        assertFalse(next.mayServe(read));
        cores.loseNothing();
        cores.run(30);
        assertTrue(next.mayServe(read));
    }

    /// A round proves the office at its start only: one that started before the read arrived says nothing.
    @Test
    void echoOfARoundThatStartedBeforeTheReadIsNotEnough() {
        var leader = leader();
        leader.read();
        long late = leader.read();
        cores.settle(packet -> packet.to() != leader);
        var echoes = List.copyOf(cores.wire);
        cores.wire.clear();
        echoes.forEach(cores::deliver);
        assertFalse(leader.mayServe(late));
        cores.settle();
        assertTrue(leader.mayServe(late));
    }

    /// The leader is stopped with a round under way, another leads meanwhile, and it goes on: what arrives
    /// now must not be served by echoes of then (etcd #20418).
    @Test
    void leaderThatWasPausedServesNoReadByOldEchoes() {
        var old = leader();
        old.read();
        cores.settle(packet -> packet.to() != old);
        var echoes = List.copyOf(cores.wire);
        cores.wire.clear();
        cores.isolate(old);
        for (int i = 0; i < 400 && !cores.n(2).raft().leads(); i++) {
            cores.n(2).tick();
            cores.n(3).tick();
            cores.settle();
        }
        cores.n(2).propose("newer");
        cores.settle();
        long late = old.read();
        echoes.forEach(cores::deliver);
        assertFalse(old.mayServe(late));
        cores.heal();
        cores.run(100);
        assertTrue(old.mayServe(late));
        assertEquals(cores.n(2).applied, old.applied);
    }

    /// Rounds are numbered anew in every term: a heartbeat of an earlier office that arrives late must not be
    /// echoed under its old, high number in the name of the new term, or it would confirm rounds that have
    /// not even begun.
    @Test
    void echoOfAnEarlierOfficeConfirmsNoRoundOfTheNext() {
        var leader = leader();
        cores.run(100);
        while (cores.wire.isEmpty())
            leader.tick();
        var late = taken(cores.n(2), Message.Heartbeat.class);
        cores.wire.clear();
        cores.isolate(leader);
        leader.tick(Cores.CONFIG.electionTicksMin());
        assertFalse(leader.raft().leads());
        cores.heal();
        cores.electAlone(leader);
        cores.settle();
        assertEquals(2, cores.n(2).raft().term());
        cores.deliver(late);
        cores.settle();

        cores.isolate(leader);
        for (int i = 0; i < 400 && !cores.n(2).raft().leads(); i++) {
            cores.n(2).tick();
            cores.n(3).tick();
            cores.settle();
        }
        cores.n(2).propose("newer");
        cores.settle();
        assertEquals(3, cores.n(2).raft().term());
        assertTrue(leader.raft().leads(), "nobody told it otherwise");
        assertFalse(leader.mayServe(leader.read()));
    }

    /// "the leader … saves the current value of its commit index … This will be used as a lower bound for the
    /// version of the state that the query operates against." — thesis §6.4
    @Test
    void replicaServesAReadOnceItHasAppliedWhatTheLeaderHadCommitted() {
        var leader = leader();
        var replica = cores.n(3);
        replica.diskWaits = true;
        leader.propose("a");
        cores.settle();
        long read = replica.read();
        cores.settle();
        assertFalse(replica.mayServe(read), "it is told, but its disk does not have it");
        replica.sync();
        cores.settle();
        assertTrue(replica.mayServe(read));
        assertEquals(leader.applied, replica.applied);
    }

    /// The index is a commit index too: whoever holds the leader's log as far need not wait to be told. But who
    /// holds something else there has learnt nothing about it.
    @Test
    void readIndexCommitsOnlyWhatIsKnownToBeTheLeadersLog() {
        leader();
        var replica = cores.n(3);
        cores.run(20);
        replica.had(0, 1);
        var asked = replica.raft();
        replica.receive(cores.n(1), new Message.Heartbeat(1, 1, 1));
        replica.read();
        var question = (Message.ReadRequest) cores.wire.getLast().message();
        replica.receive(cores.n(1), new Message.ReadReply(1, question.ticket(), 3L));
        assertEquals(1, asked.commitIndex());
    }

    @Test
    void replicaThatHoldsTheEntriesReadsWithoutWaitingToBeToldThatTheyAreCommitted() {
        leader().propose("a");
        cores.lose(packet -> packet.message() instanceof Message.Committed);
        cores.settle();
        var replica = cores.n(3);
        assertEquals(2, replica.applied.size());
        long read = replica.read();
        cores.settle(packet -> !(packet.message() instanceof Message.Heartbeat)
                || packet.to() != replica);
        assertTrue(replica.mayServe(read));
        assertEquals(3, replica.applied.size());
    }

    @Test
    void readsOnAReplicaShareOneRequestAndTheNextTakesTheRest() {
        leader();
        var replica = cores.n(2);
        long first = replica.read();
        long second = replica.read();
        long third = replica.read();
        assertEquals(1, cores.wire.stream()
                .filter(packet -> packet.message() instanceof Message.ReadRequest).count());
        while (!replica.mayServe(first))
            assertTrue(cores.deliverFirst(_ -> true));
        assertFalse(replica.mayServe(second), "it arrived after the question was asked");
        cores.settle();
        assertTrue(replica.mayServe(third));
    }

    @Test
    void learnerServesLinearizableReads() {
        var withLearner = new Cores(3, 1, Cores.CONFIG, Core.Maker.HONEST).link();
        withLearner.elect(withLearner.n(1)).propose("a");
        withLearner.settle();
        long read = withLearner.n(4).read();
        withLearner.settle();
        assertTrue(withLearner.n(4).mayServe(read));
    }

    @Test
    void readOutlivesAChangeOfLeader() {
        leader();
        var replica = cores.n(3);
        cores.isolate(cores.n(1));
        long read = replica.read();
        cores.run(20);
        assertFalse(replica.mayServe(read));
        cores.elect(cores.n(2));
        cores.run(20);
        assertTrue(replica.mayServe(read));
    }

    @Test
    void readOfALeaderThatStepsDownIsServedByTheNext() {
        var old = leader();
        cores.isolate(old);
        long read = old.read();
        cores.run(400);
        assertFalse(old.raft().leads());
        assertFalse(old.mayServe(read));
        cores.heal();
        cores.run(100);
        assertTrue(old.mayServe(read));
    }

    @Test
    void lostQuestionIsAskedAgain() {
        leader();
        var replica = cores.n(2);
        long read = replica.read();
        var lost = (Message.ReadRequest) taken(cores.n(1), Message.ReadRequest.class).message();
        for (int i = 0; i < Cores.CONFIG.heartbeatTicks(); i++)
            replica.tick();
        assertEquals(lost, cores.wire.getLast().message());
        cores.settle();
        assertTrue(replica.mayServe(read));
    }

    /// However far away the leader is: what was asked meanwhile does not make an answer worthless.
    @Test
    void anAnswerThatTakesLongerThanTheNextQuestionCounts() {
        leader();
        var replica = cores.n(2);
        long read = replica.read();
        for (int i = 0; i < 3 * Cores.CONFIG.heartbeatTicks(); i++)
            replica.tick();
        long later = replica.read();
        cores.settle(packet -> !(packet.message() instanceof Message.ReadReply));
        cores.deliver(taken(replica, Message.ReadReply.class));
        assertTrue(replica.mayServe(read));
        // The other copies were asked before it.
        var copies = cores.wire.stream()
                .filter(packet -> packet.message() instanceof Message.ReadReply).toList();
        cores.wire.removeAll(copies);
        copies.forEach(cores::deliver);
        assertFalse(replica.mayServe(later));
        cores.settle();
        assertTrue(replica.mayServe(later));
    }

    /// The number of a request is "never reused by its sender": an answer that was under way when the replica
    /// died must not pass for the answer to the first question of its next life (etcd #20418).
    @Test
    void answerToAnEarlierLifeConfirmsNothing() {
        var leader = leader();
        var replica = cores.n(2);
        replica.rolls.clear();
        replica.read();
        cores.settle(packet -> !(packet.message() instanceof Message.ReadReply));
        var late = taken(replica, Message.ReadReply.class);
        cores.crash(replica);
        leader.propose("newer");
        cores.settle();
        assertEquals(leader.raft().last().index(), leader.raft().commitIndex());

        replica.usualRoll = bound -> bound / 2;
        cores.restart(replica);
        cores.settle(packet -> packet.message() instanceof Message.Heartbeat);
        long read = replica.read();
        cores.deliver(late);
        assertFalse(replica.mayServe(read), "its state lacks a write that was acknowledged");
        cores.run(20);
        assertTrue(replica.mayServe(read));
        assertEquals(leader.applied, replica.applied);
    }

    /// The one it had asked followed somebody else into the term that the asker leads by now.
    @Test
    void leaderPassesOverALateAnswerToItsOwnEarlierQuestion() {
        var old = leader();
        var asker = cores.n(2);
        asker.read();
        var question = taken(old, Message.ReadRequest.class);
        cores.lose(packet -> packet.from() == old || packet.to() == old);
        cores.elect(asker);
        cores.loseNothing();
        cores.run(20);
        assertEquals(asker.id, old.raft().leader());
        cores.deliver(question);
        cores.settle();
        assertTrue(asker.raft().leads());
    }

    @Test
    void questionIsAskedAgainWhenTheLinkToTheLeaderReturns() {
        var leader = leader();
        var replica = cores.n(3);
        long read = replica.read();
        cores.closeLink(replica, leader);
        cores.openLinks(leader);
        cores.run(2 * Cores.CONFIG.heartbeatTicks());
        assertEquals(leader.id, replica.raft().leader());
        assertTrue(replica.mayServe(read));
    }

    @Test
    void soleVoterServesAtOnce() {
        var alone = new Cores(1).n(1);
        alone.tick(2);
        assertTrue(alone.raft().leads());
        assertTrue(alone.mayServe(alone.read()));
    }

    /// With four voters a majority is three: one echo beside the leader's own is half, and half is nothing.
    @Test
    void ofFourVotersThreeMustAgreeForARead() {
        var four = new Cores(4).link();
        var leader = four.elect(four.n(1));
        long read = leader.read();
        four.settle(packet -> packet.message() instanceof Message.Heartbeat);
        assertTrue(four.deliverFirst(packet -> packet.from() == four.n(2)));
        assertFalse(leader.mayServe(read));
        assertTrue(four.deliverFirst(packet -> packet.from() == four.n(3)));
        assertTrue(leader.mayServe(read));
    }

    private List<Core> askedFor(Core leader) {
        leader.read();
        return cores.wire.stream().filter(packet -> packet.message() instanceof Message.Heartbeat)
                .map(Cores.Packet::to).toList();
    }

    /// Right after a timed heartbeat, so that the next one is not soon.
    private Core leaderBetweenHeartbeats() {
        var leader = leader();
        long round = leader.raft().round();
        while (leader.raft().round() == round)
            cores.run(1);
        return leader;
    }

    /// Ours: the others need not be woken.
    @Test
    void aReadAsksNoMoreThanItNeeds() {
        var leader = leaderBetweenHeartbeats();
        assertEquals(1, askedFor(leader).size());
        var five = new Cores(5, 2, Cores.CONFIG, Core.Maker.HONEST).link();
        var other = five.elect(five.n(1));
        long read = other.read();
        assertEquals(2, five.wire.size(), five.wire::toString);
        five.settle();
        assertTrue(other.mayServe(read));
    }

    @Test
    void whoIsSilentIsNotWaitedForUntilTheNextHeartbeat() {
        var leader = leaderBetweenHeartbeats();
        long read = leader.read();
        var silent = cores.wire.getFirst().to();
        cores.lose(packet -> packet.to() == silent);
        cores.wire.clear();
        leader.tick();
        assertEquals(List.of(), cores.wire);
        leader.tick();
        cores.settle();
        assertTrue(leader.mayServe(read));
        // And it is not the one that is asked next.
        assertEquals(cores.others(leader).stream().filter(core -> core != silent).toList(),
                askedFor(leader));
    }

    @Test
    void whenTheLinkToWhoWasAskedClosesAnotherOneIsAskedAtOnce() {
        var leader = leaderBetweenHeartbeats();
        long read = leader.read();
        cores.closeLink(leader, cores.wire.getFirst().to());
        cores.settle();
        assertTrue(leader.mayServe(read));
    }

    /// A round begun with no link asks nobody, but the next one does.
    @Test
    void whoComesBackIsAskedByTheNextRead() {
        var leader = leaderBetweenHeartbeats();
        for (var other : cores.others(leader))
            cores.closeLink(leader, other);
        leader.read();
        cores.link().settle();
        assertEquals(1, askedFor(leader).size());
    }

    @Test
    void nodeThatDoesNotLeadSaysSo() {
        leader();
        var asked = cores.n(3);
        asked.receive(cores.n(2), new Message.ReadRequest(asked.raft().term(), 7));
        var reply = (Message.ReadReply) taken(cores.n(2), Message.ReadReply.class).message();
        assertEquals(7, reply.ticket());
        assertEquals(null, reply.index());
        assertNotNull(asked.raft().leader());
    }
}
