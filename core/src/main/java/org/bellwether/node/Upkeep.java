package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Event;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.transport.PeerMessage;

/// Makes the tables durable now and then, and lets the log lose what that makes unnecessary, except for a tail:
/// for replicas that are not far behind, and for who is being sent a snapshot.
final class Upkeep {
    private static final long SECOND = 1_000_000_000L;
    /// After this a flush or a cut that could not be made for want of space is tried again.
    private static final long RETRY_NANOS = 5 * SECOND;

    private final Storage storage;
    private final LogWriter logWriter;
    private final Background background;
    private final Host host;
    private final SnapshotSource source;
    private final UpkeepConfig config;
    /// Bytes of all entries applied in this life.
    private long bytesApplied;
    private long bytesAtFlush;
    private long flushNanos;
    private long notBeforeNanos;
    private boolean flushing;
    private boolean cutting;
    /// What was cut through last, so that nothing is asked of the disk in vain.
    private long cutThrough;
    private long cutWhenFull;
    /// What was applied when, a second apart, as far back as the log is to be kept for.
    private final Deque<Sample> samples = new ArrayDeque<>();
    /// What was applied before that: nobody needs it for its age any more.
    private long oldThrough;

    private record Sample(long nanos, long applied, long bytes) {}

    Upkeep(Storage storage, LogWriter logWriter, Background background, Host host,
            SnapshotSource source, UpkeepConfig config, long nowNanos) {
        this.storage = storage;
        this.logWriter = logWriter;
        this.background = background;
        this.host = host;
        this.source = source;
        this.config = config;
        this.flushNanos = nowNanos;
        this.notBeforeNanos = nowNanos;
    }

    void applied(int bytes) {
        bytesApplied += bytes;
    }

    long bytesApplied() {
        return bytesApplied;
    }

    /// Whether the log may be losing something just now.
    boolean isCutting() {
        return cutting;
    }

    /// Called at every heartbeat interval.
    ///
    /// @param installing whether another state is about to take the place of the tables
    /// @param doubted    whether the tables may have to go back: then the log loses nothing
    void look(Raft core, boolean installing, boolean doubted, long nowNanos) {
        if (samples.isEmpty() || nowNanos - samples.getLast().nanos >= SECOND)
            samples.addLast(new Sample(nowNanos, storage.applied(), bytesApplied));
        while (samples.size() > 1 && isPast(samples.getFirst(), nowNanos))
            oldThrough = samples.removeFirst().applied;
        if (!flushing && !installing && nowNanos - notBeforeNanos >= 0 && isFlushDue(nowNanos))
            flush(nowNanos);
        if (!cutting && !doubted) cut(core);
    }

    private boolean isPast(Sample sample, long nowNanos) {
        return nowNanos - sample.nanos > config.keepTime().toNanos()
                || bytesApplied - sample.bytes > config.keepBytesMax();
    }

    private boolean isFlushDue(long nowNanos) {
        if (storage.durable() >= storage.applied()) return false;
        boolean forSpace = logWriter.isFull() && nowNanos - flushNanos >= RETRY_NANOS;
        return forSpace || bytesApplied - bytesAtFlush >= config.flushBytes()
                || nowNanos - flushNanos >= config.flushAfter().toNanos();
    }

    private void flush(long nowNanos) {
        flushing = true;
        flushNanos = nowNanos;
        long bytes = bytesApplied;
        var view = storage.view();
        background.run(() -> {
            try (view) {
                return storage.flush(view);
            }
        }, _ -> {
            flushing = false;
            bytesAtFlush = bytes;
        }, failed -> {
            flushing = false;
            notBeforeNanos = nowNanos + RETRY_NANOS;
            if (!(failed instanceof StorageCongestedException)) host.fail(failed);
        });
    }

    private void cut(Raft core) {
        long applied = Math.min(storage.applied(), core.appliedIndex());
        long through = Math.min(storage.durable(), applied);
        // On a full disk nothing is kept that this node can do without: it could take no writes otherwise.
        boolean full = logWriter.isFull();
        if (!full) {
            through = Math.min(through, oldThrough);
            through = Math.min(through, source.wantedFrom(bytesApplied - config.keepBytesMax()));
        }
        if (through <= (full ? cutWhenFull : cutThrough)) return;
        long asked = through;
        cutting = true;
        logWriter.cut(asked, full ? 0 : config.keepBytes(), base -> {
            cutting = false;
            var now = host.core();
            if (now == null) return;
            // The last pieces may have to wait for the next look: one call removes only so many.
            if (base.index() == now.base().index()) {
                if (full) cutWhenFull = asked;
                cutThrough = Math.max(cutThrough, asked);
            }
            host.step(new Event.Cut(base));
        });
    }

    /// A peer asks for a part of a snapshot.
    void requested(NodeId from, PeerMessage.SnapshotRequest request, Entry membership) {
        source.requested(from, request, membership, bytesApplied);
    }
}
