package org.bellwether.node;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.bellwether.log.LogStore;
import org.bellwether.log.LogStore.Room;
import org.bellwether.log.LogStore.Room.Level;
import org.bellwether.raft.Envelope;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.jspecify.annotations.Nullable;

/// The loop's side of the disk thread. While one batch of groups is being written and synced, the next one
/// fills; so however slow the disk, there is one sync per batch and nobody waits for more than two.
///
/// It also holds back what promises durability: messages leave, first in, first out, when the groups that
/// came before them are synced. A batch that a full disk has no room for stands, and everything behind it, until there
/// is room: nothing of it was promised, so that others may do without this node meanwhile.
final class LogWriter {
    /// Of a log that is about to be full for good: for the entries that begin offices, a few dozen.
    private static final long OFFICE_BYTES = 4096;
    private static final long NOTE_WHEN_IDLE_NANOS = 500_000_000L;
    /// Where small batches come all the time.
    private static final long NOTE_ANYWAY_NANOS = 10_000_000_000L;

    private final LogStore log;
    private final Executor disk;
    private final Loop loop;
    private final Owner owner;

    private List<Persist> filling = new ArrayList<>();
    private List<Envelope> fillingPromises = new ArrayList<>();
    private List<Runnable> fillingCuts = new ArrayList<>();
    private boolean stopped;
    private boolean busy;
    private long busySinceNanos;
    /// The batch that waits for room.
    private @Nullable Batch standing;
    private Room room = Room.UNKNOWN;
    /// Of the disk thread.
    private Room told = Room.UNKNOWN;
    /// Bytes of records that were ever submitted, and those of them that `room` knows of.
    private long submittedBytes;
    private long countedBytes;
    private boolean preparing;
    private long preparedNanos;
    /// Whether something was synced that may not be noted.
    private boolean noting;
    private long notedNanos;

    /// What is written and synced together.
    private static final class Batch {
        final List<Persist> groups;
        final List<Envelope> promises;
        /// Bytes of all that was given to the log before, and with it.
        final long submitted;
        /// Of the disk thread, except while it stands.
        int begun;
        boolean finished = true;

        Batch(List<Persist> groups, List<Envelope> promises, long submitted) {
            this.groups = groups;
            this.promises = promises;
            this.submitted = submitted;
        }

        void write(LogStore log) throws IOException {
            if (!finished) finished = log.finish();
            while (finished && begun < groups.size())
                finished = log.write(groups.get(begun++));
        }

        boolean mayRestartTheLog() {
            return groups.subList(begun, groups.size()).stream()
                    .anyMatch(group -> group.restart() != null);
        }
    }

    /// Whoever is told, on the loop.
    interface Owner {
        /// The promises may leave; then the core is to hear of `synced`.
        void synced(Synced synced, List<Envelope> promises);

        /// These wait for nothing.
        void release(List<Envelope> promises);

        void diskFailed(Throwable failure);
    }

    LogWriter(LogStore log, Executor disk, Loop loop, Owner owner) {
        this.log = log;
        this.disk = disk;
        this.loop = loop;
        this.owner = owner;
    }

    void submit(@Nullable Persist group, List<Envelope> promises) {
        if (stopped) return;
        if (group == null && filling.isEmpty() && !busy) {
            if (!promises.isEmpty()) owner.release(promises);
            return;
        }
        if (group != null) {
            filling.add(group);
            submittedBytes += bytesOf(group.entries());
        }
        fillingPromises.addAll(promises);
        if (!busy) writeBatch();
    }

    private void writeBatch() {
        var groups = filling;
        var promises = fillingPromises;
        filling = new ArrayList<>();
        fillingPromises = new ArrayList<>();
        var cuts = fillingCuts;
        fillingCuts = new ArrayList<>();
        if (groups.isEmpty()) {
            // Promises that came while the last batch was syncing, with no group of their own.
            owner.release(promises);
            return;
        }
        begin(new Batch(groups, promises, submittedBytes));
        cuts.forEach(Runnable::run);
    }

    private void begin(Batch batch) {
        busy = true;
        busySinceNanos = loop.nanoTime();
        // Two steps, so that a simulated disk can lose power between write and sync.
        onDisk(() -> batch.write(log));
        onDisk(() -> {
            if (!batch.finished) {
                told = Room.NONE;
                loop.execute(() -> stands(batch));
                return;
            }
            var synced = log.sync();
            loop.execute(() -> batchSynced(synced, batch.promises));
            // After every sync: a segment may have been used up by it, and a full disk has to show before
            // the next one is needed.
            prepareSlice(batch.submitted);
        });
    }

    private void stands(Batch batch) {
        standing = batch;
        // What makes room must not wait behind what needs it.
        if (mayCut()) {
            fillingCuts.forEach(Runnable::run);
            fillingCuts = new ArrayList<>();
        }
        prepared(Room.NONE, batch.submitted);
    }

    /// Whether the log is that which is to be cut: groups that are not written yet may let it begin anew.
    private boolean mayCut() {
        if (standing == null) return filling.isEmpty();
        return !standing.mayRestartTheLog()
                && filling.stream().allMatch(group -> group.restart() == null);
    }

    private void batchSynced(Synced synced, List<Envelope> promises) {
        // Still busy meanwhile: what comes of it must not overtake what waited longer.
        owner.synced(synced, promises);
        busy = false;
        noting = true;
        if (!stopped && (!filling.isEmpty() || !fillingPromises.isEmpty())) writeBatch();
    }

    void read(long fromIndex, int bytesMax, Consumer<List<Entry>> done) {
        onDisk(() -> {
            var entries = log.read(fromIndex, bytesMax);
            loop.execute(() -> done.accept(entries));
        });
    }

    /// [LogStore#cut], on the disk thread, after every group that was submitted before, except for what waits for room.
    void cut(long through, long keepBytes, Consumer<Position> done) {
        if (stopped) return;
        Runnable cut = () -> onDisk(() -> {
            var base = log.cut(through, keepBytes);
            loop.execute(() -> done.accept(base));
        });
        if (mayCut())
            cut.run();
        else
            fillingCuts.add(cut);
    }

    /// @param submitted bytes of all that was given to the log before
    private void prepareSlice(long submitted) throws Exception {
        var now = log.prepare();
        // Mostly there is nothing new to say, and saying it would wake the loop after every sync.
        if (now.level() == Level.READY && told.level() == Level.READY) return;
        told = now;
        loop.execute(() -> prepared(now, submitted));
    }

    private void prepared(Room now, long submitted) {
        room = now;
        countedBytes = submitted;
        preparing = false;
        preparedNanos = loop.nanoTime();
        if (now.isPreparing() && !busy) prepare();
    }

    private void prepare() {
        if (preparing || stopped) return;
        preparing = true;
        long submitted = submittedBytes;
        onDisk(() -> prepareSlice(submitted));
    }

    /// Called now and then: a full disk may have room again, and what is synced may be noted.
    void tick(long nowNanos, Duration retry) {
        if (stopped) return;
        if (noting && !busy && !room.isFull() && isTimeToNote(nowNanos)) {
            noting = false;
            notedNanos = nowNanos;
            onDisk(log::noteSynced);
        }
        if (room.level() == Level.READY || nowNanos - preparedNanos < retry.toNanos())
            return;
        var batch = standing;
        if (batch != null) {
            standing = null;
            begin(batch);
        } else if (!busy) {
            prepare();
        }
    }

    /// Rarely in the way of a batch: it costs as much as two or three of them.
    private boolean isTimeToNote(long nowNanos) {
        return nowNanos - busySinceNanos >= NOTE_WHEN_IDLE_NANOS
                || nowNanos - notedNanos >= NOTE_ANYWAY_NANOS;
    }

    /// @param found how much room there is before anything is submitted
    void start(Room found) {
        prepared(found, 0);
    }

    /// Whether what is left is kept for what makes room, and for the list of nodes.
    boolean isFull() {
        return room.isFull();
    }

    /// Whether these can be written for sure, whatever becomes of the disk, and the entry that begins an office as well.
    boolean hasRoomFor(long recordBytes) {
        return fits(recordBytes + OFFICE_BYTES);
    }

    /// Whether the entry can be written that begins an office.
    boolean hasRoomToLead() {
        return fits(LogStore.recordBytes(0));
    }

    /// Twice as much as they take: what one segment has left may be too little for the next record.
    private boolean fits(long recordBytes) {
        return !room.isFull()
                || 2 * (submittedBytes - countedBytes + recordBytes) <= room.bytesLeft();
    }

    static long bytesOf(List<Entry> entries) {
        long bytes = 0;
        for (var entry : entries)
            bytes += LogStore.recordBytes(entry.bytes());
        return bytes;
    }

    /// Since it was given what it has not made durable yet; 0 if there is nothing.
    long unsyncedNanos(long nowNanos) {
        return busy ? nowNanos - busySinceNanos : 0;
    }

    /// Whether the disk has been silent for this long about what it was given.
    boolean isSilentFor(Duration patience, long nowNanos) {
        return busy && nowNanos - busySinceNanos >= patience.toNanos();
    }

    /// From now on the disk is given nothing more; what it was given, it finishes.
    void stop() {
        stopped = true;
    }

    void close(Runnable closed) {
        stop();
        disk.execute(() -> {
            try {
                log.close();
            } catch (Exception failure) {
                loop.execute(() -> owner.diskFailed(failure));
            } finally {
                loop.execute(closed);
            }
        });
    }

    private void onDisk(DiskTask task) {
        disk.execute(() -> {
            try {
                task.run();
            } catch (Throwable failure) {
                loop.execute(() -> owner.diskFailed(failure));
            }
        });
    }

    @FunctionalInterface
    private interface DiskTask {
        void run() throws Exception;
    }
}
