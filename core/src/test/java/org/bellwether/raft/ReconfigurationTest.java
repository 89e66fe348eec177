package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bellwether.api.NodeId;
import org.junit.jupiter.api.Test;

/// Thesis, chapter 4: the list of nodes changes one voter at a time.
class ReconfigurationTest {
    private final Cores cores = new Cores(3, 1, Cores.CONFIG, Core.Maker.HONEST).link();
    private final Core leader = cores.elect(cores.n(1));

    ReconfigurationTest() {
        cores.run(20);
    }

    private static NodeId id(int number) {
        return Cores.id(number);
    }

    private static void change(Core at, UnaryOperator<Membership> step) {
        at.step(new Event.Reconfigure(step.apply(at.raft().membership())));
    }

    /// "Servers always use the latest configuration in their logs … regardless of whether the entry is
    /// committed" — thesis §4.1
    @Test
    void listIsInEffectWhenItIsAppended() {
        cores.isolate(leader);
        change(leader, list -> list.withVoter(id(4), true));
        assertTrue(leader.raft().membership().isVoter(id(4)));
        assertEquals(3, leader.raft().electorate().majority());
        assertFalse(leader.raft().membershipIsCommitted());
        assertFalse(cores.n(2).raft().membership().isVoter(id(4)));
    }

    @Test
    void listThatIsCutOffIsTakenBack() {
        cores.isolate(leader);
        change(leader, list -> list.without(id(3)));
        assertEquals(3, leader.raft().membership().members().size());
        var next = cores.n(2);
        for (int i = 0; i < 400 && !next.raft().leads(); i++) {
            next.tick();
            cores.n(3).tick();
            cores.settle();
        }
        next.propose("newer");
        cores.settle();
        cores.heal();
        cores.run(50);
        assertEquals(4, leader.raft().membership().members().size());
        assertEquals(next.raft().last(), leader.raft().last());
        assertEquals(2, leader.raft().electorate().majority());
    }

    /// "each server … can only add or remove one server at a time" — thesis §4.1
    @Test
    void oneChangeAtATime() {
        cores.cut(cores.n(2), leader);
        cores.cut(cores.n(3), leader);
        change(leader, list -> list.withVoter(id(4), true));
        cores.settle();
        assertFalse(leader.raft().acceptsReconfiguration());
        assertThrows(IllegalStateException.class,
                () -> change(leader, list -> list.without(id(4))));
        cores.heal();
        cores.run(20);
        assertTrue(leader.raft().acceptsReconfiguration());
    }

    @Test
    void moreThanOneVoterAtOnceIsRefused() {
        assertThrows(IllegalStateException.class,
                () -> change(leader, list -> list.without(id(3)).withVoter(id(4), true)));
        assertThrows(IllegalStateException.class,
                () -> change(leader, list -> list.without(id(2)).without(id(3))));
    }

    /// Ongaro's correction of 10 July 2015: "a leader … may not append a configuration entry until an entry of
    /// its current term has been committed".
    @Test
    void noneBeforeAnEntryOfTheOwnTermIsCommitted() {
        var fresh = new Cores(3).link();
        fresh.lose(packet -> packet.message() instanceof Message.AppendAck);
        var early = fresh.n(1);
        for (int i = 0; i < 1_000 && !early.raft().leads(); i++)
            fresh.run(1);
        assertTrue(early.raft().leads());
        assertFalse(early.raft().acceptsReconfiguration());
        fresh.loseNothing();
        fresh.run(20);
        assertTrue(early.raft().acceptsReconfiguration());
    }

    @Test
    void noneDuringATransfer() {
        cores.isolate(cores.n(3));
        leader.step(new Event.Transfer(id(3)));
        assertTrue(leader.raft().transferring());
        assertFalse(leader.raft().acceptsReconfiguration());
    }

    @Test
    void newVoterCountsAndMayLead() {
        change(leader, list -> list.withVoter(id(4), true));
        cores.settle();
        assertTrue(leader.raft().membershipIsCommitted());
        leader.step(new Event.Transfer(id(4)));
        cores.settle();
        assertTrue(cores.n(4).raft().leads());
    }

    /// "a new server … as a non-voting member … the leader replicates log entries to it" — thesis §4.2.1
    @Test
    void newcomerIsFollowedAtOnce() {
        var alone = new Cores(1, 0, Cores.CONFIG, Core.Maker.HONEST);
        var first = alone.n(1);
        first.tick();
        first.propose("a");
        // A newcomer's log begins with the same bootstrap record.
        var newcomer = new Core(new Core.Member("n2", id(2), 2, 2),
                Cores.membership(1, 0).bootstrapEntry(), Cores.CONFIG, Core.Maker.HONEST);
        alone.join(newcomer);
        var seat = Cores.membership(0, 2).members().getLast();
        change(first, list -> list.with(seat, id(2).uuid()));
        alone.run(30);
        assertEquals(first.raft().last(), newcomer.raft().last());
        assertEquals(first.applied, newcomer.applied);
        assertEquals(id(1), newcomer.raft().leader());
        change(first, list -> list.withVoter(id(2), true));
        alone.settle();
        assertTrue(newcomer.raft().electorate().isVoter(id(2)));
    }

    /// "the leader … manages a cluster that does not include itself; it replicates log entries but does not
    /// count itself in majorities" — thesis §4.2.2
    @Test
    void leaderRemovesItselfWithoutCountingItself() {
        cores.cut(cores.n(3), leader);
        change(leader, list -> list.without(id(1)));
        cores.settle();
        assertTrue(leader.raft().leads(), "n1 and n2 are a majority of the old list only");
        assertFalse(leader.raft().membershipIsCommitted());
        cores.heal();
        cores.run(60);
        assertFalse(leader.raft().leads());
        cores.run(20);
        var next = cores.all.stream().filter(core -> core.raft().leads()).findFirst();
        assertTrue(next.isPresent());
        assertEquals(List.of(id(2), id(3)), next.get().raft().membership().voters());
        leader.tick(1_000);
        assertFalse(leader.raft().leads(), "who is not in the list does not campaign");
    }

    /// Thesis §4.2.3: a removed node that was not told must not unseat anybody.
    @Test
    void removedNodeDisturbsNobody() {
        cores.isolate(cores.n(3));
        change(leader, list -> list.without(id(3)));
        cores.settle();
        assertTrue(leader.raft().membershipIsCommitted());
        cores.heal();
        long term = leader.raft().term();
        cores.run(2_000);
        assertTrue(leader.raft().leads());
        assertEquals(term, leader.raft().term());
    }

    /// Thesis §4.2.2: "a server … grants votes to candidates that are not in its latest configuration": else
    /// this cluster could never elect again.
    @Test
    void voterThatHasNotHeardOfItsPromotionVotes() {
        cores.cut(leader, cores.n(4));
        change(leader, list -> list.withVoter(id(4), true));
        cores.run(20);
        assertTrue(leader.raft().membershipIsCommitted());
        assertFalse(cores.n(4).raft().membership().isVoter(id(4)));
        cores.crash(leader);
        cores.heal();
        var next = cores.elect();
        assertTrue(next == cores.n(2) || next == cores.n(3));
        assertTrue(cores.n(4).raft().membership().isVoter(id(4)));
    }

    /// "a server that is not part of its own latest configuration should still start new elections, as it might
    /// still be needed" — thesis §4.2.2. Here n1 holds the only copy of the list that leaves it out.
    @Test
    void voterLeftOutByAnUncommittedListStillCampaigns() {
        change(leader, list -> list.without(id(3)));
        cores.settle();
        cores.isolate(leader);
        change(leader, list -> list.without(id(1)));
        leader.propose("a");
        cores.crash(leader);
        cores.crash(cores.n(3));
        cores.heal();
        cores.restart(leader);
        var next = cores.n(2);
        cores.run(1_000);
        assertTrue(next.raft().leads());
        assertEquals(List.of(id(2)), next.raft().membership().voters());
        assertTrue(next.raft().membershipIsCommitted());
        assertFalse(leader.raft().leads());
    }

    @Test
    void learnerIsNotAMajoritysPart() {
        change(leader, list -> list.withVoter(id(3), false));
        cores.run(20);
        assertEquals(2, leader.raft().electorate().majority());
        cores.isolate(cores.n(2));
        long committed = leader.raft().commitIndex();
        leader.propose("a");
        cores.settle();
        assertEquals(committed, leader.raft().commitIndex());
    }

    @Test
    void removedNodeIsRememberedAsRemoved() {
        change(leader, list -> list.without(id(3)));
        cores.run(20);
        var list = cores.n(2).raft().membership();
        assertTrue(list.wasRemoved(id(3)));
        assertEquals(list, Membership.decode(list.encode()));
    }
}
