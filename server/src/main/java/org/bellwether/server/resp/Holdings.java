package org.bellwether.server.resp;

import java.util.ArrayDeque;
import java.util.Deque;

/// Memory that the clients of one port make this node hold, all of them together: what they asked and was not answered
/// yet, what they queued, replies and messages that they have not taken.
///
/// A read for whose answer there is no room is refused. A write is not: it has been done by then. So room is
/// set aside before one is asked for that gives values back, and where there is none it waits for its turn.
final class Holdings {
    private final long bytesMax;
    private long bytes;

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long expected;
    private boolean admitting;

    private record Waiting(long bytes, Runnable start) {}

    Holdings(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void changed(long more) {
        bytes += more;
    }

    long bytes() {
        return bytes;
    }

    boolean hasRoom(long more) {
        return bytes + more <= bytesMax;
    }

    boolean isOver() {
        return bytes > bytesMax;
    }

    /// Starts what may be answered with so much: now, or when others have been answered, in the order of asking.
    void admit(long mayBecome, Runnable start) {
        waiting.addLast(new Waiting(mayBecome, start));
        admitAll();
    }

    /// What was admitted has been answered.
    void met(long mayHaveBecome) {
        expected -= mayHaveBecome;
        admitAll();
    }

    /// The first is admitted in any case: there is room for one.
    private void admitAll() {
        // What is started may be answered at once.
        if (admitting) return;
        admitting = true;
        try {
            while (!waiting.isEmpty()
                    && (expected == 0 || expected + waiting.getFirst().bytes <= bytesMax / 2)) {
                var next = waiting.removeFirst();
                expected += next.bytes;
                next.start.run();
            }
        } finally {
            admitting = false;
        }
    }
}
