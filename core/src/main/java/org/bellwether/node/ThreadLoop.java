package org.bellwether.node;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A loop on a plain thread, for embedding a node without Netty. Tasks that were submitted while one ran
/// count as the same turn.
public final class ThreadLoop implements Loop, AutoCloseable {
    private final ScheduledThreadPoolExecutor thread;

    public ThreadLoop(String name) {
        thread = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name(name).daemon(true).factory());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRejectedExecutionHandler((_, _) -> {}); // after close: nobody is left to be told
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(task);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        thread.execute(task);
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
