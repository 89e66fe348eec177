package org.bellwether.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Virtual time: one queue of what is due, in order of time and, at one moment, of planning. Everything in
/// a run happens on it, one after the other, on one thread.
final class World {
    static final long MICRO = 1_000;
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000_000_000;

    private final PriorityQueue<Due> queue = new PriorityQueue<>(
            Comparator.comparingLong(Due::time).thenComparingLong(Due::number));
    private final Trace trace;
    private final Evidence evidence = new Evidence();
    private long now;
    private long planned;
    private long happened;
    private @Nullable String violation;

    private record Due(long time, long number, Runnable task) {}

    World(Trace trace) {
        this.trace = trace;
    }

    long now() {
        return now;
    }

    long happened() {
        return happened;
    }

    Trace trace() {
        return trace;
    }

    /// What faults and rare paths really occurred.
    Evidence evidence() {
        return evidence;
    }

    void at(long time, Runnable task) {
        queue.add(new Due(Math.max(time, now), planned++, task));
    }

    void after(long delay, Runnable task) {
        at(now + delay, task);
    }

    void note(int node, String what, @Nullable Object detail, long number) {
        trace.add(now, node, what, detail, number);
    }

    /// Something that must never be. Not thrown, since the code under test might catch it: the run ends after
    /// this event. The first one counts.
    void violated(String what) {
        if (violation == null) {
            violation = what;
            note(-1, "VIOLATED", what, 0);
        }
    }

    @Nullable
    String violation() {
        return violation;
    }

    /// Lets time pass until then, or until something is violated.
    void runUntil(long time) {
        while (violation == null) {
            var next = queue.peek();
            if (next == null || next.time() > time) {
                now = Math.max(now, time);
                return;
            }
            queue.remove();
            now = next.time();
            happened++;
            next.task().run();
        }
    }
}
