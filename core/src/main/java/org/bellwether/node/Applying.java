package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bellwether.raft.Effects;
import org.bellwether.raft.Entry;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageCongestedException;

/// Applies what the core hands out, in its order, and then releases the reads that waited for it. When the tables take
/// nothing, because their disk is full or they are too far behind, what is handed out waits here: it is committed, so
/// it can neither be refused nor be lost. Meanwhile nothing more is proposed or taken from the leader, so there is no more
/// of it than was under way.
final class Applying {
    private final Storage storage;
    private final Owner owner;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private long readableThrough;

    /// Whoever has the state machine.
    interface Owner {
        /// @throws StorageCongestedException if nothing was done
        void apply(Entry entry);

        /// Something was applied.
        void advanced();

        /// Reads with tickets up to this one can be served.
        void readable(long ticket);
    }

    Applying(Storage storage, Owner owner) {
        this.storage = storage;
        this.owner = owner;
    }

    /// What one step of the core wants applied and released.
    void take(Effects effects) {
        waiting.addAll(effects.committed());
        readableThrough = Math.max(readableThrough, effects.readableThrough());
        if (effects.committed().isEmpty()) {
            release();
        } else {
            goOn();
        }
    }

    /// Called at every tick.
    void tick() {
        if (!waiting.isEmpty() && !storage.congested()) goOn();
    }

    private void goOn() {
        boolean some = false;
        try {
            while (!waiting.isEmpty()) {
                owner.apply(waiting.peekFirst());
                waiting.removeFirst();
                some = true;
            }
        } catch (StorageCongestedException later) {
            // It is as it was before; the next tick looks whether there is room.
        }
        if (some) owner.advanced();
        release();
    }

    private void release() {
        if (readableThrough == 0 || !waiting.isEmpty()) return;
        long ticket = readableThrough;
        readableThrough = 0;
        owner.readable(ticket);
    }
}
