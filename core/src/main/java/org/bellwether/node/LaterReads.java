package org.bellwether.node;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Token;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;

/// Reads of this node's own state that wait until it has applied a certain write.
final class LaterReads {
    private final Limits limits;
    private final Storage storage;
    private final Answerer answer;
    private final Set<Waiting> waiting = new LinkedHashSet<>();

    /// Whoever reads.
    interface Answerer {
        void answer(Call.Question asked);
    }

    private static final class Waiting extends Call.Question {
        final Consistency.AfterWrite floor;

        Waiting(Read read, Consistency.AfterWrite floor, long deadlineNanos,
                Consumer<? super Outcome> reply) {
            super(read, deadlineNanos, reply);
            this.floor = floor;
        }
    }

    LaterReads(Limits limits, Storage storage, Answerer answer) {
        this.limits = limits;
        this.storage = storage;
        this.answer = answer;
    }

    void add(Raft core, Read read, Consistency.AfterWrite floor, long deadlineNanos,
            Consumer<? super Outcome> reply) {
        var asked = new Waiting(read, floor, deadlineNanos, reply);
        if (settle(core, asked)) return;
        if (waiting.size() >= limits.pendingReadsMax()) {
            asked.answer(new Outcome.Overloaded(Outcome.Busy.FULL,
                    waiting.size() + " reads wait for what this node has not applied"));
        } else {
            waiting.add(asked);
        }
    }

    /// The node has applied more than before.
    void advanced(Raft core) {
        if (waiting.isEmpty()) return;
        // Whoever is answered may ask again at once.
        for (var asked : List.copyOf(waiting))
            if (settle(core, asked)) waiting.remove(asked);
    }

    /// @return whether there is nothing to wait for any more
    private boolean settle(Raft core, Waiting asked) {
        return switch (asked.floor) {
            case Consistency.AtLeast(var revision) -> {
                boolean reached = storage.revision().compareTo(revision) >= 0;
                if (reached) answer.answer(asked);
                yield reached;
            }
            case Consistency.Including(var write) -> switch (fate(core, write)) {
                case APPLIED -> {
                    answer.answer(asked);
                    yield true;
                }
                case LOST -> {
                    asked.answer(new Outcome.Refused(new Refusal.Lost(write)));
                    yield true;
                }
                case FORGOTTEN -> {
                    asked.answer(new Outcome.Refused(
                            new Refusal.Forgotten(write, core.base().index() + 1)));
                    yield true;
                }
                case OPEN -> false;
            };
        };
    }

    private enum Fate {
        OPEN, APPLIED, LOST, FORGOTTEN
    }

    /// By the Log Matching Property: an entry is in every log that holds a later one of the same term, and
    /// behind a later term's there are none of its own.
    private Fate fate(Raft core, Token write) {
        long applied = storage.applied();
        // A snapshot was installed, of which the core does not know yet.
        if (applied < core.base().index() || applied > core.last().index()) return Fate.OPEN;
        if (write.index() > applied)
            return core.termAt(applied) > write.term() ? Fate.LOST : Fate.OPEN;
        if (write.index() >= core.base().index())
            return core.termAt(write.index()) == write.term() ? Fate.APPLIED : Fate.LOST;
        if (core.base().term() == write.term()) return Fate.APPLIED;
        return core.base().term() < write.term() ? Fate.LOST : Fate.FORGOTTEN;
    }

    void answerAll(Outcome outcome) {
        var all = List.copyOf(waiting);
        waiting.clear();
        for (var asked : all)
            asked.answer(outcome);
    }

    void expire(long nowNanos) {
        var late = new Outcome.Overloaded(Outcome.Busy.NOT_READY,
                "this node has not applied that write in time; it is at revision "
                        + storage.revision());
        for (var asked : List.copyOf(waiting)) {
            if (asked.isOverdue(nowNanos)) asked.answer(late);
        }
        waiting.removeIf(Call::isAnswered);
    }
}
