package org.bellwether.storage.rocksdb;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The thread that gives RocksDB what was committed; there is none as long as nothing is.
final class Drain implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;
    /// Far longer than it takes to write a generation.
    private static final long HANGING_SECONDS = 10;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, IDLE_SECONDS,
            TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            task -> Thread.ofPlatform().name("tables").daemon().unstarted(task));

    Drain() {
        thread.allowCoreThreadTimeOut(true);
    }

    void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException closed) {
            // What is not durable is lost with the storage's end, which may come at any time.
        }
    }

    boolean isClosed() {
        return thread.isShutdown();
    }

    /// Waits for what is just being written; nothing else is.
    @Override
    public void close() {
        thread.getQueue().clear();
        thread.shutdown();
        boolean interrupted = false;
        while (true) {
            try {
                thread.awaitTermination(HANGING_SECONDS, TimeUnit.SECONDS);
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
