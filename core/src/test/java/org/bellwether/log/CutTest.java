package org.bellwether.log;

import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.after;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.entry;
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
import java.util.ArrayList;
import java.util.List;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;

/// A log loses its beginning: whole segments that are no longer needed.
class CutTest {
    private static final int LAST = 200;

    /// Some eight segments: the bootstrap record, entries of terms 1 and 2, lists of nodes at 20, 60 and 190.
    private static List<Entry> written() {
        var written = new ArrayList<Entry>(List.of(BOOTSTRAP));
        for (long index = 2; index <= LAST; index++) {
            long term = index < 100 ? 1 : 2;
            written.add(index == 20 || index == 60 || index == 190
                    ? membership(term, index)
                    : entry(term, index, (int) (index * 37 % 200)));
        }
        return written;
    }

    private static CrashDisk longLog() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(2));
        log.write(append(written().subList(1, LAST)));
        log.sync();
        return disk;
    }

    private static SegmentedLog opened(CrashDisk disk) throws IOException {
        var log = logOn(disk);
        log.open();
        return log;
    }

    private static Position cutFully(LogStore log, long through, long keepBytes)
            throws IOException {
        for (var base = log.cut(through, keepBytes);;) {
            var next = log.cut(through, keepBytes);
            if (next.equals(base)) return base;
            base = next;
        }
    }

    private static List<Long> firstIndexes(CrashDisk disk) throws IOException {
        var firsts = new ArrayList<Long>();
        for (var name : disk.names()) {
            if (SegmentHeader.isName(name)) firsts.add(SegmentHeader.firstIndex(name));
        }
        return firsts;
    }

    private static List<Entry> written(Position base) {
        return written().subList((int) base.index(), LAST);
    }

    @Test
    void segmentsInFrontOfAnIndexGoAndNothingElseDoes() throws IOException {
        var firsts = firstIndexes(longLog());
        assertTrue(firsts.size() > 6, firsts::toString);
        for (long through = 1; through <= LAST; through++) {
            var disk = longLog();
            var log = opened(disk);
            var base = cutFully(log, through, 0);
            long limit = through + 1;
            long expected = firsts.stream().filter(first -> first <= limit).reduce(0L, Math::max);
            assertEquals(expected - 1, base.index());
            assertEquals(expected, firstIndexes(disk).getFirst());
            assertEquals(texts(written(base)), texts(after(base, log)));
            assertEquals(List.of(), log.read(base.index(), 1000));
            assertEquals(List.of(), log.read(1, 1000).stream()
                    .filter(entry -> base.index() > 0).toList());
            disk.crash();

            var reopened = logOn(disk);
            var recovered = reopened.open();
            assertEquals(base, recovered.base());
            assertEquals(texts(written(base)), texts(after(base, reopened)));
            assertEquals(termStarts(base), recovered.termStarts());
            assertEquals(texts(memberships(base)), texts(recovered.memberships()));
            assertEquals(new Position(2, LAST), recovered.last());
            assertTrue(recovered.commitIndex() >= base.index());
            assertEquals(texts(written().subList((int) recovered.commitIndex(), LAST)),
                    texts(recovered.tail()));
        }
    }

    private static List<Position> termStarts(Position base) {
        if (base.index() == 0)
            return List.of(new Position(0, 1), new Position(1, 2), new Position(2, 100));
        return base.term() == 1 ? List.of(base, new Position(2, 100)) : List.of(base);
    }

    /// The bootstrap record, the list in effect at the base, and every later one.
    private static List<Entry> memberships(Position base) {
        var expected = new ArrayList<Entry>(List.of(BOOTSTRAP));
        long inEffect = 0;
        for (long index : new long[]{20, 60, 190}) {
            if (index <= base.index()) inEffect = index;
        }
        for (long index : new long[]{20, 60, 190}) {
            if (index >= inEffect) expected.add(written().get((int) index - 1));
        }
        return expected;
    }

    @Test
    void oneCallRemovesABoundedNumberOfSegments() throws IOException {
        var disk = longLog();
        int before = firstIndexes(disk).size();
        var log = opened(disk);
        log.cut(LAST, 0);
        assertEquals(before - SegmentedLog.CUT_SEGMENTS_MAX, firstIndexes(disk).size());
    }

    @Test
    void segmentThatIsWrittenToStays() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        var base = cutFully(log, LAST, 0);
        assertEquals(List.of(base.index() + 1), firstIndexes(disk));
        log.write(append(entries(2, LAST + 1, LAST + 100)));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        assertEquals(base, reopened.open().base());
        assertEquals(texts(entries(2, LAST + 1, LAST + 100)),
                texts(reopened.read(LAST + 1, Integer.MAX_VALUE)));
    }

    @Test
    void soManyBytesAreKept() throws IOException {
        var firsts = firstIndexes(longLog());
        for (long keepBytes = 0; keepBytes < 40_000; keepBytes += 500) {
            var base = cutFully(opened(longLog()), LAST, keepBytes);
            long kept = bytesAfter(base.index());
            assertTrue(kept >= keepBytes || base.index() == 0, kept + " of " + keepBytes);
            // Without the next segment it would be less, or there is none.
            long first = base.index() + 1;
            long next = firsts.stream().filter(each -> each > first).findFirst().orElse(0L);
            assertTrue(next == 0 || bytesAfter(next - 1) < keepBytes,
                    kept + " where " + keepBytes + " were asked for");
        }
    }

    /// Counted as they are on disk: with the header of each segment.
    private static long bytesAfter(long base) throws IOException {
        long bytes = 0;
        for (long first : firstIndexes(longLog())) {
            if (first > base) bytes += SegmentHeader.BYTES;
        }
        for (var entry : written().subList((int) base, LAST)) {
            bytes += RecordHeader.recordBytes(entry.bytes());
        }
        return bytes;
    }

    @Test
    void cutAgainstTheDirectionOfTimeDoesNothing() throws IOException {
        var log = opened(longLog());
        var base = cutFully(log, 150, 0);
        assertEquals(base, log.cut(30, 0));
        assertEquals(base, log.cut(0, 0));
        assertEquals(texts(written(base)), texts(after(base, log)));
    }

    @Test
    void entriesThatAreNotThereCannotBeNeededNoLonger() throws IOException {
        var log = opened(longLog());
        assertThrows(IllegalArgumentException.class, () -> log.cut(LAST + 1, 0));
    }

    @Test
    void whatWasCutThroughIsKnownToBeCommitted() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        cutFully(log, 150, 0);
        assertThrows(IllegalArgumentException.class, () -> log.write(replace(150, List.of())));
        disk.crash();
        var recovered = logOn(disk).open();
        assertTrue(recovered.commitIndex() >= recovered.base().index());
    }

    @Test
    void firstEntryThatIsLeftMayStillBeTruncated() throws IOException {
        long first = firstIndexes(longLog()).get(3);
        var disk = longLog();
        var log = opened(disk);
        assertEquals(first - 1, cutFully(log, first - 1, 0).index());
        log.write(ballot(3));
        log.write(replace(first, List.of()));
        assertEquals(first - 1, log.sync().last().index());
        log.write(append(entries(3, first, first + 2)));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        assertEquals(new Position(3, first + 2), reopened.open().last());
        assertEquals(texts(entries(3, first, first + 2)),
                texts(reopened.read(first, Integer.MAX_VALUE)));
    }

    @Test
    void truncatedListOfNodesIsForgotten() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        log.write(ballot(3));
        log.write(replace(150, entries(3, 150, LAST + 100)));
        log.sync();
        cutFully(log, LAST + 100, 0);
        disk.crash();
        assertEquals(texts(List.of(BOOTSTRAP, written().get(59))),
                texts(logOn(disk).open().memberships()));
    }

    /// A hint is not worth a node.
    @Test
    void logThatCannotBeCutForWantOfSpaceGoesOn() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        disk.capacity = 0;
        assertEquals(Position.NONE, log.cut(LAST, 0));
        assertFalse(disk.names().contains(LogBase.NEW_NAME));
        assertEquals(texts(written()), texts(after(Position.NONE, log)));
        disk.capacity = Long.MAX_VALUE;
        var base = cutFully(log, LAST, 0);
        assertTrue(base.index() > 0);
        disk.crash();
        assertEquals(base, logOn(disk).open().base());
    }

    @Test
    void failedCutIsNeverTriedAgain() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        disk.failSync = true;
        assertThrows(IOException.class, () -> log.cut(LAST, 0));
        disk.failSync = false;
        assertThrows(IOException.class, () -> log.cut(LAST, 0));
        assertThrows(IOException.class, log::sync);
        disk.crash();
        assertEquals(Position.NONE, logOn(disk).open().base());
    }

    /// After a crash any of the files that were deleted may be back.
    @Test
    void anyCombinationOfLeftOverSegmentsIsRemoved() throws IOException {
        var whole = longLog();
        var cut = longLog();
        var log = opened(cut);
        var base = cutFully(log, 120, 0);
        log.close();
        var gone = whole.names().stream().filter(name -> !cut.names().contains(name)).toList();
        assertTrue(gone.size() > 3, gone::toString);
        for (int which = 0; which < 1 << gone.size(); which++) {
            var disk = cut.copy();
            for (int i = 0; i < gone.size(); i++) {
                if ((which >> i & 1) == 1) disk.put(gone.get(i), whole.bytes(gone.get(i)));
            }
            var reopened = logOn(disk);
            assertEquals(base, reopened.open().base());
            assertEquals(texts(written(base)), texts(after(base, reopened)));
            assertEquals(base.index() + 1, firstIndexes(disk).getFirst());
        }
    }

    @Test
    void crashAtAnyOperationLeavesTheLogCutOrUncut() throws IOException {
        int cut = 0;
        int uncut = 0;
        int operations = operationsOfACut();
        for (int crashAt = 0; crashAt <= operations; crashAt++) {
            for (long seed = 1; seed <= 40; seed++) {
                var disk = longLog().copy(seed);
                var log = opened(disk);
                log.write(append(List.of(entry(2, LAST + 1, 50))));
                disk.crashAt = disk.operations + crashAt;
                crashing(disk, seed, () -> log.cut(120, 0));
                // And at any operation of the start that follows.
                disk.crashAt = (int) (seed % 12);
                crashing(disk, seed / 2, () -> logOn(disk).open());

                var reopened = logOn(disk);
                var recovered = reopened.open();
                var base = recovered.base();
                if (base.index() == 0)
                    uncut++;
                else
                    cut++;
                long end = recovered.last().index();
                assertTrue(end == LAST || end == LAST + 1, () -> recovered.toString());
                assertEquals(texts(written(base)), texts(after(base, reopened))
                        .subList(0, LAST - (int) base.index()));
                assertEquals(base.index() + 1, firstIndexes(disk).getFirst());
                assertFalse(disk.names().contains(LogBase.NEW_NAME));
                // It is used again, and cut again.
                reopened.write(append(entries(2, end + 1, end + 30)));
                var further = cutFully(reopened, LAST, 0);
                assertTrue(further.index() > base.index());
                assertEquals(new Synced(new Position(2, end + 30), new Ballot(2, LogFixture.NODE)),
                        reopened.sync());
                disk.crash();
                assertEquals(further, logOn(disk).open().base());
            }
        }
        assertTrue(cut > 100 && uncut > 100, cut + " cut, " + uncut + " not");
    }

    private static int operationsOfACut() throws IOException {
        var disk = longLog();
        var log = opened(disk);
        int before = disk.operations;
        assertTrue(log.cut(120, 0).index() > 0);
        return disk.operations - before;
    }

    @FunctionalInterface
    interface Doing {
        void run() throws IOException;
    }

    /// With an odd seed only the process dies, and the machine goes on.
    static void crashing(CrashDisk disk, long seed, Doing what) throws IOException {
        try {
            what.run();
        } catch (CrashDisk.Crash crash) {
            // as planned
        }
        if (seed % 2 == 1) {
            disk.kill();
        } else {
            disk.crash();
        }
    }

    @Test
    void groupsAndCutsMayAlternate() throws IOException {
        var disk = newDisk();
        var log = opened(disk);
        log.write(ballot(1));
        var base = Position.NONE;
        for (long index = 2; index <= 2000; index++) {
            log.write(new Persist(null, 0, List.of(entry(1, index, 100)), index - 1));
            if (index % 10 == 0) {
                log.sync();
                var next = log.cut(index - 1, 10_000);
                assertTrue(next.index() >= base.index());
                base = next;
            }
            log.prepare();
        }
        log.sync();
        assertTrue(disk.names().size() < 8, () -> disk.names().toString());
        disk.crash();
        var reopened = logOn(disk);
        assertEquals(base, reopened.open().base());
        assertEquals(2000 - base.index(), after(base, reopened).size());
    }
}
