package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Envelope;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is given to the disk happens in the order in which it was given.
class LogWriterTest implements Loop, LogWriter.Owner {
    private static final NodeId NODE = new NodeId(new UUID(7, 1));
    private static final Identity IDENTITY = new Identity(NODE, new ClusterId(new UUID(1, 2)));
    private static final Entry BOOTSTRAP = new Membership(IDENTITY.cluster(),
            List.of(new Member(NODE, "n1", true, new Address("m", 1), new Address("m", 2))))
            .bootstrapEntry();
    private static final LogConfig CONFIG = new LogConfig(1 << 16, 0, 1 << 14);

    private final Deque<Runnable> disk = new ArrayDeque<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<Position> bases = new ArrayList<>();

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        throw new AssertionError("nothing is put off");
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        throw new AssertionError("nothing is put off");
    }

    @Override
    public void synced(Synced synced, List<Envelope> promises) {}

    @Override
    public void release(List<Envelope> promises) {}

    @Override
    public void diskFailed(Throwable failure) {
        failures.add(failure);
    }

    /// Found by seed 50339: a snapshot was installed, and the cut behind it reached the disk before the restart did.
    @Test
    void cutWaitsForTheRestartThatWasSubmittedBeforeIt(@TempDir Path folder) throws Exception {
        try (var files = new FolderDisk(folder)) {
            SegmentedLog.create(files, CONFIG, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(files, CONFIG, IDENTITY)) {
                log.open();
                var writer = new LogWriter(log, disk::add, this, this);
                writer.submit(new Persist(new Ballot(1, NODE), 0, List.of(
                        Entry.empty(new Position(1, 2))), 1), List.of());
                var base = new Position(1, 50);
                writer.submit(new Persist(null, new Persist.Restart(base, BOOTSTRAP), 0, List.of(),
                        50), List.of());
                writer.cut(50, 0, bases::add);
                while (!disk.isEmpty())
                    disk.remove().run();
                assertEquals(List.of(), failures);
                assertEquals(List.of(base), bases);
            }
        }
    }
}
