package org.bellwether.storage.rocksdb;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts the users of something native. It is let go when the last one has finished, on that one's thread:
/// a call into memory that is gone would take the whole process with it.
final class References {
    private final AtomicInteger count = new AtomicInteger(1);
    private final Runnable atZero;

    /// With one user: whoever makes it.
    References(Runnable atZero) {
        this.atZero = atZero;
    }

    /// @throws IllegalStateException if there is nobody left who uses it
    void acquire(String what) {
        int now = count.get();
        while (now > 0 && !count.compareAndSet(now, now + 1))
            now = count.get();
        if (now == 0) throw new IllegalStateException(what + " is closed");
    }

    void release() {
        if (count.decrementAndGet() == 0) atZero.run();
    }

    boolean areGone() {
        return count.get() == 0;
    }
}
