package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.api.Result;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Pages of keys in their order, read in the background from a view: tables in memory have no order, and the first
/// page of a view makes one, which takes as long as there are keys. So a scan goes on in the view in which it began
/// as long as that is there; whoever begins one has a new view made, which everybody then shares. A key that
/// comes later in the order than the last one seen is found in any of them.
final class Scans {
    /// An open view keeps what has changed since.
    private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long AGE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int WAITING_MAX = 64;
    private static final Outcome LATE = new Outcome.Overloaded(Busy.NOT_READY,
            "this node has not read the keys in time");

    private final Storage storage;
    private final Background background;
    private final Loop loop;
    private @Nullable Shared shared;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    /// In the background, also for those who wait no more.
    private int reading;

    private static final class Waiting extends Call {
        Waiting(long deadlineNanos, Consumer<? super Outcome> reply) {
            super(deadlineNanos, reply);
        }
    }

    /// A view, and who still reads in it.
    private static final class Shared {
        final View view;
        final long madeNanos;
        long usedNanos;
        int readers;
        boolean dropped;

        Shared(View view, long nowNanos) {
            this.view = view;
            this.madeNanos = nowNanos;
            this.usedNanos = nowNanos;
        }

        void closeIfUnused() {
            if (dropped && readers == 0) view.close();
        }
    }

    Scans(Storage storage, Background background, Loop loop) {
        this.storage = storage;
        this.background = background;
        this.loop = loop;
    }

    void read(Read.Scan scan, long deadlineNanos, Consumer<? super Outcome> reply) {
        if (reading == WAITING_MAX) {
            reply.accept(new Outcome.Overloaded(Busy.FULL, reading + " scans are waiting"));
            return;
        }
        var asked = new Waiting(deadlineNanos, reply);
        waiting.add(asked);
        var from = scan.after() == null || shared == null ? fresh() : shared;
        from.usedNanos = loop.nanoTime();
        from.readers++;
        reading++;
        background.read(() -> page(from.view, scan), page -> {
            done(from);
            answer(asked, new Outcome.Applied(page, from.view.revision()));
        }, failed -> {
            done(from);
            answer(asked, new Outcome.Overloaded(Busy.NOT_READY,
                    "the keys could not be read: " + failed.getMessage()));
        });
    }

    private void answer(Waiting asked, Outcome outcome) {
        if (waiting.remove(asked)) asked.answer(outcome);
    }

    private Shared fresh() {
        drop();
        var made = new Shared(storage.view(), loop.nanoTime());
        shared = made;
        return made;
    }

    private void done(Shared from) {
        reading--;
        from.readers--;
        from.closeIfUnused();
    }

    private static Result.Page page(View view, Read.Scan scan) {
        var after = scan.after();
        long stamp = view.mark().stamp();
        var keys = new ArrayList<Bytes>();
        view.scan(after == null ? Bytes.EMPTY : View.after(after), (key, value) -> {
            if (!value.isExpiredAt(stamp)) keys.add(key);
            return keys.size() < scan.count();
        });
        return new Result.Page(keys);
    }

    /// Called at every heartbeat interval.
    void look(long nowNanos) {
        for (var asked : List.copyOf(waiting)) {
            if (asked.isOverdue(nowNanos)) answer(asked, LATE);
        }
        if (shared == null) return;
        if (nowNanos - shared.usedNanos > IDLE_NANOS || nowNanos - shared.madeNanos > AGE_NANOS)
            drop();
    }

    /// The node stops.
    void close(Outcome nothing) {
        drop();
        for (var asked : List.copyOf(waiting))
            answer(asked, nothing);
    }

    /// The tables are others now.
    void drop() {
        var old = shared;
        if (old == null) return;
        shared = null;
        old.dropped = true;
        old.closeIfUnused();
    }
}
