package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Those who wait for leadership to be handed over.
final class Transfers {
    private final List<Wait> waits = new ArrayList<>();

    private record Wait(long deadlineNanos, Consumer<Boolean> done) {}

    /// @param done told, once, whether another leads and who is known
    void add(long deadlineNanos, Consumer<Boolean> done) {
        waits.add(new Wait(deadlineNanos, done));
    }

    void end(boolean handedOver) {
        var ended = List.copyOf(waits);
        waits.clear();
        for (var wait : ended)
            wait.done.accept(handedOver);
    }

    void expire(long nowNanos) {
        for (var wait : List.copyOf(waits)) {
            if (nowNanos - wait.deadlineNanos >= 0 && waits.remove(wait)) wait.done.accept(false);
        }
    }
}
