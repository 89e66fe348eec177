package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Those who wait for leadership to be handed over.
final class Transfers {
    private final List<Wait> waits = new ArrayList<>();

    /// @param to null for the voter that is furthest
    private record Wait(@Nullable NodeId to, long deadlineNanos, Consumer<End> done) {}

    /// What came of one.
    enum End {
        /// Whoever was wished for leads, and is known to.
        DONE,
        /// There is nobody whom it could be handed to.
        NOT_BEGUN,
        /// Another node than the one wished for was elected.
        OTHER_ELECTED,
        /// It was not seen to end; whoever was asked to take over may still do so.
        OPEN
    }

    /// @param to   null for the voter that is furthest
    /// @param done told, once
    void add(@Nullable NodeId to, long deadlineNanos, Consumer<End> done) {
        waits.add(new Wait(to, deadlineNanos, done));
    }

    boolean isEmpty() {
        return waits.isEmpty();
    }

    /// Whom the first of them wishes for.
    @Nullable
    NodeId wish() {
        return waits.getFirst().to;
    }

    /// Another node leads.
    void elected(NodeId leader) {
        for (var wait : drain()) {
            boolean wished = wait.to == null || wait.to.equals(leader);
            wait.done.accept(wished ? End.DONE : End.OTHER_ELECTED);
        }
    }

    /// Nobody will see how they end.
    void close() {
        for (var wait : drain())
            wait.done.accept(End.OPEN);
    }

    void expire(long nowNanos) {
        for (var wait : List.copyOf(waits)) {
            if (nowNanos - wait.deadlineNanos >= 0 && waits.remove(wait))
                wait.done.accept(End.OPEN);
        }
    }

    private List<Wait> drain() {
        var all = List.copyOf(waits);
        waits.clear();
        return all;
    }
}
