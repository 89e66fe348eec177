package org.bellwether.node;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.machine.Touched;
import org.bellwether.raft.Entry;
import org.bellwether.storage.Storage;

/// Keeps the loop from waiting for the disk under the tables, while that is slow: what a read asks for is read into
/// memory by a thread of the storage first, and what an entry will ask for is, while the entry is on its way to the
/// disks. Everything is still performed on the loop, at one applied position; it only finds what it needs at hand.
final class ReadAhead {
    private final Storage storage;
    private final Limits limits;
    private final Loop loop;
    private final Owner owner;
    /// In the order in which they came.
    private final Set<Call.Question> waiting = new LinkedHashSet<>();

    /// Whoever reads.
    interface Owner {
        /// On the loop; now is the time, or soon.
        void answer(Call.Question asked);

        /// Runs it on the loop, unless the node has stopped; a failure stops it.
        void guard(Runnable task);
    }

    ReadAhead(Storage storage, Limits limits, Loop loop, Owner owner) {
        this.storage = storage;
        this.limits = limits;
        this.loop = loop;
        this.owner = owner;
    }

    /// Reads into memory what it asks for, and then has it answered.
    void fetch(Call.Question asked, Read.Plain read) {
        if (waiting.size() >= limits.pendingReadsMax()) {
            asked.answer(new Outcome.Overloaded(Busy.FULL,
                    waiting.size() + " reads wait for the tables' disk"));
            return;
        }
        waiting.add(asked);
        storage.fetch(() -> Touched.by(read), () -> loop.execute(() -> owner.guard(() -> {
            if (!waiting.remove(asked)) return;
            asked.fetched = true;
            owner.answer(asked);
        })));
    }

    /// Whether no disk is waited for.
    boolean isAtHand(Read.Plain read) {
        if (!storage.isSlow()) return true;
        for (var key : Touched.by(read)) {
            if (!storage.isAtHand(key)) return false;
        }
        return true;
    }

    /// They are on their way to the disks, and then to be applied.
    void entries(List<Entry> entries) {
        if (!storage.isSlow()) return;
        for (var entry : entries) {
            if (entry.kind() == Entry.Kind.COMMANDS) {
                byte[] payload = entry.payload();
                storage.fetch(() -> Touched.by(payload), () -> {
                });
            }
        }
    }

    /// A disk may hang for longer than anybody waits.
    void expire(long nowNanos) {
        var overdue = new Outcome.Overloaded(Busy.NOT_READY,
                "this node's disk has not read the key in time");
        for (var late : List.copyOf(waiting)) {
            if (!late.isOverdue(nowNanos)) continue;
            waiting.remove(late);
            late.answer(overdue);
        }
    }

    void answerAll(Outcome outcome) {
        var all = List.copyOf(waiting);
        waiting.clear();
        for (var late : all)
            late.answer(outcome);
    }
}
