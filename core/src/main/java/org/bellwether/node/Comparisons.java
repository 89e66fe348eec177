package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Comparison;
import org.bellwether.api.Limits;
import org.bellwether.api.Revision;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Views of this node's tables as of entries that were named before: the same entry on every node, so that they can be
/// compared although nobody stops writing.
final class Comparisons {
    private static final Duration IDLE_MAX = Duration.ofSeconds(30);

    private final Storage storage;
    private final Loop loop;
    private final Background background;
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Compared> open = new ArrayList<>();

    /// Somebody who wants the tables as of an entry that is not applied yet.
    private record Waiting(long index, long deadlineNanos, Consumer<? super Comparison> opened,
            Consumer<String> refused) {}

    Comparisons(Storage storage, Loop loop, Background background) {
        this.storage = storage;
        this.loop = loop;
        this.background = background;
    }

    void begin(long index, Duration timeout, Consumer<? super Comparison> opened,
            Consumer<String> refused) {
        if (index < storage.applied()) {
            refused.accept(tooLate(index));
        } else if (open.size() + waiting.size() >= Limits.COMPARISONS_MAX) {
            refused.accept("too many comparisons are under way");
        } else if (index == storage.applied()) {
            opened.accept(open());
        } else {
            waiting.add(new Waiting(index, loop.nanoTime() + timeout.toNanos(), opened, refused));
        }
    }

    private String tooLate(long index) {
        return "entry " + index + " is past: this node has applied " + storage.applied();
    }

    private Comparison open() {
        var compared = new Compared(storage.view());
        open.add(compared);
        return compared;
    }

    /// Called whenever something was applied.
    void applied() {
        if (waiting.isEmpty()) return;
        long applied = storage.applied();
        for (var each : List.copyOf(waiting)) {
            if (each.index > applied) continue;
            waiting.remove(each);
            if (each.index == applied)
                each.opened.accept(open());
            else
                each.refused.accept(tooLate(each.index));
        }
    }

    void expire(long nowNanos) {
        for (var each : List.copyOf(waiting)) {
            if (nowNanos - each.deadlineNanos < 0) continue;
            waiting.remove(each);
            each.refused.accept("entry " + each.index + " was not applied in time: this node is at "
                    + storage.applied());
        }
        for (var each : List.copyOf(open)) {
            if (nowNanos - each.usedNanos > IDLE_MAX.toNanos()) each.close();
        }
    }

    void close() {
        for (var each : List.copyOf(waiting))
            each.refused.accept("the node is closing");
        waiting.clear();
        List.copyOf(open).forEach(Compared::close);
    }

    private final class Compared implements Comparison {
        private final View view;
        private long usedNanos = loop.nanoTime();
        private boolean closed;

        Compared(View view) {
            this.view = view;
        }

        @Override
        public long appliedIndex() {
            return view.applied();
        }

        @Override
        public Revision revision() {
            return view.revision();
        }

        @Override
        public long keys() {
            return view.mark().keys();
        }

        @Override
        public void digest(Bytes from, @Nullable Bytes to, int keysMax, Consumer<Range> done,
                Consumer<String> failed) {
            if (closed) {
                failed.accept("this comparison was not used for too long, or has ended");
                return;
            }
            usedNanos = loop.nanoTime();
            background.read(() -> scan(from, to, keysMax), done,
                    failure -> failed.accept(String.valueOf(failure.getMessage())));
        }

        private Range scan(Bytes from, @Nullable Bytes to, int keysMax) {
            var digest = new View.Digest();
            long[] keys = {0};
            var next = new Bytes[1];
            view.scan(from, (key, value) -> {
                if (to != null && key.compareTo(to) >= 0) return false;
                if (keys[0] == keysMax) {
                    next[0] = key;
                    return false;
                }
                keys[0]++;
                return digest.visit(key, value);
            });
            return new Range(keys[0], digest.value(), next[0]);
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            open.remove(this);
            view.close();
        }
    }
}
