package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.node.Caretaker.Safety;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Event;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Message;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;

/// What a leader may do to the list of nodes, and when: the core is the real one, the others say what the test
/// has them say.
class CaretakerTest {
    private static final int HEARTBEAT = 10;
    private static final int TIMEOUT = 100;
    private static final int DEAD = 300;
    private static final ClusterConfig CONFIG = ClusterConfig.DEFAULT
            .withDeadAfter(Duration.ofSeconds(3));
    private static final NodeId A = id(1);
    private static final NodeId B = id(2);
    private static final NodeId C = id(3);
    private static final NodeId D = id(4);

    private final Caretaker caretaker = new Caretaker(A, CONFIG);
    private final List<NodeId> alive = new ArrayList<>();
    private Membership list = list(A, B, C);
    private Raft core = start();

    private static NodeId id(int number) {
        return new NodeId(new UUID(1, number));
    }

    private static Membership list(NodeId... voters) {
        return new Membership(new ClusterId(new UUID(0, 1)), Arrays.stream(voters)
                .map(id -> member(id, true)).toList());
    }

    private static Member member(NodeId id, boolean voter) {
        return new Member(id, "n" + id.uuid().getLeastSignificantBits(), voter,
                new Address("memory", 1), new Address("memory", 2));
    }

    private Raft start() {
        var bootstrap = list.bootstrapEntry();
        return new Raft(A, new RaftConfig(HEARTBEAT, TIMEOUT, 5, 1 << 20, 1 << 20, 1 << 20, 8),
                _ -> 0, Ballot.INITIAL, Position.NONE, List.of(bootstrap.position()),
                bootstrap.position(), 1, List.of(), List.of(bootstrap));
    }

    /// Puts this node at the head of these nodes, all of them heard.
    private void lead(Membership membership) {
        list = membership;
        core = start();
        for (var member : membership.members()) {
            if (member.id().equals(A)) continue;
            alive.add(member.id());
            step(new Event.Connected(member.id()));
        }
        while (!core.leads())
            tick();
        caretaker.begin();
        run(3 * HEARTBEAT);
        for (var peer : alive)
            assertTrue(caretaker.isHeard(core, peer));
    }

    private void run(int ticks) {
        for (int i = 1; i <= ticks; i++) {
            tick();
            if (i % HEARTBEAT == 0) caretaker.look(core);
        }
    }

    private void tick() {
        step(new Event.Tick());
    }

    /// Does what the core wants, and has whoever lives answer.
    private void step(Event event) {
        var effects = core.step(event);
        effects.sendNow().forEach(sent -> answer(sent.to(), sent.message()));
        if (effects.persist() != null || !effects.sendWhenSynced().isEmpty()) {
            step(new Event.DiskSynced(new Synced(core.last(), core.ballot())));
            effects.sendWhenSynced().forEach(sent -> answer(sent.to(), sent.message()));
        }
    }

    private void answer(NodeId peer, Message message) {
        if (!alive.contains(peer)) return;
        switch (message) {
            case Message.VoteRequest(long term, var kind, _) ->
                step(new Event.Received(peer, new Message.VoteReply(term, kind, true)));
            case Message.Append append -> step(new Event.Received(peer,
                    new Message.AppendAck(append.term(), append.last())));
            case Message.Heartbeat(long term, long round, _) ->
                step(new Event.Received(peer, new Message.HeartbeatReply(term, round, core.last(),
                        core.commitIndex())));
            default -> {
            }
        }
    }

    /// Everybody was heard a moment ago, and one of them has died since: a leader that was paused cannot know.
    @Test
    void whoWasHeardBeforeTheQuestionMayBeGoneByNow() {
        lead(list(A, B, C));
        alive.remove(C);
        var next = list.without(B);
        assertEquals(Safety.ASKING, caretaker.safety(core, next));
        run(2 * HEARTBEAT);
        assertEquals(Safety.ASKING, caretaker.safety(core, next));
        run(TIMEOUT);
        assertEquals(Safety.UNSAFE, caretaker.safety(core, next));
    }

    @Test
    void whoAnswersTheQuestionIsThere() {
        lead(list(A, B, C));
        var next = list.without(B);
        assertEquals(Safety.ASKING, caretaker.safety(core, next));
        run(HEARTBEAT);
        assertEquals(Safety.SAFE, caretaker.safety(core, next));
        assertEquals(Safety.ASKING, caretaker.safety(core, next),
                "the next question wants answers of its own");
    }

    @Test
    void anAnswerGrowsOld() {
        lead(list(A, B, C));
        var next = list.without(B);
        assertEquals(Safety.ASKING, caretaker.safety(core, next));
        // They answer, but whoever asked has gone.
        run(TIMEOUT + 2 * HEARTBEAT);
        alive.remove(C);
        assertEquals(Safety.ASKING, caretaker.safety(core, next));
    }

    @Test
    void whoIsAloneAsksNobody() {
        lead(list(A, B));
        assertEquals(Safety.SAFE, caretaker.safety(core, list.without(B)));
    }

    @Test
    void aClosedLinkProvesThatItIsUnsafe() {
        lead(list(A, B, C));
        alive.remove(C);
        step(new Event.Disconnected(C));
        assertEquals(Safety.UNSAFE, caretaker.safety(core, list.without(B)));
    }

    /// One that is listed and has died would make two voters of which one is left.
    @Test
    void aLearnerThatDoesNotAnswerIsNotMadeAVoter() {
        lead(list(A).with(member(B, false), new UUID(0, 9)));
        alive.remove(B);
        assertNull(caretaker.next(core));
        run(2 * HEARTBEAT);
        assertNull(caretaker.next(core));
        alive.add(B);
        run(HEARTBEAT);
        var step = caretaker.next(core);
        assertNotNull(step);
        assertEquals(List.of(A, B), step.next().voters());
    }

    @Test
    void aDeadVoterLeavesWhenTheOthersAnswer() {
        lead(list(A, B, C, D).withVotersTarget(3));
        alive.remove(D);
        run(DEAD);
        assertNull(caretaker.next(core));
        run(HEARTBEAT);
        var step = caretaker.next(core);
        assertNotNull(step);
        assertEquals(member(D, true), step.dead());
        assertEquals(List.of(A, B, C), step.next().voters());
    }
}
