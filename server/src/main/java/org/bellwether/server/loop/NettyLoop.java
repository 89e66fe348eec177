package org.bellwether.server.loop;

import io.netty.channel.IoEventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.bellwether.node.Loop;

/// A node's loop on one event loop, beside that node's sockets.
///
/// Netty's loop goes round like this: wait; handle every socket that is ready; run every queued task, in
/// order, those included that arrive meanwhile. So a task queued while sockets are handled runs once
/// all that arrived in the same pass has been handled, and after what other threads had handed over by
/// then. That is the end of the turn.
public final class NettyLoop implements Loop {
    private final IoEventLoop loop;
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private boolean endQueued;

    public NettyLoop(IoEventLoop loop) {
        this.loop = loop;
    }

    /// For who has sockets to put on this loop.
    public IoEventLoop eventLoop() {
        return loop;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        var _ = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        if (!loop.inEventLoop())
            throw new IllegalStateException("only the loop itself knows its turns");
        endOfTurn.add(task);
        queueEnd();
    }

    /// What these tasks put off once more belongs to the next turn.
    private void endTurn() {
        endQueued = false;
        try {
            for (int left = endOfTurn.size(); left > 0; left--)
                endOfTurn.remove().run();
        } finally {
            if (!endOfTurn.isEmpty()) queueEnd();
        }
    }

    private void queueEnd() {
        if (endQueued) return;
        endQueued = true;
        loop.execute(this::endTurn);
    }
}
