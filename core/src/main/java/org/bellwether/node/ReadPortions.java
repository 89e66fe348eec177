package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.machine.Machine;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;

/// Answers the reads that may be answered now, but no more of them in one turn of the loop than everybody else can wait for:
/// heartbeats, votes, whoever asks whether this node is alive. The others are answered in the turns after, in their order.
///
/// To notice every turn would cost as much as a read does. So what was spent is forgotten in the turn after half a portion was
/// spent: small reads that come a few at a time never wait, and of thousands one asks for that turn.
final class ReadPortions {
    /// Far enough that memory need not be waited for, and no further: what was looked at must still be in the caches.
    private static final int EXPECTED_MAX = 32;

    private final Storage storage;
    private final Limits limits;
    private final Loop loop;
    private final Machine machine;
    private final ReadAhead ahead;
    private final Host host;
    private final Reads.Scanner scanner;
    /// Mostly one list, of those that were confirmed together.
    private final Deque<List<Call.Question>> waiting = new ArrayDeque<>();
    /// Who of the first list is next.
    private int next;
    private int size;
    private long spentBytes;
    private boolean scheduled;

    ReadPortions(NodeParts parts, Machine machine, ReadAhead ahead, Host host,
            Reads.Scanner scanner) {
        this.storage = parts.storage();
        this.limits = parts.limits();
        this.loop = parts.loop();
        this.machine = machine;
        this.ahead = ahead;
        this.host = host;
        this.scanner = scanner;
    }

    /// How many wait for their turn.
    int size() {
        return size;
    }

    /// Without making anything to wait with.
    ///
    /// @return false if it was not, and must be [added][#add]
    boolean answersAtOnce(Read.Plain read, Consumer<? super Outcome> reply) {
        var caller = reply instanceof ReadCaller it ? it : null;
        boolean joins = caller != null && caller.joins();
        if (size > 0 || isSpent() && !joins || !host.trusted() || storage.isSlow()) return false;
        var refusal = caller == null ? null : refusal(read, caller);
        reply.accept(refusal == null ? lookUp(read) : refusal);
        return true;
    }

    void add(Call.Question asked) {
        if (size == 0 && mayGoOn(asked)) {
            answer(asked);
        } else if (size >= limits.pendingReadsMax()) {
            asked.answer(new Outcome.Overloaded(Busy.FULL, size + " reads wait for their turn"));
        } else {
            if (waiting.isEmpty()) waiting.add(new ArrayList<>());
            waiting.getLast().add(asked);
            size++;
            goOnSoon();
        }
    }

    /// @param confirmed some may be answered already; the list is ours from now on
    void addAll(List<Call.Question> confirmed) {
        boolean isFirst = size == 0;
        waiting.addLast(confirmed);
        size += confirmed.size();
        if (isFirst) goOn();
    }

    private boolean isSpent() {
        return spentBytes >= Limits.TURN_READ_BYTES;
    }

    private boolean mayGoOn(Call.Question asked) {
        return !isSpent() || asked.joins();
    }

    private void goOnSoon() {
        if (scheduled) return;
        scheduled = true;
        loop.schedule(Duration.ZERO, () -> host.guard(() -> {
            scheduled = false;
            spentBytes = 0;
            goOn();
        }));
    }

    /// Whoever is answered may ask again at once, or close the node.
    private void goOn() {
        while (size > 0) {
            var first = waiting.getFirst();
            if (next == first.size()) {
                waiting.removeFirst();
                next = 0;
                continue;
            }
            var asked = first.get(next);
            if (!mayGoOn(asked)) {
                goOnSoon();
                return;
            }
            if (next % EXPECTED_MAX == 0) lookAhead(first);
            next++;
            size--;
            answer(asked);
        }
        waiting.clear();
        next = 0;
    }

    private void lookAhead(List<Call.Question> list) {
        int end = Math.min(next + EXPECTED_MAX, list.size());
        if (end - next == 1) return;
        var keys = new ArrayList<Bytes>(EXPECTED_MAX);
        for (int i = next; i < end; i++)
            if (list.get(i).read instanceof Read.Get(var key)) keys.add(key);
        storage.expect(keys);
    }

    private void answer(Call.Question asked) {
        if (asked.isAnswered()) return;
        if (!host.trusted()) {
            asked.answer(host.notReady());
            return;
        }
        switch (asked.read) {
            case Read.Plain plain -> answer(asked, plain);
            case Read.Scan scan -> scanner.scan(scan, asked.deadlineNanos, asked::answer);
        }
    }

    private void answer(Call.Question asked, Read.Plain read) {
        var caller = asked.caller();
        var refusal = caller == null ? null : refusal(read, caller);
        if (refusal != null) {
            asked.answer(refusal);
        } else if (asked.fetched || ahead.isAtHand(read)) {
            try {
                asked.answer(lookUp(read));
            } catch (StorageException broken) {
                asked.answer(host.notReady());
                throw broken;
            }
        } else {
            spentBytes += Limits.TURN_READ_BYTES_MIN;
            ahead.fetch(asked, read);
        }
    }

    private static @Nullable Outcome refusal(Read.Plain read, ReadCaller caller) {
        return switch (read) {
            case Read.Get _, Read.GetMany _ -> caller.refusal();
            case Read.Count _, Read.Size _ -> null;
        };
    }

    private Outcome lookUp(Read.Plain read) {
        long before = machine.lookedUpBytes();
        var found = machine.read(read);
        spentBytes += Limits.TURN_READ_BYTES_MIN + machine.lookedUpBytes() - before;
        if (spentBytes >= Limits.TURN_READ_BYTES / 2) goOnSoon();
        return found;
    }

    private List<Call.Question> all() {
        var all = new ArrayList<Call.Question>(size);
        int from = next;
        for (var list : waiting) {
            all.addAll(list.subList(from, list.size()));
            from = 0;
        }
        return all;
    }

    /// They keep their places, answered.
    void expire(long nowNanos) {
        if (size == 0) return;
        var late = new Outcome.Overloaded(Busy.FULL,
                "too many reads were to be answered before this one");
        for (var asked : all()) {
            if (asked.isOverdue(nowNanos)) asked.answer(late);
        }
    }

    void answerAll(Outcome outcome) {
        var all = all();
        waiting.clear();
        next = 0;
        size = 0;
        for (var asked : all)
            asked.answer(outcome);
    }
}
