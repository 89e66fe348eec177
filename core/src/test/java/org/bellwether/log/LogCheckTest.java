package org.bellwether.log;

import static org.bellwether.log.LogFixture.FIRST_SEGMENT;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.newDisk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A log that nobody uses is read to its end, whatever is in the way.
class LogCheckTest {
    private final CrashDisk disk = filled();

    private static CrashDisk filled() {
        try {
            var disk = newDisk();
            try (var log = logOn(disk)) {
                log.open();
                log.write(ballot(1));
                for (int i = 0; i < 12; i++) {
                    log.write(append(entries(1, 2 + 10 * i, 11 + 10 * i)));
                    log.sync();
                }
            }
            return disk;
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private List<String> files() throws IOException {
        return disk.names().stream().filter(SegmentHeader::isName).sorted().toList();
    }

    private void flip(String file, int at) {
        disk.bytes(file)[at] ^= 0x10;
    }

    @Test
    void soundLogHasNoFindings() throws IOException {
        var report = LogCheck.run(disk);
        assertEquals(List.of(), report.findings());
        assertEquals(IDENTITY, report.identity());
        assertEquals(121, report.last());
        assertEquals(121, report.entries());
        assertTrue(files().size() > 3);
    }

    @Test
    void whatIsBesideTheCopiesOfTheBallotIsToldOf() throws IOException {
        flip(BallotFile.NAME, 1054);
        assertEquals(List.of(new LogCheck.Finding(BallotFile.NAME, 1054, BallotFile.STRANGE)),
                LogCheck.run(disk).findings());
    }

    @Test
    void everyDamageIsToldOfNotOnlyTheFirst() throws IOException {
        var files = files();
        flip(files.get(0), SegmentHeader.BYTES + RecordHeader.BYTES + 3);
        flip(files.get(1), SegmentHeader.BYTES + 4);
        flip(files.get(2), 50);
        flip(BallotFile.NAME, 20);
        var told = LogCheck.run(disk).findings();
        assertEquals(List.of(BallotFile.NAME, files.get(0), files.get(1), files.get(2)),
                told.stream().map(LogCheck.Finding::file).toList(), told::toString);
    }

    @Test
    void missingSegmentIsAFinding() throws IOException {
        disk.delete(files().get(1));
        assertFalse(LogCheck.run(disk).findings().isEmpty());
    }

    /// Nothing that is good by itself is behind it. It is no damage, and not kept quiet about.
    @Test
    void tornTailIsToldOf() throws IOException {
        assertNull(LogCheck.run(disk).torn());
        var name = files().getLast();
        int end = (int) (slot().syncedOffset() - headerOf(name).baseOffset());
        disk.bytes(name)[end + 2] = 7;
        disk.bytes(name)[end + 40] = 7;
        var report = LogCheck.run(disk);
        assertEquals(List.of(), report.findings());
        assertEquals(new TornTail(name, end, 41), report.torn());
        var log = logOn(disk);
        log.open();
        assertEquals(report.torn(), log.tornTail());
        assertNull(LogCheck.run(disk).torn());
    }

    private SegmentHeader headerOf(String name) throws IOException {
        return SegmentHeader.decode(ByteBuffer.wrap(disk.bytes(name)), name);
    }

    @Test
    void everythingThatAStartRefusesIsFound() throws IOException {
        var random = new SplittableRandom(3);
        for (int i = 0; i < 300; i++) {
            var file = files().get(random.nextInt(files().size()));
            int at = random.nextInt(disk.bytes(file).length);
            flip(file, at);
            boolean refused = false;
            try {
                new Recovery(disk, slot(), null, IDENTITY,
                        new RecordReader(new RecordCodec(IDENTITY))).run();
            } catch (DamagedLogException expected) {
                refused = true;
            }
            var told = LogCheck.run(disk).findings();
            assertEquals(refused, !told.isEmpty(), file + " at " + at + ": " + told);
            flip(file, at);
        }
    }

    private BallotSlot slot() throws IOException {
        try (var ballot = BallotFile.open(disk)) {
            return ballot.slot();
        }
    }

    @Test
    void checkingChangesNothing() throws IOException {
        flip(FIRST_SEGMENT, 200);
        var before = disk.bytes(FIRST_SEGMENT).clone();
        var names = List.copyOf(disk.names());
        LogCheck.run(disk);
        org.junit.jupiter.api.Assertions.assertArrayEquals(before, disk.bytes(FIRST_SEGMENT));
        assertEquals(names, disk.names());
    }
}
