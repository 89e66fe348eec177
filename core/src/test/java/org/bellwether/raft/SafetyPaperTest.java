package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Raft §5.4: what makes it safe.
class SafetyPaperTest {
    private static boolean grants(Message.VoteKind kind, Position candidate, long... voterLog) {
        var cores = new Cores(3);
        var voter = cores.n(1);
        voter.had(voterLog);
        voter.receive(cores.n(2), new Message.VoteRequest(9, kind, candidate));
        var reply = (Message.VoteReply) cores.wire.getFirst().message();
        return reply.granted();
    }

    /// "the voter denies its vote if its own log is more up-to-date than that of the candidate. … If the
    /// logs have last entries with different terms, then the log with the later term is more up-to-date.
    /// If the logs end with the same term, then whichever log is longer is more up-to-date." — §5.4.1
    @Test
    void voteGoesOnlyToALogThatIsAtLeastAsUpToDate() {
        for (var kind : Message.VoteKind.values()) {
            assertTrue(grants(kind, new Position(2, 3), 2, 2), "equal");
            assertTrue(grants(kind, new Position(2, 4), 2, 2), "longer");
            assertFalse(grants(kind, new Position(2, 2), 2, 2), "shorter");
            assertTrue(grants(kind, new Position(3, 2), 2, 2, 2), "shorter, of a later term");
            assertFalse(grants(kind, new Position(1, 9), 2, 2), "longer, of an earlier term");
        }
    }

    /// A refused candidate's term is taken note of all the same (§5.1).
    @Test
    void termIsTakenFromACandidateThatIsRefused() {
        var cores = new Cores(3);
        var voter = cores.n(1);
        voter.had(2, 2);
        voter.receive(cores.n(2),
                new Message.VoteRequest(9, Message.VoteKind.VOTE, new Position(2, 2)));
        assertEquals(new Ballot(9, null), voter.keptBallot);
    }

    /// "Raft never commits log entries from previous terms by counting replicas. Only log entries from the
    /// leader's current term are committed by counting replicas" — §5.4.2
    @Test
    void entryOfAnOlderTermIsNotCommittedByCounting() {
        var cores = new Cores(3);
        cores.n(1).had(1, 2);
        cores.n(2).had(1);
        cores.n(3).had(1);
        // The own entry of the term never arrives whole: only what is before it does.
        var leader = cores.n(1);
        leader.tick(Cores.CONFIG.electionTicksMin());
        leader.receive(cores.n(2), new Message.VoteReply(3, Message.VoteKind.PRE_VOTE, true));
        leader.receive(cores.n(2), new Message.VoteReply(3, Message.VoteKind.VOTE, true));
        assertTrue(leader.raft().leads());
        for (var other : cores.others(leader))
            leader.receive(other, new Message.AppendAck(3, new Position(2, 3)));
        assertEquals(1, leader.raft().commitIndex());
        leader.receive(cores.n(3), new Message.AppendAck(3, new Position(3, 4)));
        assertEquals(4, leader.raft().commitIndex());
    }

    /// Figure 8 (b): S5 led in term 3, elected by S3, S4 and itself; its entry went nowhere. S1, which led in
    /// term 2, is about to lead again.
    private static Cores figure8() {
        var cores = new Cores(5);
        cores.n(1).had(1, 2);
        cores.n(2).had(1, 2);
        cores.n(3).had(1);
        cores.n(4).had(1);
        cores.n(5).had(1, 3);
        for (int i = 3; i <= 5; i++)
            cores.n(i).wasIn(3, cores.n(5).id);
        cores.link();
        cores.isolate(cores.n(5));
        return cores;
    }

    /// "(c) … S1 … restarts, is elected leader, and continues replication. At this point, the log entry from
    /// term 2 has been replicated on a majority of the servers, but it is not committed. If S1 crashes as in (d), S5
    /// could be elected leader … and overwrite the entry with its own entry from term 3." — §5.4.2, figure 8
    @Test
    void figure8_majorityOfAnOlderEntryMayStillBeOverwritten() {
        var cores = figure8();
        var s1 = cores.n(1);
        cores.lose(packet -> packet.message() instanceof Message.Append append
                && append.entries().stream().anyMatch(entry -> entry.term() > 3));
        cores.elect(s1);
        var two = List.of(Entry.of(new Position(2, 3), Entry.Kind.COMMANDS, Core.bytes("2.3")));
        cores.n(3).receive(s1, new Message.Append(s1.raft().term(), new Position(1, 2), two, 1));
        cores.settle();
        for (int i = 1; i <= 3; i++)
            assertEquals(new Position(2, 3), cores.n(i).log().get(2));
        assertEquals(1, s1.raft().commitIndex());

        cores.crash(s1);
        cores.heal();
        cores.loseNothing();
        var s5 = cores.n(5);
        cores.electAlone(s5);
        cores.run(30);
        for (int i = 2; i <= 5; i++)
            assertEquals(new Position(3, 3), cores.n(i).log().get(2));
        assertTrue(s5.raft().commitIndex() >= 4);
        cores.restart(s1);
        cores.run(50);
        assertEquals(s5.log(), s1.log());
    }

    /// "However, if S1 replicates an entry from its current term on a majority of the servers before
    /// crashing, as in (e), then this entry is committed (S5 cannot win an election)." — §5.4.2, figure 8
    @Test
    void figure8_entryOfTheOwnTermOnAMajoritySettlesIt() {
        var cores = figure8();
        var s1 = cores.elect(cores.n(1));
        cores.run(20);
        assertEquals(4, s1.raft().commitIndex());
        var committed = s1.log();

        cores.crash(s1);
        cores.heal();
        cores.n(5).usualRoll = _ -> 0;
        cores.run(500);
        assertFalse(cores.n(5).raft().leads());
        for (int i = 2; i <= 5; i++)
            assertEquals(committed, cores.n(i).log().subList(0, 4));
    }

    /// "Leader Completeness: if a log entry is committed in a given term, then that entry will be present in the
    /// logs of the leaders for all higher-numbered terms" — figure 3
    @Test
    void nodeThatMissedACommittedEntryCannotLead() {
        var cores = new Cores(3).link();
        var leader = cores.elect(cores.n(1));
        cores.isolate(cores.n(2));
        leader.propose("committed without n2");
        cores.settle();
        assertEquals(3, leader.raft().commitIndex());
        cores.heal();
        cores.crash(leader);
        // n2 is the first to try, and n3 refuses it.
        var next = cores.elect();
        assertEquals(cores.n(3), next);
        cores.run(30);
        assertEquals(next.applied, cores.n(2).applied);
    }

    /// "when a leader … crashes before committing an entry, a future leader will attempt to finish
    /// replicating the entry" — §5.4.2
    @Test
    void nextLeaderFinishesWhatItsPredecessorBegan() {
        var cores = new Cores(3).link();
        var leader = cores.elect(cores.n(1));
        cores.isolate(cores.n(3));
        cores.lose(packet -> packet.message() instanceof Message.AppendAck);
        leader.propose("begun");
        cores.settle();
        cores.crash(leader);
        cores.heal();
        cores.loseNothing();
        var next = cores.elect();
        cores.run(30);
        assertEquals(cores.n(2), next);
        for (var core : cores.up()) {
            assertEquals("begun", new String(core.applied.get(2).payload(),
                    java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    /// The state machines of all nodes see the same entries in the same order, whoever led in between.
    @Test
    void everybodyAppliesTheSame() {
        var cores = new Cores(5).link();
        for (int round = 0; round < 8; round++) {
            var leader = cores.elect();
            leader.propose("a" + round, "b" + round);
            cores.deliverFirst(_ -> true);
            cores.crash(leader);
            cores.elect().propose("c" + round);
            cores.run(5);
            cores.restart(leader);
            cores.run(300);
        }
        for (var core : cores.all) {
            assertEquals(cores.n(1).applied, core.applied);
            assertTrue(core.applied.size() > 16);
        }
    }
}
