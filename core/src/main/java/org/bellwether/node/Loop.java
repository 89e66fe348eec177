package org.bellwether.node;

import java.time.Duration;
import java.util.concurrent.Executor;

/// The one thread that owns a node: runs tasks one after the other, in the order given. In the server it
/// is a Netty event loop, under simulation a queue on virtual time.
///
/// [#execute] may be called from any thread; everything else on the loop only.
public interface Loop extends Executor {
    /// Monotonic time in nanoseconds, from an arbitrary origin.
    long nanoTime();

    /// Runs a task on the loop after a delay. Also after none, what has arrived by now comes first, in whatever way.
    void schedule(Duration delay, Runnable task);

    /// Lets a task run at the end of the current turn, after everything that has already arrived: what comes
    /// in one turn is one batch.
    void atEndOfTurn(Runnable task);
}
