package org.bellwether.raft;

import java.util.ArrayDeque;
import java.util.Deque;

/// Linearizable reads of this node's own callers, on their way to being served (Raft §8). Tickets rise, and
/// are confirmed and released in order, so that a few numbers stand for any number of them.
///
/// A read is *confirmed* when it is known how far the state must be applied to serve it: the commit index of
/// a leader that proved, after the read arrived, that it still led. It is *released* when the state is.
final class PendingReads {
    private long newest;
    private long confirmedThrough;
    private final Deque<Confirmed> confirmed = new ArrayDeque<>();

    /// Tickets up to `ticket` need the state as of `index`.
    private record Confirmed(long ticket, long index) {}

    void arrived(long ticket) {
        if (ticket <= newest) throw new IllegalStateException("ticket " + ticket + " is not new");
        newest = ticket;
    }

    boolean areUnconfirmed() {
        return confirmedThrough < newest;
    }

    long newest() {
        return newest;
    }

    void confirm(long ticket, long index) {
        if (ticket <= confirmedThrough) return;
        confirmedThrough = ticket;
        confirmed.addLast(new Confirmed(ticket, index));
    }

    /// The highest ticket that a state applied up to here satisfies; 0 if no further one.
    long release(long applied) {
        long ticket = 0;
        while (!confirmed.isEmpty() && confirmed.peekFirst().index <= applied) {
            ticket = confirmed.removeFirst().ticket;
        }
        return ticket;
    }
}
