package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.bellwether.api.Outcome;

/// Writes that this node, as leader, has appended and whose entries are not applied yet. From here on the
/// answer is their result or *unknown*, never "nothing happened".
final class AppendedWrites {
    private final Deque<Batch> batches = new ArrayDeque<>();

    /// The callers of one entry, in the order of its commands.
    private record Batch(long index, List<Call.Write> writes) {}

    void appended(long index, List<Call.Write> writes) {
        batches.addLast(new Batch(index, writes));
    }

    void applied(long index, List<Outcome> outcomes) {
        var batch = batches.peekFirst();
        if (batch == null || batch.index != index) return;
        batches.removeFirst();
        if (batch.writes.size() != outcomes.size()) {
            throw new IllegalStateException("entry " + index + " carries " + outcomes.size()
                    + " commands, but " + batch.writes.size() + " callers wait for it");
        }
        for (int i = 0; i < outcomes.size(); i++)
            batch.writes.get(i).answer(outcomes.get(i));
    }

    /// A list of nodes was applied; if somebody asked for it, it is a batch of one.
    void applied(long index, Function<? super Call.Write, Outcome> outcome) {
        var batch = batches.peekFirst();
        if (batch == null || batch.index != index) return;
        batches.removeFirst();
        for (var write : batch.writes)
            write.answer(outcome.apply(write));
    }

    /// Office was lost: another leader may commit these entries or cut them off.
    void abandon(String why) {
        var unknown = new Outcome.Unknown(why);
        while (!batches.isEmpty()) {
            for (var write : batches.removeFirst().writes)
                write.answer(unknown);
        }
    }

    /// The batches stay: their entries may still be applied, and then callers in time hear of it.
    void expire(long nowNanos) {
        for (var batch : batches) {
            for (var write : batch.writes) {
                if (!write.isAnswered() && write.isOverdue(nowNanos)) {
                    write.answer(
                            new Outcome.Unknown("no majority has confirmed the write in time"));
                }
            }
        }
    }
}
