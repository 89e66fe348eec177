package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Command;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;

/// How a node goes: told to stop, asked to leave the cluster, or taken out of it.
///
/// The others do not speak to a node that is no more, not even of what it had asked of them. So whatever is under way is
/// waited for first, and nothing more is taken.
final class Departure {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final NodeParts parts;
    private final Host host;
    private final Writes writes;
    private final NodeId self;
    /// How often this node was asked here to leave, and has not been refused.
    private int leaving;
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean sawItself;

    Departure(NodeParts parts, Host host, Writes writes) {
        this.parts = parts;
        this.host = host;
        this.writes = writes;
        this.self = parts.identity().node();
    }

    /// Whether this node is to leave, and takes no more writes.
    boolean isUnderWay() {
        return leaving > 0;
    }

    /// @param listener run whenever this node is asked here to leave; it may be refused, and stay
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    boolean isAskedBy(Command command) {
        return command instanceof Command.Remove(var node) && node.equals(self);
    }

    /// @param deadlineNanos of the removal
    void leave(Command removal, Ack ack, long deadlineNanos, Consumer<? super Outcome> reply) {
        leaving++;
        listeners.forEach(Runnable::run);
        awaitQuiet(PATIENCE, () -> {
            if (host.core() == null) {
                reply.accept(host.notReady());
                return;
            }
            writes.add(removal, ack, deadlineNanos, outcome -> {
                // Or it stays, and goes on.
                if (!(outcome instanceof Outcome.Applied)) leaving--;
                reply.accept(outcome);
            });
        });
    }

    /// Waits until everybody has heard of the writes that were handed to this node.
    ///
    /// @param patience after that it is over, however it stands
    void awaitQuiet(Duration patience, Runnable quiet) {
        awaitQuiet(parts.loop().nanoTime() + patience.toNanos(), quiet);
    }

    private void awaitQuiet(long untilNanos, Runnable quiet) {
        var loop = parts.loop();
        if (host.core() != null && writes.areUnderWay() && loop.nanoTime() - untilNanos < 0) {
            loop.schedule(parts.config().tick(), () -> awaitQuiet(untilNanos, quiet));
        } else {
            quiet.run();
        }
    }

    /// Whether it is time to stop. Only at the second look is it: whoever asked for the removal here is to hear that it was
    /// done.
    ///
    /// @param removed whether this node is in the list no more
    boolean isOver(boolean removed) {
        boolean over = removed && sawItself;
        sawItself = removed;
        return over;
    }
}
