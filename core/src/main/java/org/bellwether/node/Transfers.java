package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Those who wait for leadership to be handed over.
final class Transfers {
    private final List<Wait> waits = new ArrayList<>();

    private record Wait(long deadlineNanos, Consumer<End> done) {}

    /// What came of one.
    enum End {
        /// Another leads, and who is known.
        DONE,
        /// There is nobody whom it could be handed to.
        NOT_BEGUN,
        /// It was not seen to end; whoever was asked to take over may still do so.
        OPEN
    }

    /// @param done told, once
    void add(long deadlineNanos, Consumer<End> done) {
        waits.add(new Wait(deadlineNanos, done));
    }

    void end(End how) {
        var ended = List.copyOf(waits);
        waits.clear();
        for (var wait : ended)
            wait.done.accept(how);
    }

    void expire(long nowNanos) {
        for (var wait : List.copyOf(waits)) {
            if (nowNanos - wait.deadlineNanos >= 0 && waits.remove(wait))
                wait.done.accept(End.OPEN);
        }
    }
}
