package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Event;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Message;
import org.bellwether.raft.Message.VoteKind;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;

/// From when a lease is reckoned: a real core, and a clock that a test sets.
class LeaseStartTest {
    private static final RaftConfig CONFIG = new RaftConfig(10, 100, 5, 1 << 20, 1 << 20, 1 << 16,
            4);
    private static final long LENGTH = 1_000;
    private static final NodeId PEER = id(2);

    private final Lease lease = new Lease();
    private final Raft core = core();
    /// The origin of such a clock is arbitrary.
    private long now = -5_000;

    LeaseStartTest() {
        for (int i = 0; i < 2 * CONFIG.electionTicksMin(); i++)
            step(new Event.Tick());
        received(new Message.VoteReply(1, VoteKind.PRE_VOTE, true));
        received(new Message.VoteReply(1, VoteKind.VOTE, true));
        received(new Message.AppendAck(1, core.last()));
        assertTrue(core.leads());
        assertEquals(core.last().index(), core.commitIndex());
    }

    private static NodeId id(int number) {
        return new NodeId(new UUID(7, number));
    }

    private static Raft core() {
        var members = List.of(1, 2, 3).stream().map(number -> new Member(id(number), "n" + number,
                true, new Address("n", number), new Address("n", 100 + number))).toList();
        var bootstrap = new Membership(new ClusterId(new UUID(1, 2)), members).withLeaseReads(true)
                .bootstrapEntry();
        return new Raft(id(1), CONFIG, _ -> 0, Ballot.INITIAL, Position.NONE,
                List.of(bootstrap.position()), bootstrap.position(), 1, List.of(),
                List.of(bootstrap));
    }

    private void step(Event event) {
        var effects = core.step(event);
        lease.stepped(core, now);
        if (effects.persist() != null)
            step(new Event.DiskSynced(new Synced(core.last(), core.ballot())));
    }

    private void received(Message message) {
        step(new Event.Received(PEER, message));
    }

    /// @return its number
    private long sendRound() {
        long before = core.round();
        while (core.round() == before)
            step(new Event.Tick());
        return core.round();
    }

    private void echo(long round) {
        received(new Message.HeartbeatReply(1, round, core.last(), 0));
    }

    private boolean holdsAt(long nanos) {
        return lease.holds(nanos, LENGTH);
    }

    @Test
    void fromWhenTheRoundWasSent_notFromWhenItWasEchoed() {
        now = 100;
        long round = sendRound();
        assertFalse(holdsAt(101));
        now = 1_050;
        echo(round);
        assertTrue(holdsAt(1_099));
        assertFalse(holdsAt(1_100));
    }

    @Test
    void anEchoOfAnOlderRoundBearsAnOlderLease() {
        now = 100;
        long older = sendRound();
        now = 500;
        long newer = sendRound();
        echo(older);
        assertFalse(holdsAt(1_100));
        echo(newer);
        assertTrue(holdsAt(1_499));
        assertFalse(holdsAt(1_500));
    }

    /// A list that is not committed suspends the lease. The round before it is no younger afterwards.
    @Test
    void aLeaseThatWasSuspendedIsNoLongerThanBefore() {
        now = 100;
        long round = sendRound();
        echo(round);
        step(new Event.Reconfigure(core.membership().withVotersTarget(5)));
        assertFalse(holdsAt(200));
        now = 900;
        received(new Message.AppendAck(1, core.last()));
        assertEquals(round, core.leaseRound());
        assertFalse(holdsAt(1_100));
        now = 950;
        echo(sendRound());
        assertTrue(holdsAt(1_949));
    }

    @Test
    void itEndsWithTheOffice() {
        now = 100;
        echo(sendRound());
        assertTrue(holdsAt(200));
        received(new Message.HeartbeatReply(2, 0, core.last(), 0));
        assertFalse(holdsAt(200));
    }

    /// Rounds that nobody echoes are forgotten, the oldest first; what is echoed after that bears no lease.
    @Test
    void ofManyRoundsTheLatestAreRemembered() {
        now = 100;
        long first = sendRound();
        for (int i = 0; i < 100; i++) {
            now += 1;
            sendRound();
            // It is heard, so that it goes on to lead, but it echoes nothing.
            received(new Message.AppendAck(1, core.last()));
        }
        echo(first);
        assertFalse(holdsAt(first + 100));
        echo(core.round());
        assertTrue(holdsAt(now + LENGTH - 1));
        assertFalse(holdsAt(now + LENGTH));
    }

    /// A voter counts ticks, of which the first may come at once, by a clock that may be a tenth faster than ours.
    @Test
    void itIsShorterThanAnElectionTimeoutByAnyClock() {
        var config = ClusterConfig.DEFAULT;
        assertEquals(Duration.ofMillis(891), config.lease());
        var refusedFor = config.electionTimeout().minus(config.tick());
        assertTrue(config.lease().compareTo(refusedFor.multipliedBy(10).dividedBy(11)) < 0);
    }
}
