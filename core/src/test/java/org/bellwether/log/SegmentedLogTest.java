package org.bellwether.log;

import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.CLUSTER;
import static org.bellwether.log.LogFixture.FIRST_SEGMENT;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.NODE;
import static org.bellwether.log.LogFixture.OTHER_NODE;
import static org.bellwether.log.LogFixture.SMALL;
import static org.bellwether.log.LogFixture.all;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.newDisk;
import static org.bellwether.log.LogFixture.refusal;
import static org.bellwether.log.LogFixture.replace;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.bellwether.api.ClusterId;
import org.bellwether.log.LogStore.Room.Level;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.junit.jupiter.api.Test;

class SegmentedLogTest {
    @Test
    void newLogHoldsTheBootstrapEntryAndNoVote() throws IOException {
        var disk = new CrashDisk(1);
        assertFalse(SegmentedLog.exists(disk));
        SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
        assertTrue(SegmentedLog.exists(disk));
        assertEquals(IDENTITY, SegmentedLog.identify(disk));
        var recovered = logOn(disk).open();
        assertEquals(Ballot.INITIAL, recovered.ballot());
        assertEquals(new Position(0, 1), recovered.last());
        assertEquals(0, recovered.commitIndex());
        assertEquals(texts(List.of(BOOTSTRAP)), texts(recovered.tail()));
        assertEquals(texts(List.of(BOOTSTRAP)), texts(recovered.memberships()));
        assertThrows(IOException.class,
                () -> SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP));
    }

    @Test
    void whatWasSyncedIsThereAfterPowerLoss() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        var written = entries(3, 2, 9);
        log.write(new Persist(new Ballot(3, OTHER_NODE), 0, written, 1));
        assertEquals(new Synced(new Position(3, 9), new Ballot(3, OTHER_NODE)), log.sync());
        disk.crash();

        var recovered = logOn(disk).open();
        assertEquals(new Ballot(3, OTHER_NODE), recovered.ballot());
        assertEquals(new Position(3, 9), recovered.last());
        assertEquals(List.of(new Position(0, 1), new Position(3, 2)), recovered.termStarts());
        assertEquals(1, recovered.commitIndex());
        assertEquals(texts(written), texts(recovered.tail()));
    }

    /// With cuts, new segments and restarts between: what stood before in a block is written again as it was.
    @Test
    void recordsAreWrittenInWholeBlocks() throws IOException {
        var config = new LogConfig(5 * 4096, 0, 4096);
        var disk = new CrashDisk(1);
        SegmentedLog.create(disk, config, IDENTITY, BOOTSTRAP);
        var log = new SegmentedLog(disk, config, IDENTITY);
        log.open();
        var random = new Random(7);
        var expected = new ArrayList<>(List.of(BOOTSTRAP));
        for (int term = 1; term <= 200; term++) {
            log.write(ballot(term));
            int from = Math.max(2, expected.size() + 1 - random.nextInt(20));
            if (from <= expected.size()) log.write(replace(from, List.of()));
            expected.subList(from - 1, expected.size()).clear();
            disk.writtenInParts.clear();
            for (var entry : entries(term, from, from + random.nextInt(30))) {
                log.write(append(List.of(entry)));
                expected.add(entry);
            }
            // A segment's header, and the two copies of the ballot that know of it.
            var ofSegment = List.of(Spare.NAME, BallotFile.NAME, BallotFile.NAME);
            if (!disk.writtenInParts.isEmpty()) assertEquals(ofSegment, disk.writtenInParts);
            if (random.nextInt(4) == 0) {
                log.sync();
                disk.crash();
                log = new SegmentedLog(disk, config, IDENTITY);
                log.open();
            }
            assertEquals(texts(expected), texts(all(log)));
        }
        assertTrue(disk.names().size() > 5, "hardly a segment was filled");
    }

    @Test
    void entriesAreReadBeforeTheyAreSynced() throws IOException {
        var log = logOn(newDisk());
        log.open();
        log.write(ballot(1));
        var written = entries(1, 2, 200);
        log.write(append(written));
        assertEquals(texts(written), texts(log.read(2, Integer.MAX_VALUE)));
        assertEquals(texts(written.subList(150, 199)), texts(log.read(152, Integer.MAX_VALUE)));
    }

    @Test
    void readIsBoundedByBytesButNeverEmpty() throws IOException {
        var log = logOn(newDisk());
        log.open();
        log.write(ballot(1));
        log.write(append(List.of(entry(1, 2, 100), entry(1, 3, 100), entry(1, 4, 100))));
        assertEquals(1, log.read(2, 1).size());
        assertEquals(1, log.read(2, 199).size());
        assertEquals(2, log.read(2, 200).size());
        assertEquals(List.of(), log.read(5, 1000));
        assertEquals(List.of(), log.read(0, 1000));
    }

    @Test
    void logRollsOverManySegmentsAndReopens() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        var expected = new ArrayList<Entry>(List.of(BOOTSTRAP));
        for (long index = 2; index <= 400; index++) {
            var entry = entry(1, index, (int) (index * 37 % 200));
            log.write(new Persist(null, 0, List.of(entry), index - 1));
            expected.add(entry);
            if (index % 3 == 0) log.sync();
            log.prepare();
        }
        log.sync();
        assertTrue(disk.names().size() > 10, () -> disk.names().toString());
        assertEquals(texts(expected), texts(all(log)));
        disk.crash();
        var reopened = logOn(disk);
        var recovered = reopened.open();
        assertEquals(399, recovered.commitIndex());
        assertEquals(texts(expected.subList(399, 400)), texts(recovered.tail()));
        assertEquals(texts(expected), texts(all(reopened)));
        for (long from = 1; from <= 400; from += 17) {
            assertEquals(from, reopened.read(from, 1).getFirst().index());
        }
    }

    @Test
    void oneGroupMayFillSeveralSegments() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        var written = entries(1, 2, 300);
        log.write(append(written));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        reopened.open();
        assertEquals(texts(written), texts(reopened.read(2, Integer.MAX_VALUE)));
    }

    @Test
    void entryLargerThanASegmentHasOneOfItsOwn() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        var written = List.of(entry(1, 2, 10), entry(1, 3, 50_001), entry(1, 4, 90_000),
                entry(1, 5, 10));
        log.write(append(written));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        reopened.open();
        assertEquals(texts(written), texts(reopened.read(2, Integer.MAX_VALUE)));
    }

    @Test
    void truncationReachesBackOverSegments() throws IOException {
        for (long from = 2; from <= 121; from++) {
            var disk = newDisk();
            var log = logOn(disk);
            log.open();
            log.write(ballot(1));
            var first = entries(1, 2, 120);
            log.write(append(first));
            log.sync();
            log.write(ballot(2));
            var second = entries(2, from, from + 40);
            log.write(replace(from, second));
            log.sync();
            disk.crash();
            var expected = new ArrayList<Entry>(first.subList(0, (int) from - 2));
            expected.addAll(second);
            var reopened = logOn(disk);
            var recovered = reopened.open();
            assertEquals(texts(expected), texts(reopened.read(2, Integer.MAX_VALUE)));
            assertEquals(new Position(2, from + 40), recovered.last());
        }
    }

    @Test
    void readingGoesOnAfterATruncation() throws IOException {
        var log = logOn(newDisk());
        log.open();
        log.write(ballot(2));
        log.write(append(entries(1, 2, 120)));
        assertEquals(119, log.read(2, Integer.MAX_VALUE).size());
        log.write(replace(30, entries(2, 30, 31)));
        assertEquals(texts(entries(2, 30, 31)), texts(log.read(30, Integer.MAX_VALUE)));
        log.write(replace(31, List.of()));
        assertEquals(new Position(2, 30), log.sync().last());
    }

    @Test
    void knownCommitSurvives() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        log.write(new Persist(null, 0, entries(1, 2, 5), 1));
        log.write(new Persist(null, 0, entries(1, 6, 7), 4));
        log.sync();
        disk.crash();
        assertEquals(4, logOn(disk).open().commitIndex());
    }

    @Test
    void knownCommitOfACleanStopSurvives() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        log.write(append(entries(1, 2, 5)));
        log.sync();
        log.write(new Persist(null, 0, List.of(), 5));
        log.close();
        disk.crash();
        var recovered = logOn(disk).open();
        assertEquals(5, recovered.commitIndex());
        assertEquals(List.of(), recovered.tail());
    }

    @Test
    void fullDiskIsSaidBeforeItHurtsAndRecovers() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        disk.capacity = 4096 + 8192 + 2000;
        assertEquals(Level.FULL, log.prepare().level());
        log.write(append(entries(1, 2, 5)));
        assertEquals(new Position(1, 5), log.sync().last());
        assertEquals(Level.FULL, log.prepare().level());
        disk.capacity = Long.MAX_VALUE;
        assertEquals(Level.PREPARING, log.prepare().level());
        assertEquals(Level.PREPARING, log.prepare().level());
        assertEquals(Level.PREPARING, log.prepare().level());
        assertEquals(Level.READY, log.prepare().level());
        assertEquals(Level.READY, log.prepare().level());
    }

    private static long used(CrashDisk disk) {
        return disk.capacity - disk.usableBytes();
    }

    @Test
    void theSpareMayBeMadeOfHalfOfTheFloor() throws IOException {
        var disk = newDisk();
        long used = used(disk);
        var log = new SegmentedLog(disk, new LogConfig(4096, 16_384, 2048), LogFixture.IDENTITY);
        log.open();
        // The floor is free, but not beside the spare.
        disk.capacity = used + 16_384;
        var room = log.prepare();
        assertEquals(Level.FULL_PREPARING, room.level());
        long before = room.bytesLeft();
        room = log.prepare();
        assertEquals(Level.FULL, room.level());
        assertEquals(before + 4096 - SegmentHeader.BYTES, room.bytesLeft());
        log.write(ballot(1));
        log.write(append(entries(1, 2, 5)));
        log.sync();
        assertTrue(log.prepare().bytesLeft() < room.bytesLeft());
        // Even what is kept now needs half of the floor beside it.
        log.write(append(entries(1, 6, 30)));
        log.sync();
        disk.capacity = used(disk) + 8_192 + 4_095;
        assertEquals(Level.FULL, log.prepare().level());
        assertTrue(log.prepare().bytesLeft() < 4096);
        disk.capacity++;
        assertEquals(Level.FULL_PREPARING, log.prepare().level());
    }

    /// The node counts by it, so it must be true.
    @Test
    void whatIsLeftOnAFullDiskCanBeWritten() throws IOException {
        for (int bytes = 0; bytes < 1500; bytes += 111) {
            var disk = newDisk();
            var log = logOn(disk);
            log.open();
            log.write(ballot(1));
            while (log.prepare().level() != Level.READY) {
                assertTrue(disk.operations < 100);
            }
            disk.capacity = used(disk);
            long left = log.prepare().bytesLeft();
            assertTrue(left > 4096);
            long each = LogStore.recordBytes(bytes);
            for (long index = 2; left >= 2 * each; index++, left -= each) {
                log.write(append(List.of(LogFixture.entry(1, index, bytes))));
                log.sync();
            }
        }
    }

    @Test
    void spaceThatVanishesBetweenSlicesIsFullToo() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        assertEquals(Level.PREPARING, log.prepare().level());
        disk.capacity = 0;
        assertEquals(Level.FULL, log.prepare().level());
        disk.capacity = Long.MAX_VALUE;
        while (log.prepare().level() != Level.READY) {
            assertTrue(disk.operations < 100);
        }
    }

    @Test
    void spareIsKeptOverARestartOnAFullDisk() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        while (log.prepare().level() == Level.PREPARING) {
            assertTrue(disk.operations < 100);
        }
        disk.crash();
        disk.capacity = 4096 + 8192 + 4096;
        var reopened = logOn(disk);
        reopened.open();
        assertEquals(Level.PREPARING, reopened.prepare().level());
        reopened.write(ballot(1));
        reopened.write(append(entries(1, 2, 30)));
        assertEquals(Level.FULL, reopened.prepare().level());
        assertEquals(30, reopened.sync().last().index());
    }

    private static List<Entry> behindTheFirst(Recovered recovered) {
        return recovered.tail().subList(1, recovered.tail().size());
    }

    @Test
    void aGroupThatAFullDiskHasNoRoomForIsFinishedLater() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        disk.capacity = used(disk);
        assertFalse(log.write(append(entries(1, 2, 300))));
        assertFalse(log.finish());
        assertThrows(IllegalStateException.class, log::sync, "half of it must not be promised");
        assertThrows(IllegalStateException.class, () -> log.write(append(entries(1, 301, 302))));
        assertEquals(Level.FULL, log.prepare().level());
        // Room for one segment more.
        disk.capacity = used(disk) + 2 * 4096;
        assertFalse(log.finish());
        disk.capacity = Long.MAX_VALUE;
        assertTrue(log.finish());
        assertEquals(new Position(1, 300), log.sync().last());
        disk.crash();
        assertEquals(entries(1, 2, 300), behindTheFirst(logOn(disk).open()));
    }

    @Test
    void whatWasWrittenOfAGroupThatWaitsIsNoDamage() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        disk.capacity = used(disk);
        assertFalse(log.write(append(entries(1, 2, 100))));
        disk.crash();
        disk.capacity = Long.MAX_VALUE;
        var recovered = logOn(disk).open();
        assertTrue(recovered.last().index() > 10);
        assertEquals(entries(1, 2, recovered.last().index()), behindTheFirst(recovered));
    }

    @Test
    void failedSyncIsNeverTriedAgain() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        log.write(append(entries(1, 2, 3)));
        disk.failSync = true;
        assertThrows(IOException.class, log::sync);
        disk.failSync = false;
        int operations = disk.operations;
        assertThrows(IOException.class, log::sync);
        assertThrows(IOException.class, () -> log.write(append(entries(1, 4, 4))));
        assertThrows(IOException.class, () -> log.read(1, 1));
        assertThrows(IOException.class, log::prepare);
        log.close();
        assertEquals(operations, disk.operations);
    }

    @Test
    void groupsThatContradictTheLogAreRefused() throws IOException {
        refuses(append(entries(1, 3, 3)));
        refuses(append(entries(2, 2, 2)));
        refuses(append(List.of(entry(1, 2, 1), entry(0, 3, 1))));
        refuses(replace(1, List.of()));
        refuses(replace(3, List.of()));
        refuses(ballot(0));
        refuses(new Persist(new Ballot(1, OTHER_NODE), 0, List.of(), 0));
    }

    private static void refuses(Persist group) throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        assertThrows(IllegalArgumentException.class, () -> log.write(group), group.toString());
    }

    @Test
    void committedEntriesAreNeverTruncated() throws IOException {
        var log = logOn(newDisk());
        log.open();
        log.write(ballot(1));
        log.write(new Persist(null, 0, entries(1, 2, 5), 4));
        assertThrows(IllegalArgumentException.class, () -> log.write(replace(4, List.of())));
    }

    @Test
    void foldersOfOthersAreRefused() throws IOException {
        assertThat(refusal(newDisk(), new Identity(OTHER_NODE, CLUSTER)),
                "belongs to node " + NODE);
        assertThat(refusal(newDisk(), new Identity(NODE, new ClusterId(new UUID(9, 9)))),
                "belongs to cluster " + CLUSTER);
        var mixed = newDisk();
        var stranger = new CrashDisk(1);
        SegmentedLog.create(stranger, SMALL, new Identity(OTHER_NODE, CLUSTER), BOOTSTRAP);
        mixed.put(FIRST_SEGMENT, stranger.bytes(FIRST_SEGMENT));
        assertThat(refusal(mixed, IDENTITY), FIRST_SEGMENT + " belongs to node " + OTHER_NODE);
    }

    private static void assertThat(String message, String contains) {
        assertTrue(message.contains(contains), message);
    }

    @Test
    void emptyFolderIsNoLog() {
        assertEquals("there is no log in this folder", refusal(new CrashDisk(1), IDENTITY));
    }
}
