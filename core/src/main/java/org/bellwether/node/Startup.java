package org.bellwether.node;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.bellwether.log.LogStore;
import org.bellwether.log.LogStore.Room;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageCongestedException;

/// From what is on the disk to tables that have applied all that is known to be committed.
///
/// Log and tables are kept apart, and a crash may leave either of them ahead. Tables that are behind have the rest
/// applied to them. Tables that are ahead, since a snapshot had just been installed, know what they are of: the log
/// begins anew there.
final class Startup {
    private static final Duration RETRY = Duration.ofMillis(100);

    private final LogStore log;
    private final Executor disk;
    private final Loop loop;
    private final Storage storage;
    private final int readBytesMax;
    private final Owner owner;
    private String how = "the node is starting";

    /// Told on the loop.
    interface Owner {
        void apply(Entry entry);

        /// What the tables have applied is durable in the log that is described here.
        ///
        /// @param room that the log has
        void ready(Recovered recovered, Room room);

        void failed(Throwable why);

        boolean isStarting();
    }

    Startup(LogStore log, Executor disk, Loop loop, Storage storage, int readBytesMax,
            Owner owner) {
        this.log = log;
        this.disk = disk;
        this.loop = loop;
        this.storage = storage;
        this.readBytesMax = readBytesMax;
        this.owner = owner;
    }

    /// What it is busy with, for people.
    String how() {
        return how;
    }

    void run() {
        onDisk(log::open, this::reconcile);
    }

    private void reconcile(Recovered recovered) {
        var origin = Replay.aheadOf(recovered, storage);
        if (origin != null) {
            var position = origin.position();
            onDisk(() -> {
                log.restart(position, origin.membership());
                return recovered.restartedAt(position, origin.membership());
            }, this::replay);
        } else {
            replay(recovered);
        }
    }

    private void replay(Recovered recovered) {
        Replay.requireMeeting(recovered, storage);
        Replay.requireReaching(recovered, storage);
        applyRest(recovered.committedThrough(storage.applied()));
    }

    private void applyRest(Recovered recovered) {
        long applied = storage.applied();
        if (applied >= recovered.commitIndex()) {
            onDisk(log::prepare, room -> owner.ready(recovered, room));
            return;
        }
        how = "applying the log: " + applied + " of " + recovered.commitIndex();
        onDisk(() -> log.read(applied + 1, readBytesMax), entries -> {
            if (entries.isEmpty())
                throw new IllegalStateException("the log lost entry " + (applied + 1));
            try {
                for (var entry : entries) {
                    if (entry.index() <= recovered.commitIndex()) owner.apply(entry);
                }
            } catch (StorageCongestedException full) {
                how = "applying the log: " + storage.applied() + " of " + recovered.commitIndex()
                        + "; the tables take no more just now: " + full.getMessage();
                loop.schedule(RETRY, () -> go(() -> applyRest(recovered)));
                return;
            }
            applyRest(recovered);
        });
    }

    private <T> void onDisk(Background.Task<T> task, Consumer<T> then) {
        disk.execute(() -> {
            try {
                var result = task.run();
                loop.execute(() -> go(() -> then.accept(result)));
            } catch (Throwable failure) {
                loop.execute(() -> owner.failed(failure));
            }
        });
    }

    private void go(Runnable step) {
        if (!owner.isStarting()) return;
        try {
            step.run();
        } catch (Throwable broken) {
            owner.failed(broken);
        }
    }
}
