package org.bellwether.log;

import org.bellwether.disk.Disk;
import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.NODE;
import static org.bellwether.log.LogFixture.after;
import static org.bellwether.log.LogFixture.all;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.membership;
import static org.bellwether.log.LogFixture.newDisk;
import static org.bellwether.log.LogFixture.replace;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;

/// A log begins anew behind a snapshot that was installed.
class RestartTest {
    private static final Entry LIST = membership(2, 70);

    /// Entries 2 to 100 of term 1, of which 30 are known to be committed, in several segments.
    private static CrashDisk divergedLog() throws IOException {
        var disk = newDisk();
        var log = opened(disk);
        log.write(new Persist(new Ballot(3, NODE), 0, List.of(), 0));
        log.write(new Persist(null, 0, entries(1, 2, 99), 0));
        log.write(new Persist(null, 0, entries(1, 100, 100), 30));
        log.sync();
        return disk;
    }

    private static SegmentedLog opened(CrashDisk disk) throws IOException {
        var log = logOn(disk);
        log.open();
        return log;
    }

    private static void assertEmptyAt(Position base, Entry list, CrashDisk disk)
            throws IOException {
        var log = logOn(disk);
        var recovered = log.open();
        assertEquals(base, recovered.base());
        assertEquals(base, recovered.last());
        assertEquals(base.index(), recovered.commitIndex());
        assertEquals(List.of(), recovered.tail());
        assertEquals(List.of(base), recovered.termStarts());
        assertEquals(texts(List.of(BOOTSTRAP, list)), texts(recovered.memberships()));
        assertEquals(List.of(), log.read(base.index(), 1000));
        assertEquals(List.of(), log.read(base.index() + 1, 1000));
        assertEquals(List.of(), all(log));
    }

    @Test
    void everythingIsDroppedAndTheLogGoesOnBehindTheBase() throws IOException {
        // Inside of the old log, at its end, and behind it; so at times under the name of an old segment.
        for (long index = 70; index <= 130; index++) {
            var disk = divergedLog();
            var log = opened(disk);
            var base = new Position(2, index);
            log.restart(base, LIST);
            assertEquals(new Synced(base, new Ballot(3, NODE)), log.sync());
            assertEquals(List.of("ballot", "base", name(index + 1)), disk.names());
            disk.crash();
            assertEmptyAt(base, LIST, disk.copy());

            var reopened = opened(disk);
            var next = entries(3, index + 1, index + 60);
            reopened.write(append(next));
            reopened.sync();
            disk.crash();
            var again = logOn(disk);
            var recovered = again.open();
            assertEquals(List.of(base, new Position(3, index + 1)), recovered.termStarts());
            assertEquals(texts(next), texts(after(base, again)));
            assertEquals(texts(next), texts(recovered.tail()));
        }
    }

    private static String name(long firstIndex) {
        return "log-%020d".formatted(firstIndex);
    }

    @Test
    void logThatHoldsTheBaseIsKept() throws IOException {
        for (long index : new long[]{31, 40, 99, 100, 30, 2, 1}) {
            var disk = divergedLog();
            var log = opened(disk);
            log.restart(new Position(index == 1 ? 0 : 1, index), BOOTSTRAP);
            assertEquals(99, log.read(2, Integer.MAX_VALUE).size());
            disk.crash();
            var recovered = logOn(disk).open();
            assertEquals(Position.NONE, recovered.base());
            assertEquals(new Position(1, 100), recovered.last());
        }
    }

    @Test
    void logThatBeginsAtTheBaseIsKept() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        var base = new Position(2, 80);
        log.restart(base, LIST);
        log.write(append(entries(3, 81, 85)));
        log.restart(base, LIST);
        assertEquals(new Position(3, 85), log.sync().last());
        log.restart(new Position(3, 83), LIST);
        disk.crash();
        assertEquals(new Position(3, 85), logOn(disk).open().last());
    }

    @Test
    void whatIsCommittedIsNeverDropped() throws IOException {
        for (var base : List.of(new Position(2, 30), new Position(2, 5), new Position(7, 1))) {
            var disk = divergedLog();
            var log = opened(disk);
            var before = disk.picture();
            assertThrows(IllegalArgumentException.class,
                    () -> log.restart(base, BOOTSTRAP), base.toString());
            assertEquals(before, disk.picture());
        }
        var disk = divergedLog();
        var log = opened(disk);
        log.restart(new Position(2, 80), LIST);
        assertThrows(IllegalArgumentException.class,
                () -> log.restart(new Position(2, 79), LIST));
    }

    @Test
    void baseNeedsTheListOfNodesInEffectThere() throws IOException {
        for (var list : List.of(membership(2, 91), membership(3, 70),
                LogFixture.entry(2, 70, 10))) {
            var log = opened(divergedLog());
            assertThrows(IllegalArgumentException.class,
                    () -> log.restart(new Position(2, 90), list), list.toString());
        }
        var disk = divergedLog();
        opened(disk).restart(new Position(2, 90), BOOTSTRAP);
        assertEquals(texts(List.of(BOOTSTRAP)), texts(logOn(disk).open().memberships()));
    }

    /// The snapshot may be durable before the ballot of the term in which it came.
    @Test
    void ballotIsKeptOrRaisedToTheTermOfTheBase() throws IOException {
        var disk = divergedLog();
        opened(disk).restart(new Position(3, 90), LIST);
        assertEquals(new Ballot(3, NODE), logOn(disk).open().ballot());
        var log = opened(disk);
        log.restart(new Position(5, 95), LIST);
        assertEquals(new Ballot(5, null), log.sync().ballot());
        disk.crash();
        assertEquals(new Ballot(5, null), logOn(disk).open().ballot());
    }

    @Test
    void unsyncedEntriesGoWithTheOthers() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        log.write(append(entries(3, 101, 130)));
        var base = new Position(3, 140);
        log.restart(base, LIST);
        disk.crash();
        assertEmptyAt(base, LIST, disk);
    }

    @Test
    void restartedLogIsTruncatedCutAndRestarted() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        var base = new Position(2, 80);
        log.restart(base, LIST);
        log.write(append(entries(3, 81, 90)));
        log.write(ballot(4));
        log.write(replace(81, entries(4, 81, 180)));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        assertEquals(List.of(base, new Position(4, 81)), reopened.open().termStarts());
        var cut = reopened.cut(150, 0);
        assertTrue(cut.index() > 80);
        assertEquals(texts(entries(4, cut.index() + 1, 180)), texts(after(cut, reopened)));
        disk.crash();
        var third = logOn(disk);
        assertEquals(cut, third.open().base());
        var next = new Position(4, 200);
        third.restart(next, membership(4, 190));
        disk.crash();
        assertEmptyAt(next, membership(4, 190), disk);
    }

    @Test
    void damageToTheNewLogIsStillToldFromATornTail() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        log.restart(new Position(2, 80), LIST);
        for (var entry : entries(3, 81, 85)) {
            log.write(append(List.of(entry)));
            log.sync();
        }
        int at = SegmentHeader.BYTES + 5;
        disk.bytes(name(81))[at] ^= 1;
        var message = LogFixture.refusal(disk, LogFixture.IDENTITY);
        assertTrue(message.startsWith(name(81) + ", offset " + SegmentHeader.BYTES), message);
    }

    @Test
    void fullDiskStopsTheNodeAndKeepsTheOldLog() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        disk.capacity = 0;
        assertThrows(Disk.DiskFullException.class, () -> log.restart(new Position(2, 80), LIST));
        disk.capacity = Long.MAX_VALUE;
        assertThrows(IOException.class, log::sync);
        disk.crash();
        assertEquals(new Position(1, 100), logOn(disk).open().last());
    }

    @Test
    void restartThatWasDecidedIsFinishedWhenThereIsRoomAgain() throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        var base = new Position(2, 80);
        int decided = 5; // create, write, sync, rename and sync the names of `base`
        disk.crashAt = disk.operations + decided;
        assertThrows(CrashDisk.Crash.class, () -> log.restart(base, LIST));
        disk.crash();
        assertTrue(disk.names().contains(name(1)));
        disk.capacity = 0;
        assertThrows(Disk.DiskFullException.class, () -> logOn(disk).open());
        disk.capacity = Long.MAX_VALUE;
        assertEmptyAt(base, LIST, disk);
    }

    @Test
    void crashAtAnyOperationLeavesTheOldLogOrTheNewOne() throws IOException {
        int old = 0;
        int anew = 0;
        // The second one under the name of an old segment.
        long collision = collision();
        for (long index : new long[]{75, collision - 1, 120}) {
            var base = new Position(5, index);
            int operations = operationsOfARestart(base);
            for (int crashAt = 0; crashAt <= operations; crashAt++) {
                for (long seed = 1; seed <= 30; seed++) {
                    var disk = divergedLog().copy(seed);
                    var log = opened(disk);
                    disk.crashAt = disk.operations + crashAt;
                    CutTest.crashing(disk, seed, () -> log.restart(base, LIST));
                    // And at any operation of the start that follows, and of the next.
                    disk.crashAt = (int) (seed * 7 % 25);
                    CutTest.crashing(disk, seed / 2, () -> logOn(disk).open());
                    disk.crashAt = (int) (seed * 5 % 25);
                    CutTest.crashing(disk, seed / 4, () -> logOn(disk).open());

                    var reopened = logOn(disk);
                    var recovered = reopened.open();
                    assertFalse(disk.names().contains(LogBase.NEW_NAME));
                    if (recovered.base().index() == 0) {
                        old++;
                        assertEquals(texts(entries(1, 2, 100)),
                                texts(reopened.read(2, Integer.MAX_VALUE)));
                    } else {
                        anew++;
                        assertEmptyAt(base, LIST, disk.copy());
                        assertEquals(new Ballot(5, null), recovered.ballot());
                    }
                    // What is done at the start is done again, if need be, with the same end.
                    reopened.restart(base, LIST);
                    reopened.write(append(entries(5, index + 1, index + 40)));
                    reopened.sync();
                    disk.crash();
                    var last = logOn(disk);
                    assertEquals(base, last.open().base());
                    assertEquals(texts(entries(5, index + 1, index + 40)),
                            texts(after(base, last)));
                }
            }
        }
        assertTrue(old > 100 && anew > 100, old + " old, " + anew + " new");
    }

    private static long collision() throws IOException {
        for (var name : divergedLog().names().reversed()) {
            if (SegmentHeader.isName(name)) return SegmentHeader.firstIndex(name);
        }
        throw new AssertionError("no segment");
    }

    private static int operationsOfARestart(Position base) throws IOException {
        var disk = divergedLog();
        var log = opened(disk);
        int before = disk.operations;
        log.restart(base, LIST);
        return disk.operations - before;
    }
}
