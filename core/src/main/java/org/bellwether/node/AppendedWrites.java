package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.bellwether.api.Ack;
import org.bellwether.api.Outcome;
import org.bellwether.api.Result;
import org.bellwether.api.Token;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;

/// Writes that this node, as leader, has appended and whose callers have not heard of it. From here on the
/// answer is their result or *unknown*, never "nothing happened".
final class AppendedWrites {
    /// In the order of the log; those of entries that are not applied yet.
    private final Deque<Batch> batches = new ArrayDeque<>();
    /// Applied, for callers who want every voter to have them.
    private final Deque<Held> held = new ArrayDeque<>();
    private final LoneWrites lone;
    /// Writes in `batches` that are answered as soon as they are on our disk, and how far they were.
    private int early;
    private long earlyThrough;

    /// The callers of one entry, in the order of its commands.
    private record Batch(Position at, List<Call.Write> writes) {}

    private record Held(long index, Call.Write write, Outcome.Applied outcome) {
        void answer(boolean everywhere) {
            write.answer(new Outcome.Applied(
                    new Result.Replicated(outcome.result(), everywhere), outcome.at()));
        }
    }

    AppendedWrites(LoneWrites lone) {
        this.lone = lone;
    }

    /// Whether a batch is not committed, or not applied yet.
    boolean isWaiting() {
        return !batches.isEmpty();
    }

    void appended(Position at, List<Call.Write> writes) {
        batches.addLast(new Batch(at, writes));
        for (var write : writes) {
            if (write.ack == Ack.LEADER) early++;
        }
    }

    /// The core has gone on: the log may be on more disks than before.
    void progressed(Raft core) {
        if (early > 0) synced(core.syncedIndex());
        if (held.isEmpty()) return;
        long everywhere = core.syncedEverywhere();
        while (!held.isEmpty() && held.getFirst().index <= everywhere)
            held.removeFirst().answer(true);
    }

    private void synced(long through) {
        for (var batch : batches) {
            if (batch.at.index() > through) return;
            if (batch.at.index() <= earlyThrough) continue;
            earlyThrough = batch.at.index();
            int answered = 0;
            for (var write : batch.writes) {
                if (write.ack == Ack.LEADER && !write.isAnswered()) {
                    write.answer(new Outcome.Accepted(tokenOf(batch.at)));
                    answered++;
                }
            }
            lone.accepted(batch.at, answered);
        }
    }

    private static Token tokenOf(Position at) {
        return new Token(at.term(), at.index());
    }

    void applied(long index, List<Outcome> outcomes) {
        var batch = batches.peekFirst();
        if (batch == null || batch.at.index() != index) return;
        batches.removeFirst();
        if (batch.writes.size() != outcomes.size()) {
            throw new IllegalStateException("entry " + index + " carries " + outcomes.size()
                    + " commands, but " + batch.writes.size() + " callers wait for it");
        }
        for (int i = 0; i < outcomes.size(); i++)
            answer(batch.at, batch.writes.get(i), outcomes.get(i));
    }

    private void answer(Position at, Call.Write write, Outcome outcome) {
        switch (write.ack) {
            case LEADER -> {
                early--;
                // What a majority has and we have, too, may be known in one step.
                write.answer(new Outcome.Accepted(tokenOf(at)));
            }
            case QUORUM -> write.answer(outcome);
            case ALL -> {
                if (outcome instanceof Outcome.Applied applied) {
                    held.addLast(new Held(at.index(), write, applied));
                } else {
                    write.answer(outcome);
                }
            }
        }
    }

    /// A list of nodes was applied; if somebody asked for it, it is a batch of one.
    void applied(long index, Function<? super Call.Write, Outcome> outcome) {
        var batch = batches.peekFirst();
        if (batch == null || batch.at.index() != index) return;
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
        early = 0;
        earlyThrough = 0;
        while (!held.isEmpty())
            held.removeFirst().answer(false);
    }

    /// The batches stay: their entries may still be applied, and then callers in time hear of it.
    void expire(long nowNanos) {
        for (var batch : batches) {
            for (var write : batch.writes) {
                if (!write.isAnswered() && write.isOverdue(nowNanos)) {
                    write.answer(new Outcome.Unknown(write.ack == Ack.LEADER
                            ? "the leader's disk has not confirmed the write in time"
                            : "no majority has confirmed the write in time"));
                }
            }
        }
        for (var late : held) {
            if (late.write.isOverdue(nowNanos)) late.answer(false);
        }
        held.removeIf(late -> late.write.isAnswered());
    }
}
