package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bellwether.raft.Raft;

/// A leader's right to serve reads without asking anybody, for as long as nobody else can have been elected (thesis
/// §6.4.1; ADR 12). The core, which has no clock, says which round of heartbeats a majority of voters has echoed that
/// is bound by it; here it is known when that round was *sent*. From then on every one of them gives no vote for
/// an election timeout by its own clock; [ClusterConfig#lease] is less than that by any clock. When the echoes came
/// says nothing: they may have waited for a process that was stopped.
///
/// Not final: a test plants a bug by overriding a method and demands that the simulator convicts it.
public class Lease {
    /// Rounds sent and not echoed yet. Who has sent more has no lease anyway.
    private static final int ROUNDS_MAX = 64;

    private final Deque<Round> sent = new ArrayDeque<>();
    private long term;
    private long newest;
    /// The latest round that was sent and echoed; 0 if there is no lease.
    private long borneBy;
    private long startNanos;

    private record Round(long number, long nanos) {}

    /// Called after every step of the core, before anything that it wants sent is sent.
    ///
    /// @param beganNanos when the step began, so that what it sends was sent later
    void stepped(Raft core, long beganNanos) {
        if (term != core.term() || !core.leads()) {
            sent.clear();
            newest = 0;
            borneBy = 0;
            term = core.term();
        }
        if (core.round() > newest) {
            newest = core.round();
            if (sent.size() == ROUNDS_MAX) sent.removeFirst();
            sent.addLast(new Round(newest, beganNanos));
        }
        long echoed = core.leaseRound();
        if (echoed < borneBy) borneBy = 0;
        while (!sent.isEmpty() && sent.peekFirst().number <= echoed) {
            var round = sent.removeFirst();
            borneBy = round.number;
            startNanos = start(round.nanos, beganNanos);
        }
    }

    /// Hook for a planted bug.
    ///
    /// @param sentNanos   when the round was sent
    /// @param echoedNanos when a majority had echoed it
    protected long start(long sentNanos, long echoedNanos) {
        return sentNanos;
    }

    /// Whether a read may be served now, as the core is now.
    boolean holds(long nowNanos, long lengthNanos) {
        return borneBy > 0 && nowNanos - startNanos < lengthNanos;
    }
}
