package org.bellwether.node;

import java.time.Duration;
import java.util.function.Consumer;

/// A node's loop, as its parts see it: whatever fails on it ends the node, for nobody knows what was left undone.
final class GuardedLoop implements Loop {
    private final Loop loop;
    private final Consumer<Throwable> broken;

    GuardedLoop(Loop loop, Consumer<Throwable> broken) {
        this.loop = loop;
        this.broken = broken;
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable failure) {
                broken.accept(failure);
            }
        };
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(guarded(task));
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        loop.schedule(delay, guarded(task));
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        loop.atEndOfTurn(guarded(task));
    }

    @Override
    public long nanoTime() {
        return loop.nanoTime();
    }
}
