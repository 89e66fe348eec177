package org.bellwether.storage.rocksdb;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Whether reads wait for a disk. As long as the machine's page cache has what is asked for, asking what is at hand, and
/// having another thread read the rest, costs more than it saves. Reads that took long say that this is over: for
/// a while then, and longer with every other one. One alone says nothing: on a busy machine a thread loses its processor
/// for as long, now and then.
final class Slowness {
    private static final long FOR_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SOON_NANOS = Duration.ofMillis(200).toNanos();

    private final long patienceNanos;
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - SOON_NANOS);
    private final long madeNanos = System.nanoTime();
    private final AtomicLong untilNanos = new AtomicLong(madeNanos);

    /// @param patience zero: always slow
    Slowness(Duration patience) {
        this.patienceNanos = patience.toNanos();
    }

    /// A read did, on whatever thread, that ended at the second.
    void took(long nanos, long nowNanos) {
        if (nanos <= patienceNanos) return;
        long last = lastNanos.getAndSet(nowNanos);
        // Itself not counted: it alone may have taken that long.
        boolean soon = nowNanos - nanos - last < SOON_NANOS;
        if (soon || isNow(nowNanos)) untilNanos.set(nowNanos + FOR_NANOS);
    }

    /// Whether it is worth a look at the clock.
    boolean wasEver() {
        return patienceNanos == 0 || untilNanos.get() != madeNanos;
    }

    boolean isNow(long nowNanos) {
        return patienceNanos == 0 || nowNanos - untilNanos.get() < 0;
    }
}
