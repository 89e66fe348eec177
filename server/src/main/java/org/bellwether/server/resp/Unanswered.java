package org.bellwether.server.resp;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The requests of one connection that are not answered yet: those that wait, and behind which nothing starts, and those
/// that were started, in the order of their replies. What may be under way at the same time, [Action] says.
final class Unanswered {
    private final RespBounds bounds;
    private final Deque<Call> waiting = new ArrayDeque<>();
    /// Given to the store, or under way alone.
    private final Deque<Call> started = new ArrayDeque<>();
    private long bytes;
    private long startedBytes;
    private int startedKeys;
    /// Since the beginning, of what a client may keep copies of.
    private long readsStarted;
    private long readsWritten;

    Unanswered(RespBounds bounds) {
        this.bounds = bounds;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && started.isEmpty();
    }

    int size() {
        return waiting.size() + started.size();
    }

    /// Of their arguments, in memory.
    long bytes() {
        return bytes;
    }

    /// Of memory, with all that belongs to them.
    long heldBytes() {
        return bytes + (long) Call.OBJECT_BYTES * size();
    }

    void arrived(Call call) {
        bytes += call.bytes();
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    void enqueue(Call call) {
        waiting.addLast(call);
    }

    /// The first that waits, if it may be started; it waits no more.
    @Nullable
    Call next() {
        return mayGoOn() ? waiting.removeFirst() : null;
    }

    /// Whether the first that waits, if any does, need wait no more for those that were started.
    boolean mayGoOn() {
        var first = waiting.peekFirst();
        return first != null && mayStart(first);
    }

    /// Nobody wants an answer to what waits.
    void drop() {
        waiting.forEach(this::gone);
        waiting.clear();
    }

    /// What stands in front says what may be started beside it: more of its kind, or nothing.
    boolean mayStart(Call next) {
        var first = started.peekFirst();
        return first == null || switch (first.action()) {
            case Action.Reads _ -> next.action() instanceof Action.Reads
                    && startedKeys < bounds.readsMax();
            case Action.Writes _ -> next.action() instanceof Action.Writes
                    && startedBytes + next.bytes() <= bounds.startedBytes();
            case Action.Alone _, Action.AtOnce _ -> false;
        };
    }

    boolean isIdle() {
        return started.isEmpty();
    }

    void started(Call call) {
        if (call.isRead()) readsStarted++;
        started.addLast(call);
        startedBytes += call.bytes();
        startedKeys += call.keyCount();
    }

    /// The one whose reply is next, whether it is there or not; null if none was started.
    @Nullable
    Call first() {
        return started.peekFirst();
    }

    boolean isFirstAnswered() {
        var first = started.peekFirst();
        return first != null && first.isAnswered();
    }

    /// The reply to the first is being written.
    Call takeFirst() {
        var first = started.removeFirst();
        startedBytes -= first.bytes();
        startedKeys -= first.keyCount();
        gone(first);
        return first;
    }

    /// It was answered: the first, or one that needed not be started.
    void gone(Call call) {
        bytes -= call.bytes();
    }

    void written(Call call) {
        if (call.isRead()) readsWritten++;
    }

    /// How many commands were started that read something of which a client may keep a copy.
    long readsStarted() {
        return readsStarted;
    }

    /// To how many of these the reply was written.
    long readsWritten() {
        return readsWritten;
    }
}
