package org.bellwether.server.clients;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Memory that the clients of one port make this node hold, all of them together: what they asked and was not answered
/// yet, what they queued, replies and messages that they have not taken.
///
/// A read for whose answer there is no room is refused, and is not performed while next to none is left. A write is not: it has been done by then. So room is
/// set aside before one is asked for that gives values back, and where there is none it waits for its turn.
public final class Holdings {
    /// Between two looks at what all clients hold.
    private static final long COUNT_NANOS = 10_000_000;
    /// A value, where the bound is the smallest there is.
    private static final int TIGHT_PART = 32;

    private final long bytesMax;
    private final Iterable<? extends Client> clients;
    private long bytes;
    private long countedNanos = System.nanoTime();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long expected;
    private boolean admitting;

    private record Waiting(long bytes, Runnable start) {}

    /// A connection, for which memory is held.
    public interface Client {
        /// @return what it makes the node hold now; its [Account] says the same from then on
        long recount();

        /// Whether others are to go before it.
        default boolean isSpared() {
            return false;
        }

        /// It goes, and with it all that it holds.
        void evict(long held);
    }

    /// @param clients those that are there, whenever they are looked through
    public Holdings(long bytesMax, Iterable<? extends Client> clients) {
        this.bytesMax = bytesMax;
        this.clients = clients;
    }

    void changed(long more) {
        bytes += more;
    }

    public long bytes() {
        return bytes;
    }

    public long bytesMax() {
        return bytesMax;
    }

    private boolean isOver() {
        return bytes > bytesMax;
    }

    /// Whether so much more may be held. What has left is only noticed when it is looked for.
    public boolean hasRoom(long more) {
        if (bytes + more <= bytesMax) return true;
        long now = System.nanoTime();
        if (now - countedNanos < COUNT_NANOS) return false;
        countedNanos = now;
        for (var client : clients)
            client.recount();
        return bytes + more <= bytesMax;
    }

    /// Whether next to nothing more may be held, so that what is read would most likely be thrown away.
    boolean isTight() {
        return !hasRoom(bytesMax / TIGHT_PART);
    }

    /// If too much is held, whoever holds most goes, as with Redis's `maxmemory-clients`. Those that are to be spared go when
    /// the others hold nothing any more: the bound is for the node, which serves all.
    public void relieve() {
        if (!isOver()) return;
        countedNanos = System.nanoTime();
        for (var client : clients)
            client.recount();
        while (isOver()) {
            var largest = largest(false);
            if (largest == null) largest = largest(true);
            if (largest == null) return;
            largest.evict(largest.recount());
        }
    }

    private @Nullable Client largest(boolean spared) {
        Client largest = null;
        long most = 0;
        for (var client : clients) {
            if (client.isSpared() != spared) continue;
            long held = client.recount();
            if (held > most) {
                most = held;
                largest = client;
            }
        }
        return largest;
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
