package org.bellwether.storage.rocksdb;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Whether reads wait for a disk. As long as the machine's page cache has what is asked for, asking what is at hand, and
/// having another thread read the rest, costs more than it saves. A read that took long says that this is over: for
/// a while then, and longer with every other one.
final class Slowness {
    private static final long FOR_NANOS = Duration.ofSeconds(1).toNanos();

    private final long patienceNanos;
    private final AtomicLong untilNanos = new AtomicLong(System.nanoTime());

    /// @param patience zero: always slow
    Slowness(Duration patience) {
        this.patienceNanos = patience.toNanos();
    }

    /// A read did, on whatever thread.
    void took(long nanos) {
        if (nanos > patienceNanos) untilNanos.set(System.nanoTime() + FOR_NANOS);
    }

    boolean isNow() {
        return patienceNanos == 0 || System.nanoTime() - untilNanos.get() < 0;
    }
}
