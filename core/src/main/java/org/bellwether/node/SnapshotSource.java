package org.bellwether.node;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Entry;
import org.bellwether.storage.Slice;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// Gives this node's state to peers that ask for it, part by part: a view of the tables, taken when they begin. Any
/// node can be asked, not only the leader.
///
/// The view is kept while the peer goes on asking, also over a link that was closed in between: it asks for
/// the part that it is missing.
final class SnapshotSource {
    private static final Duration IDLE_MAX = Duration.ofSeconds(30);
    /// However slow the rate: who waits longer for a part takes this node for dead.
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final Storage storage;
    private final Loop loop;
    private final Background background;
    private final Host host;
    private final UpkeepConfig config;
    private final Map<NodeId, Sending> sendings = new TreeMap<>();
    /// When the next slice may leave, of all that are sent.
    private long nextSliceNanos;

    /// One peer's snapshot.
    private static final class Sending {
        final NodeId to;
        final long transfer;
        final View view;
        final SnapshotHead head;
        final long startedNanos;
        final long bytesApplied;
        /// Where the next slice begins; null after the last.
        @Nullable
        Bytes next = Bytes.EMPTY;
        /// The part that was sent last.
        int part;
        PeerMessage lastSent;
        boolean reading;
        boolean closed;
        long usedNanos;
        long keys;
        long bytes;

        Sending(NodeId to, long transfer, View view, SnapshotHead head, long bytesApplied,
                long now) {
            this.to = to;
            this.transfer = transfer;
            this.view = view;
            this.head = head;
            this.startedNanos = now;
            this.bytesApplied = bytesApplied;
            this.usedNanos = now;
            this.lastSent = new PeerMessage.SnapshotBegin(transfer, head);
        }
    }

    SnapshotSource(Storage storage, Loop loop, Background background, Host host,
            UpkeepConfig config) {
        this.storage = storage;
        this.loop = loop;
        this.background = background;
        this.host = host;
        this.config = config;
        this.nextSliceNanos = loop.nanoTime();
    }

    /// @param membership   the entry with the list of nodes that is applied
    /// @param bytesApplied of all entries, so far
    void requested(NodeId from, PeerMessage.SnapshotRequest request, Entry membership,
            long bytesApplied) {
        var sending = sendings.get(from);
        boolean same = sending != null && sending.transfer == request.transfer();
        if (request.part() == 0 && !same) {
            begin(from, request.transfer(), membership, bytesApplied);
            return;
        }
        if (sending == null || !same) {
            host.send(from, new PeerMessage.SnapshotGone(request.transfer()));
            return;
        }
        sending.usedNanos = loop.nanoTime();
        if (request.part() == sending.part) {
            host.send(from, sending.lastSent);
        } else if (request.part() == sending.part + 1 && sending.next != null) {
            readNext(sending, sending.next);
        }
    }

    private void begin(NodeId from, long transfer, Entry membership, long bytesApplied) {
        var before = sendings.remove(from);
        if (before != null) close(before);
        var core = host.core();
        long applied = storage.applied();
        // While a snapshot is being installed here, the log does not know of it yet.
        boolean able = core != null && applied == core.appliedIndex() && host.trusted()
                && sendings.size() < Limits.SNAPSHOTS_SENT_MAX;
        if (core == null || !able) return;
        var view = storage.view();
        var head = new SnapshotHead(core.termAt(applied), membership, view.mark());
        var sending = new Sending(from, transfer, view, head, bytesApplied,
                loop.nanoTime());
        sendings.put(from, sending);
        host.send(from, sending.lastSent);
    }

    private void readNext(Sending sending, Bytes from) {
        if (sending.reading) return;
        sending.reading = true;
        background.run(() -> Slice.read(sending.view, from, config.sliceBytes()), slice -> {
            long wait = nextSliceNanos - loop.nanoTime();
            charge(slice.rows().length);
            if (wait <= 0) {
                send(sending, slice);
            } else {
                loop.schedule(Duration.ofNanos(wait), () -> send(sending, slice));
            }
        }, failed -> {
            if (!sending.closed) host.fail(failed);
        });
    }

    /// Whatever comes next waits for as long as this takes at the rate that is allowed. For what was read, and not for
    /// what was asked for: one large value may be many times that.
    private void charge(int bytes) {
        if (config.sendBytesPerSecond() == 0) return;
        long now = loop.nanoTime();
        long after = Math.max(nextSliceNanos, now)
                + bytes * 1_000_000_000L / config.sendBytesPerSecond();
        nextSliceNanos = Math.min(after, now + WAIT_MAX.toNanos());
    }

    private void send(Sending sending, Slice slice) {
        if (sending.closed || host.core() == null) return;
        sending.reading = false;
        sending.next = slice.next();
        sending.part++;
        sending.keys += slice.keys();
        sending.bytes += slice.rows().length;
        sending.usedNanos = loop.nanoTime();
        sending.lastSent = new PeerMessage.SnapshotSlice(sending.transfer, sending.part,
                slice.next() == null, slice.rows());
        host.send(sending.to, sending.lastSent);
    }

    /// The log behind this index is wanted by who is being sent a snapshot; [Long#MAX_VALUE] if nobody is.
    ///
    /// @param bytesApplied snapshots that were begun earlier do not count: too much of the log has come since
    long wantedFrom(long bytesApplied) {
        long oldest = Long.MAX_VALUE;
        for (var sending : sendings.values()) {
            if (sending.bytesApplied >= bytesApplied)
                oldest = Math.min(oldest, sending.head.position().index());
        }
        return oldest;
    }

    /// How far a peer's snapshot is; null if none is being sent to it, or all of it was.
    @Nullable
    Transfer progress(NodeId to) {
        var sending = sendings.get(to);
        return sending == null || sending.next == null
                ? null
                : new Transfer(sending.keys, sending.head.mark().keys(), sending.bytes,
                        sending.startedNanos);
    }

    /// How much of it went over, since when.
    record Transfer(long keys, long keysOfAll, long bytes, long startedNanos) {}

    void expire(long nowNanos) {
        for (var sending : sendings.values()) {
            if (nowNanos - sending.usedNanos > IDLE_MAX.toNanos()) close(sending);
        }
        sendings.values().removeIf(sending -> sending.closed);
    }

    void close() {
        sendings.values().forEach(SnapshotSource::close);
        sendings.clear();
    }

    private static void close(Sending sending) {
        sending.closed = true;
        sending.view.close();
    }
}
