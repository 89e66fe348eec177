package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Revision;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Event;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;
import org.bellwether.storage.Mark;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Totals;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.PeerMessage.SnapshotBegin;
import org.bellwether.transport.PeerMessage.SnapshotRequest;
import org.bellwether.transport.PeerMessage.SnapshotSlice;
import org.bellwether.transport.SnapshotHead;
import org.junit.jupiter.api.Test;

/// Who fetches a state gives up on a sender that is silent, and on no other.
class SnapshotFetchTest implements Loop, Host, SnapshotFetch.Owner {
    private static final NodeId SELF = new NodeId(new UUID(7, 1));
    private static final NodeId SENDER = new NodeId(new UUID(7, 2));
    private static final NodeId OTHER = new NodeId(new UUID(7, 3));
    private static final Entry LIST = new Membership(new ClusterId(new UUID(1, 2)), List.of(
            member(SELF, 1), member(SENDER, 2), member(OTHER, 3))).bootstrapEntry();
    private static final SnapshotHead HEAD = new SnapshotHead(1, LIST, Mark.NONE.at(50));

    private final Deque<Runnable> background = new ArrayDeque<>();
    private final List<SnapshotRequest> asked = new ArrayList<>();
    private final List<NodeId> askedOf = new ArrayList<>();
    private final List<PeerMessage> told = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private final Raft core = new Raft(SELF, new RaftConfig(1, 10, 5, 1000, 1000, 1000, 4), _ -> 0,
            Ballot.INITIAL, Position.NONE, List.of(new Position(0, 1)), new Position(0, 1), 1,
            List.of(), List.of(LIST));
    private final TightStorage tables = new TightStorage(new MemoryStorage(),
            TightStorage.Refuses.NOTHING);
    private final SnapshotFetch fetch = new SnapshotFetch(tables, this,
            new Background(background::add, this, this), this, this, 100);
    private long now;

    private static Member member(NodeId id, int port) {
        return new Member(id, "n" + port, true, new Address("m", port), new Address("m", 9 + port));
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        throw new AssertionError("nothing is put off");
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        throw new AssertionError("nothing is put off");
    }

    @Override
    public Raft core() {
        return core;
    }

    @Override
    public boolean logHasRoom() {
        return true;
    }

    @Override
    public boolean logHasRoomFor(long recordBytes) {
        return true;
    }

    @Override
    public void step(Event event) {
        core.step(event);
    }

    @Override
    public void scheduleTurn() {
        throw new AssertionError("nothing waits for a turn");
    }

    @Override
    public void guard(Runnable task) {
        task.run();
    }

    @Override
    public Outcome notReady() {
        throw new AssertionError("nobody is answered");
    }

    @Override
    public boolean propose(byte[] payload) {
        return false;
    }

    @Override
    public boolean proposeRemoval(byte[] payload) {
        return false;
    }

    @Override
    public boolean trusted() {
        return true;
    }

    @Override
    public void send(NodeId to, PeerMessage message) {
        if (message instanceof SnapshotRequest request) {
            asked.add(request);
            askedOf.add(to);
        } else {
            told.add(message);
        }
    }

    @Override
    public void fail(Throwable why) {
        throw new AssertionError(why);
    }

    @Override
    public boolean mayGoBackTo(long applied) {
        return true;
    }

    @Override
    public void replaced(SnapshotHead head) {}

    @Override
    public void refused(NodeId from, String why) {
        refusals.add(why);
    }

    @Override
    public List<NodeId> others() {
        return List.of(SENDER, OTHER);
    }

    private void pass(Duration time) {
        // As the node's heartbeat does it.
        for (int i = 0; i < 10; i++) {
            now += time.toNanos() / 10;
            fetch.expire(now);
        }
    }

    private void runBackground() {
        while (!background.isEmpty())
            background.remove().run();
    }

    private long transfer() {
        return asked.getLast().transfer();
    }

    /// What comes is never what is announced.
    private void fetchInVain() {
        fetch.begin(SENDER);
        var from = askedOf.getLast();
        fetch.received(from, new SnapshotBegin(transfer(), new SnapshotHead(1, LIST,
                new Mark(50, new Revision(9), 1, 0, new Totals(3, 4)))));
        runBackground();
        fetch.received(from, new SnapshotSlice(transfer(), 1, true, new byte[0]));
        runBackground();
        assertFalse(fetch.isUnderWay());
    }

    /// The whole table, again and again from the same node, was what a rotten leader came to.
    @Test
    void whoWasRefusedIsNotAskedAgainBeforeOthersNorSoon() {
        fetchInVain();
        assertEquals(1, refusals.size());
        fetch.begin(SENDER);
        assertFalse(fetch.isUnderWay(), "not at once");
        pass(Duration.ofSeconds(1));
        fetchInVain();
        assertEquals(List.of(SENDER, OTHER), askedOf.stream().distinct().toList());
        assertEquals(2, refusals.size(), "each sender is told of");
        var waits = new ArrayList<Long>();
        for (int i = 0; i < 8; i++) {
            long since = now;
            while (!fetch.isUnderWay()) {
                now += 100_000_000;
                fetch.begin(SENDER);
            }
            waits.add((now - since) / 1_000_000_000);
            fetchInVain();
        }
        assertEquals(2, refusals.size(), "once");
        assertEquals(List.of(2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L), waits);
    }

    @Test
    void aSenderThatIsSilentIsGivenUp() {
        fetch.begin(SENDER);
        pass(Duration.ofSeconds(15));
        assertTrue(fetch.isUnderWay());
        assertTrue(asked.size() > 3, "it is asked again");
        pass(Duration.ofSeconds(6));
        assertFalse(fetch.isUnderWay());
    }

    @Test
    void whoIsBusyHereDoesNotTakeTheOtherForSilent() {
        fetch.begin(SENDER);
        fetch.received(SENDER, new SnapshotBegin(transfer(), HEAD));
        pass(Duration.ofSeconds(60));
        assertTrue(fetch.isUnderWay(), "the background has other work");
        assertTrue(asked.size() >= 5, "and the sender hears that it is still wanted");
        assertEquals(0, asked.getLast().part());
        runBackground();
        assertEquals(1, asked.getLast().part());
        pass(Duration.ofSeconds(15));
        assertTrue(fetch.isUnderWay(), "it has its whole time to answer");
        fetch.received(SENDER, new SnapshotSlice(transfer(), 1, true, new byte[0]));
        runBackground();
        assertFalse(fetch.isUnderWay());
        assertEquals(50, core.appliedIndex());
    }

    /// A disk that changes a bit on the way is not the sender's fault, nor the end of this node.
    @Test
    void whatCannotBeReadBackIsThrownAwayAndFetchedAgain() {
        tables.rotsWhatIsRestored = true;
        fetchAll();
        assertFalse(fetch.isUnderWay());
        assertEquals(0, tables.applied());
        assertEquals(1, core.appliedIndex());
        assertEquals(List.of(), refusals);
        fetch.begin(SENDER);
        assertFalse(fetch.isUnderWay(), "not at once");
        pass(Duration.ofSeconds(1));
        tables.rotsWhatIsRestored = false;
        fetchAll();
        assertEquals(50, core.appliedIndex());
    }

    private void fetchAll() {
        fetch.begin(SENDER);
        var from = askedOf.getLast();
        fetch.received(from, new SnapshotBegin(transfer(), HEAD));
        runBackground();
        fetch.received(from, new SnapshotSlice(transfer(), 1, true, new byte[0]));
        runBackground();
    }
}
