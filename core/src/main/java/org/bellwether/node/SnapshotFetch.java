package org.bellwether.node;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Event;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Slice;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageFullException;
import org.bellwether.storage.Totals;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches the state from a peer when the log cannot be had any more, and installs it while the node runs.
///
/// It is put together beside the present state; the loop only exchanges the two. Then the new one is made
/// durable, and only then the core hears of it, which lets the log begin anew. A crash anywhere finds
/// the old state with the old log, or the new state, which knows what it is of and lets the start finish the rest.
///
/// Whatever goes wrong on the way ends in giving up: the leader offers a snapshot again for as long as one is needed.
final class SnapshotFetch {
    private static final Logger log = LoggerFactory.getLogger(SnapshotFetch.class);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration BACK_OFF_MAX = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /// Well within the time after which a sender closes what nobody asks for.
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    /// Slices that have arrived and are not stored yet.
    private static final int UNSTORED_MAX = 2;

    private final Storage storage;
    private final Loop loop;
    private final Background background;
    private final Host host;
    private final Owner owner;
    private long transfers;
    private @Nullable Fetching fetching;
    /// Who was asked in vain since something was installed last.
    private final Set<NodeId> inVain = new TreeSet<>();
    /// Of whom it was told that what they sent was wrong.
    private final Set<NodeId> refused = new TreeSet<>();
    /// Wrong ones in a row, and until when nobody is asked therefore.
    private int refusals;
    private long notBeforeNanos;

    /// Whoever has the applied state.
    interface Owner {
        /// Whether the state may go back to one that this node has been past: the log must still have what comes
        /// behind it.
        boolean mayGoBackTo(long applied);

        /// The state is another one from now on.
        void replaced(SnapshotHead head);

        /// What came is not what was announced. Told once of each sender, until something is installed.
        void refused(NodeId from, String why);

        /// Nodes that can be asked, if one was in vain.
        List<NodeId> others();
    }

    /// One transfer.
    private static final class Fetching {
        final NodeId from;
        final long transfer;
        /// Whether it is to take the place of a state that is wrong, and so may also be an older one.
        final boolean repair;
        /// Of what has arrived; of the background thread.
        final Totals.Sum sum = new Totals.Sum();
        long heardNanos;
        long askedNanos;
        int wanted;
        boolean asked;
        int unstored;
        boolean all;
        boolean finishing;
        boolean ended;
        @Nullable
        SnapshotHead head;
        /// Of the background thread until it is finished.
        @Nullable
        Restore restore;

        Fetching(NodeId from, long transfer, boolean repair, long now) {
            this.repair = repair;
            this.from = from;
            this.transfer = transfer;
            this.heardNanos = now;
        }
    }

    /// @param transfers numbers them; must never come again, not even in another life of this node
    SnapshotFetch(Storage storage, Loop loop, Background background, Host host, Owner owner,
            long transfers) {
        this.storage = storage;
        this.loop = loop;
        this.background = background;
        this.host = host;
        this.owner = owner;
        this.transfers = transfers;
    }

    boolean isUnderWay() {
        return fetching != null;
    }

    /// Begins, unless one is under way: that one is as good.
    void begin(NodeId from) {
        begin(from, false);
    }

    /// Begins to replace a state that is wrong, unless something is being fetched already.
    void repair(NodeId from) {
        begin(from, true);
    }

    private void begin(NodeId from, boolean repair) {
        if (fetching != null || refusals > 0 && loop.nanoTime() - notBeforeNanos < 0) return;
        fetching = new Fetching(senderFor(from), ++transfers, repair, loop.nanoTime());
        ask(fetching);
    }

    /// Whoever offers; but if that was in vain, another: every node has the state.
    private NodeId senderFor(NodeId offering) {
        if (!inVain.contains(offering)) return offering;
        for (var other : owner.others()) {
            if (!inVain.contains(other)) return other;
        }
        inVain.clear();
        return offering;
    }

    private boolean isOfUse(Fetching now, SnapshotHead head) {
        long index = head.position().index();
        return index > storage.applied() || now.repair && owner.mayGoBackTo(index);
    }

    private void ask(Fetching now) {
        // From here on somebody owes an answer.
        if (!now.asked) now.heardNanos = loop.nanoTime();
        now.asked = true;
        now.askedNanos = loop.nanoTime();
        host.send(now.from, new PeerMessage.SnapshotRequest(now.transfer, now.wanted));
    }

    void received(NodeId from, PeerMessage.SnapshotBegin begin) {
        var now = current(from, begin.transfer());
        if (now == null || now.head != null) return;
        if (!isOfUse(now, begin.head())) {
            giveUp(now);
            return;
        }
        now.asked = false;
        now.head = begin.head();
        background.run(() -> {
            now.restore = storage.restore();
            return now;
        }, _ -> next(now), failed -> failed(now, failed));
    }

    void received(NodeId from, PeerMessage.SnapshotSlice slice) {
        var now = current(from, slice.transfer());
        if (now == null || !now.asked || slice.part() != now.wanted) return;
        now.asked = false;
        now.heardNanos = loop.nanoTime();
        now.all = slice.last();
        now.unstored++;
        background.run(() -> {
            store(now, slice.rows());
            return now;
        }, _ -> {
            now.unstored--;
            if (!now.ended) next(now);
        }, failed -> failed(now, failed));
        if (now.unstored < UNSTORED_MAX) next(now);
    }

    private static void store(Fetching now, byte[] rows) {
        var restore = now.restore;
        if (restore == null) return;
        Slice.show(rows, (key, value) -> {
            restore.put(key, value);
            return now.sum.visit(key, value);
        });
    }

    private void next(Fetching now) {
        if (now.ended || now.asked) return;
        if (!now.all) {
            now.wanted++;
            ask(now);
        } else if (now.unstored == 0 && !now.finishing) {
            finish(now);
        }
    }

    void received(NodeId from, PeerMessage.SnapshotGone gone) {
        var now = current(from, gone.transfer());
        if (now != null && now.asked) giveUp(now);
    }

    private @Nullable Fetching current(NodeId from, long transfer) {
        var now = fetching;
        if (now == null || now.transfer != transfer || !now.from.equals(from)) return null;
        now.heardNanos = loop.nanoTime();
        return now;
    }

    private void finish(Fetching now) {
        var head = now.head;
        if (head == null) throw new IllegalStateException("slices came before the head");
        now.finishing = true;
        background.run(() -> {
            var restore = now.restore;
            if (restore == null) throw new IllegalStateException("nothing was restored");
            var announced = head.mark().totals();
            if (!now.sum.totals().equals(announced)) {
                throw new IllegalArgumentException("it has " + now.sum.totals()
                        + ", and was announced with " + announced);
            }
            restore.finish(head.mark(), head.encode());
            return restore;
        }, restore -> install(now, head, restore), failed -> failed(now, failed));
    }

    private void install(Fetching now, SnapshotHead head, Restore restore) {
        if (!isOfUse(now, head)) {
            giveUp(now);
            return;
        }
        storage.install(restore);
        now.restore = null;
        owner.replaced(head);
        makeDurable(now, head);
    }

    private void makeDurable(Fetching now, SnapshotHead head) {
        var view = storage.view();
        background.run(() -> {
            try (view) {
                return storage.flush(view);
            }
        }, _ -> announce(now, head), failed -> {
            // Until there is space the node has the new state and the old log, as a crash would find them.
            if (failed instanceof StorageFullException) {
                later(now, () -> makeDurable(now, head));
            } else {
                host.fail(failed);
            }
        });
    }

    private void announce(Fetching now, SnapshotHead head) {
        if (host.logHasRoom()) {
            end(now);
            inVain.clear();
            refused.clear();
            refusals = 0;
            host.step(new Event.Installed(head.position(), head.membership()));
        } else {
            later(now, () -> announce(now, head));
        }
    }

    private void later(Fetching now, Runnable again) {
        loop.schedule(RETRY, () -> {
            if (!now.ended && host.core() != null) again.run();
        });
    }

    private void failed(Fetching now, Exception failure) {
        if (now.ended) return;
        switch (failure) {
            case StorageFullException _ -> giveUp(now);
            case StorageDamagedException ours -> {
                // The sender is not to blame for what became of it here.
                log.warn("a snapshot was not installed, and is fetched again: {}",
                        ours.getMessage());
                backOff();
                giveUp(now);
            }
            case IllegalArgumentException theirs -> {
                backOff();
                if (refused.add(now.from))
                    owner.refused(now.from, String.valueOf(theirs.getMessage()));
                giveUp(now);
            }
            default -> host.fail(failure);
        }
    }

    /// The whole of it came, in vain: the next try waits, longer each time.
    private void backOff() {
        long wait = BACK_OFF.toNanos() << Math.min(refusals, 6);
        notBeforeNanos = loop.nanoTime() + Math.min(wait, BACK_OFF_MAX.toNanos());
        refusals++;
    }

    private void giveUp(Fetching now) {
        end(now);
        inVain.add(now.from);
        background.run(() -> {
            if (now.restore != null) now.restore.close();
            return now;
        }, _ -> {
        }, host::fail);
    }

    private void end(Fetching now) {
        now.ended = true;
        if (fetching == now) fetching = null;
    }

    /// Called now and then.
    void expire(long nowNanos) {
        var now = fetching;
        if (now == null || now.finishing) return;
        if (!now.asked) {
            // What has arrived is still to be stored, behind other work; nobody owes an answer. But the sender would
            // take a long silence for the end: asked for the part that is here, it sends it once more.
            if (!now.all && nowNanos - now.askedNanos > KEEP_ALIVE.toNanos()) {
                now.askedNanos = nowNanos;
                host.send(now.from, new PeerMessage.SnapshotRequest(now.transfer, now.wanted));
            }
        } else if (nowNanos - now.heardNanos > PATIENCE.toNanos()) {
            giveUp(now);
        } else if (now.asked && nowNanos - now.askedNanos > ANSWER_MAX.toNanos()) {
            ask(now);
        }
    }

    /// A link to this peer was opened: what was asked over the one before may be lost.
    void connected(NodeId peer) {
        var now = fetching;
        if (now != null && now.from.equals(peer) && now.asked) ask(now);
    }

    void close() {
        var now = fetching;
        if (now == null) return;
        end(now);
    }
}
