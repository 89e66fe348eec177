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
import org.jspecify.annotations.Nullable;

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
    /// Whether another node commits what is in `batches`.
    private boolean left;

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
        if (left) return;
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

    void applied(Position at, List<Outcome> outcomes) {
        var batch = take(at);
        if (batch == null) return;
        if (batch.writes.size() != outcomes.size()) {
            throw new IllegalStateException("entry " + at.index() + " carries " + outcomes.size()
                    + " commands, but " + batch.writes.size() + " callers wait for it");
        }
        for (int i = 0; i < outcomes.size(); i++)
            answer(batch.at, batch.writes.get(i), outcomes.get(i));
    }

    /// Those of the entry at this position, which is applied. What else was to be there is cut off.
    private @Nullable Batch take(Position at) {
        while (!batches.isEmpty() && batches.getFirst().at.index() <= at.index()) {
            var batch = batches.removeFirst();
            if (batch.at.equals(at)) return batch;
            answerAll(batch, new Outcome.Unknown(
                    "another node leads, and has not confirmed the write"));
        }
        return null;
    }

    private static void answerAll(Batch batch, Outcome outcome) {
        for (var write : batch.writes)
            write.answer(outcome);
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
                    var kept = new Held(at.index(), write, applied);
                    // Who else has it is for the new leader to know.
                    if (left)
                        kept.answer(false);
                    else
                        held.addLast(kept);
                } else {
                    write.answer(outcome);
                }
            }
        }
    }

    /// A list of nodes was applied; if somebody asked for it, it is a batch of one.
    void applied(Position at, Function<? super Call.Write, Outcome> outcome) {
        var batch = take(at);
        if (batch == null) return;
        for (var write : batch.writes)
            write.answer(outcome.apply(write));
    }

    /// Office was handed over to a node that has all of these: they are answered when they are applied here. Callers who
    /// are content with our disk would be answered by what it holds, and that is another's to say now.
    void leave() {
        if (early > 0) {
            abandon("this node has handed its office over before its disk confirmed the write");
        } else {
            left = true;
            giveUpHeld();
        }
    }

    private void giveUpHeld() {
        while (!held.isEmpty())
            held.removeFirst().answer(false);
    }

    /// Office was lost: another leader may commit these entries or cut them off.
    void abandon(String why) {
        var unknown = new Outcome.Unknown(why);
        while (!batches.isEmpty())
            answerAll(batches.removeFirst(), unknown);
        early = 0;
        left = false;
        earlyThrough = 0;
        giveUpHeld();
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
