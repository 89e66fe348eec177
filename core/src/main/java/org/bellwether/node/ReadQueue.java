package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.jspecify.annotations.Nullable;

/// Linearizable reads: those of one loop turn share a ticket, and wait until the core releases it.
///
/// A released ticket also proves how fresh this node is: its state shows every write acknowledged before the
/// ticket was issued. So a ticket without reads is issued now and then, and *staleness* is the time since
/// the newest released one was issued, by this node's clock alone.
final class ReadQueue {
    private final Limits limits;
    private List<Call.Question> turn = new ArrayList<>();
    private final Deque<Batch> batches = new ArrayDeque<>();
    private int size;
    private long lastTicket;
    private boolean probing;
    private @Nullable Long freshAsOfNanos;

    private record Batch(long ticket, long issuedNanos, List<Call.Question> reads) {}

    ReadQueue(Limits limits) {
        this.limits = limits;
    }

    /// @param confirmed that wait for their turn to be answered, and count with those that wait here
    void add(Call.Question asked, int confirmed) {
        if (size + confirmed >= limits.pendingReadsMax()) {
            asked.answer(new Outcome.Overloaded(Outcome.Busy.FULL,
                    size + confirmed + " reads are waiting"));
            return;
        }
        turn.add(asked);
        size++;
    }

    /// Asks for a proof of freshness with the next turn, unless a ticket is out already.
    boolean probe() {
        if (!batches.isEmpty() || !turn.isEmpty()) return false;
        probing = true;
        return true;
    }

    /// The ticket for what this turn brought; 0 if it brought nothing.
    long ticketForTurn(long nowNanos) {
        if (turn.isEmpty() && !probing) return 0;
        probing = false;
        batches.addLast(new Batch(++lastTicket, nowNanos, turn));
        turn = new ArrayList<>();
        return lastTicket;
    }

    /// Serves everything up to this ticket.
    ///
    /// @param serve those that share a ticket, in a list of its own; some may be answered already
    void release(long ticket, Consumer<? super List<Call.Question>> serve) {
        while (!batches.isEmpty() && batches.peekFirst().ticket <= ticket) {
            var batch = batches.removeFirst();
            freshAsOfNanos = batch.issuedNanos;
            size -= batch.reads.size();
            serve.accept(batch.reads);
        }
    }

    /// The batches stay, as proofs of freshness to come.
    void expire(long nowNanos) {
        var late = new Outcome.Overloaded(Outcome.Busy.NO_LEADER,
                "no leader has confirmed in time how fresh the read must be");
        for (var batch : batches) {
            for (var read : batch.reads) {
                if (read.isOverdue(nowNanos)) read.answer(late);
            }
        }
        dropAnswered();
    }

    /// Many expired batches are as good as the newest of them: callers are gone, and an older proof says less.
    private void dropAnswered() {
        while (batches.size() > 1) {
            var oldest = batches.peekFirst();
            for (var read : oldest.reads) {
                if (!read.isAnswered()) return;
            }
            size -= oldest.reads.size();
            batches.removeFirst();
        }
    }

    void answerAll(Outcome outcome) {
        var all = turn;
        for (var batch : batches)
            all.addAll(batch.reads);
        turn = new ArrayList<>();
        batches.clear();
        size = 0;
        // Whoever is answered may ask again at once.
        for (var read : all)
            read.answer(outcome);
    }

    /// When this node was last proven to be level; null if not in this life.
    @Nullable
    Long freshAsOfNanos() {
        return freshAsOfNanos;
    }
}
