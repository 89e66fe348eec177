package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long SECOND = 1_000_000_000L;

    private final Deque<Runnable> disk = new ArrayDeque<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<Position> bases = new ArrayList<>();
    private final List<Synced> synced = new ArrayList<>();
    private long nowNanos;

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public long nanoTime() {
        return nowNanos;
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
    public void synced(Synced synced, List<Envelope> promises) {
        this.synced.add(synced);
    }

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

    /// Else what is lost of the end of a killed node's log would not be missed.
    @Test
    void whatIsSyncedIsNotedWhenNobodyWaits(@TempDir Path folder) throws Exception {
        try (var files = new FolderDisk(folder)) {
            SegmentedLog.create(files, CONFIG, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(files, CONFIG, IDENTITY)) {
                log.open();
                var writer = new LogWriter(log, disk::add, this, this);
                writer.tick(nowNanos, RETRY);
                assertTrue(disk.isEmpty());
                writer.submit(entries(2, 3), List.of());
                nowNanos += SECOND;
                writer.tick(nowNanos, RETRY);
                assertEquals(2, disk.size(), "the batch is under way");
                run();
                var ballot = folder.resolve("ballot");
                byte[] before = Files.readAllBytes(ballot);
                writer.tick(nowNanos, RETRY);
                run();
                assertFalse(Arrays.equals(before, Files.readAllBytes(ballot)));
                nowNanos += 60 * SECOND;
                writer.tick(nowNanos, RETRY);
                assertTrue(disk.isEmpty(), "there is nothing new to note");
                assertEquals(List.of(), failures);
            }
        }
    }

    /// A note costs more than a sync: while batches come and go it is made seldom.
    @Test
    void notesAreSeldomWhileBatchesCome(@TempDir Path folder) throws Exception {
        try (var files = new FolderDisk(folder)) {
            SegmentedLog.create(files, CONFIG, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(files, CONFIG, IDENTITY)) {
                log.open();
                nowNanos = 100 * SECOND;
                var writer = new LogWriter(log, disk::add, this, this);
                int notes = 0;
                for (int i = 2; i < 102; i++) {
                    writer.submit(entries(i, i), List.of());
                    run();
                    nowNanos += SECOND / 5;
                    writer.tick(nowNanos, RETRY);
                    notes += disk.size();
                    run();
                }
                assertEquals(2, notes);
                assertEquals(List.of(), failures);
            }
        }
    }

    private static Persist entries(long from, long to) {
        var entries = new ArrayList<Entry>();
        for (long index = from; index <= to; index++)
            entries.add(Entry.of(new Position(1, index), Entry.Kind.COMMANDS, new byte[1000]));
        return new Persist(from == 2 ? new Ballot(1, NODE) : null, 0, entries, 1);
    }

    private void run() {
        while (!disk.isEmpty())
            disk.remove().run();
    }

    /// With more than there is room for.
    private LogWriter overfull(SegmentedLog log, TestDisk tight) throws IOException {
        log.open();
        var writer = new LogWriter(log, disk::add, this, this);
        writer.start(log.prepare());
        tight.full = true;
        writer.submit(entries(2, 200), List.of());
        return writer;
    }

    /// Found by seed 64652: what had been taken was more than the disk had room for when it filled up.
    @Test
    void whatADiskHasNoRoomForStandsAndHoldsUpWhatIsBehindIt(@TempDir Path folder)
            throws Exception {
        try (var files = new FolderDisk(folder)) {
            SegmentedLog.create(files, CONFIG, IDENTITY, BOOTSTRAP);
            var tight = new TestDisk(files);
            try (var log = new SegmentedLog(tight, CONFIG, IDENTITY)) {
                var writer = overfull(log, tight);
                writer.submit(entries(201, 202), List.of());
                run();
                assertEquals(List.of(), failures);
                assertEquals(List.of(), synced);
                assertTrue(writer.isFull());
                assertFalse(writer.hasRoomFor(1));
                assertFalse(writer.hasRoomToLead());

                // Again and again in vain; but what makes room gets through.
                for (int i = 0; i < 3; i++) {
                    nowNanos += RETRY.toNanos();
                    assertFalse(writer.isSilentFor(RETRY.plusNanos(1), nowNanos));
                    writer.tick(nowNanos, RETRY);
                    writer.cut(2, 0, bases::add);
                    run();
                }
                assertEquals(3, bases.size());
                assertEquals(List.of(), synced);
                writer.tick(nowNanos, RETRY);
                assertEquals(0, disk.size(), "not before its time");

                tight.full = false;
                nowNanos += RETRY.toNanos();
                writer.tick(nowNanos, RETRY);
                run();
                assertEquals(List.of(200L, 202L), synced.stream()
                        .map(each -> each.last().index()).toList());
                assertEquals(List.of(), failures);
                assertTrue(writer.hasRoomFor(1));
            }
        }
    }

    @Test
    void aCutDoesNotOvertakeARestartThatStandsBehindAFullDisk(@TempDir Path folder)
            throws Exception {
        try (var files = new FolderDisk(folder)) {
            SegmentedLog.create(files, CONFIG, IDENTITY, BOOTSTRAP);
            var tight = new TestDisk(files);
            try (var log = new SegmentedLog(tight, CONFIG, IDENTITY)) {
                var writer = overfull(log, tight);
                run();
                var base = new Position(1, 500);
                writer.submit(new Persist(null, new Persist.Restart(base, BOOTSTRAP), 0, List.of(),
                        500), List.of());
                writer.cut(500, 0, bases::add);
                run();
                assertEquals(List.of(), bases);
                tight.full = false;
                nowNanos += RETRY.toNanos();
                writer.tick(nowNanos, RETRY);
                run();
                assertEquals(List.of(base), bases);
                assertEquals(List.of(), failures);
            }
        }
    }
}
