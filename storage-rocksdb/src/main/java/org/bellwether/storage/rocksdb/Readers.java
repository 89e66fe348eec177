package org.bellwether.storage.rocksdb;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A few threads that wait for the disk instead of the loop; there are none as long as nobody needs them.
final class Readers implements AutoCloseable {
    private static final int THREADS = 4;
    static final int WAITING_MAX = 8_192;
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(THREADS, THREADS,
            IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX),
            task -> Thread.ofPlatform().name("reader").daemon().unstarted(task));

    Readers() {
        threads.allowCoreThreadTimeOut(true);
    }

    /// @param read what fails in it fails again for whoever needs it
    /// @return false if too much is waiting already
    boolean run(Runnable read, Runnable done) {
        try {
            threads.execute(() -> {
                try {
                    read.run();
                } catch (RuntimeException | Error failed) {
                    // Whoever waits is told all the same. The state was replaced, or what is wrong with it will come out of the read itself.
                }
                done.run();
            });
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
