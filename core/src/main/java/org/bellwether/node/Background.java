package org.bellwether.node;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageException;

/// The thread for what takes long and nobody waits for: reading and writing whole tables. One task at a time;
/// the answer comes back on the loop, unless the node has stopped.
final class Background {
    private final Executor thread;
    private final Loop loop;
    private final Host host;

    Background(Executor thread, Loop loop, Host host) {
        this.thread = thread;
        this.loop = loop;
        this.host = host;
    }

    /// Something that may block.
    @FunctionalInterface
    interface Task<T> {
        T run() throws Exception;
    }

    /// @param failed told on the loop instead of `done`
    <T> void run(Task<T> task, Consumer<T> done, Consumer<Exception> failed) {
        thread.execute(() -> {
            try {
                var result = task.run();
                answer(() -> done.accept(result));
            } catch (Exception failure) {
                answer(() -> failed.accept(failure));
            } catch (Error broken) {
                answer(() -> host.fail(broken));
            }
        });
    }

    /// The same of what reads this node's tables for somebody. Where they cannot be read the node stops, as if a get had
    /// met that, once whoever asked has been told; unless they are being replaced for being wrong.
    <T> void read(Task<T> task, Consumer<T> done, Consumer<Exception> failed) {
        run(task, done, failure -> {
            failed.accept(failure);
            boolean isDamage = failure instanceof StorageException
                    && !(failure instanceof StorageCongestedException);
            if (isDamage && host.trusted()) host.fail(failure);
        });
    }

    private void answer(Runnable answer) {
        loop.execute(() -> {
            if (host.core() == null) return;
            try {
                answer.run();
            } catch (Throwable broken) {
                host.fail(broken);
            }
        });
    }
}
