package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;
import org.bellwether.api.Ack;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.NodeId;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// What this node, as leader, has acknowledged before a majority had it ([Ack#LEADER]), until it is known whether it
/// stays. What a later leader cuts off is told of in the events.
///
/// To be cut off from one log is not to be lost: another node may still have the entry, lead and commit it. Lost is
/// what another term's entry was *applied* in the place of, or before.
final class LoneWrites {
    private final EventLog events;
    private final Deque<Lone> lone = new ArrayDeque<>();

    /// @param writes acknowledged ones in the entry; 0 if that was in another life, and nobody knows
    private record Lone(Position at, int writes) {}

    LoneWrites(EventLog events) {
        this.events = events;
    }

    /// The log of a node that was killed while it led may end with entries that it had acknowledged alone.
    void recover(NodeId self, Recovered recovered) {
        if (!self.equals(recovered.ballot().vote())) return;
        for (var entry : recovered.tail()) {
            if (entry.term() == recovered.ballot().term() && entry.kind() == Entry.Kind.COMMANDS)
                lone.addLast(new Lone(entry.position(), 0));
        }
    }

    void accepted(Position at, int writes) {
        if (writes > 0) lone.addLast(new Lone(at, writes));
    }

    /// An entry was applied: it is committed, and so is all of its term that comes before it.
    void applied(Position at) {
        take(it -> it.term() < at.term(), "cut off by a later leader", "are lost");
        while (!lone.isEmpty() && lone.getFirst().at.index() <= at.index())
            lone.removeFirst();
    }

    /// A snapshot took the place of all entries up to here: of those of older terms nobody can tell whether they are
    /// in it.
    void replaced(Position at) {
        take(it -> it.index() <= at.index() && it.term() < at.term(), "replaced by a snapshot",
                "may be lost");
        applied(at);
    }

    /// From the first on: later ones have no lower terms.
    private void take(Predicate<Position> which, String how, String fate) {
        Position first = null;
        Position last = null;
        int writes = 0;
        while (!lone.isEmpty() && which.test(lone.getFirst().at)) {
            var next = lone.removeFirst();
            if (first == null) first = next.at;
            last = next.at;
            writes += next.writes;
        }
        if (first == null) return;
        String range = first.equals(last)
                ? "entry " + first + " was "
                : "entries " + first
                        + " to " + last + " were ";
        if (writes > 0) {
            events.add(Kind.WRITES_LOST, null, first, true, range + how + ": " + writes
                    + " writes in it that this node had acknowledged alone " + fate);
        } else {
            events.add(Kind.TAIL_REPLACED, null, first, true, range + how
                    + ": writes in it that this node may have acknowledged alone before it was restarted "
                    + fate);
        }
    }
}
