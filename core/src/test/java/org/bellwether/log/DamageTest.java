package org.bellwether.log;

import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.FIRST_SEGMENT;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.SMALL;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.newDisk;
import static org.bellwether.log.LogFixture.refusal;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.junit.jupiter.api.Test;

/// A torn tail is cut, damage is refused, and the two are told apart.
class DamageTest {
    private static final int SLOT = BallotFile.SLOT_DISTANCE;

    /// Where the records of these entries start in the first segment, and where the last one ends.
    private static int[] starts(int count, Entry... entries) {
        var starts = new int[entries.length + 1];
        long at = SegmentHeader.BYTES + RecordHeader.recordBytes(BOOTSTRAP.bytes());
        for (int i = 0; i < count; i++) {
            starts[i] = (int) at;
            at += RecordHeader.recordBytes(entries[i].bytes());
        }
        starts[count] = (int) at;
        return starts;
    }

    private static final Entry[] THREE = {entry(1, 2, 61), entry(1, 3, 77), entry(1, 4, 50)};

    /// The bootstrap record and three entries, each synced before the next was written.
    private static CrashDisk threeEntries() throws IOException {
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        for (var entry : THREE) {
            log.write(append(List.of(entry)));
            log.sync();
        }
        return disk;
    }

    @Test
    void tailTornAtAnyByteIsCut() throws IOException {
        int[] starts = starts(3, THREE);
        var whole = threeEntries();
        byte[] bytes = whole.bytes(FIRST_SEGMENT);
        for (int keep = starts[2]; keep < starts[3]; keep++) {
            var zeroed = bytes.clone();
            Arrays.fill(zeroed, keep, starts[3], (byte) 0);
            expectCut(whole, zeroed, Arrays.equals(zeroed, bytes));
            var lost = bytes.clone();
            Arrays.fill(lost, starts[2], keep + 1, (byte) 0);
            expectCut(whole, lost, false);
            var flipped = bytes.clone();
            flipped[keep] ^= 0x10;
            expectCut(whole, flipped, false);
        }
    }

    /// A segment has its full size, synced, before anything is written to it: no crash makes it shorter.
    @Test
    void lastSegmentThatIsShorterThanItWasMadeIsRefused() throws IOException {
        for (var whole : List.of(newDisk(), threeEntries(), manySegments())) {
            var name = whole.names().stream().filter(SegmentHeader::isName).toList().getLast();
            byte[] bytes = whole.bytes(name);
            for (int size : new int[]{SegmentHeader.BYTES, 1000, 3000, bytes.length - 1}) {
                var disk = whole.copy();
                disk.put(name, Arrays.copyOf(bytes, size));
                assertContains(refusal(disk, IDENTITY),
                        "%s, offset %d: the file ends here, and it had %d bytes".formatted(name,
                                size, SMALL.segmentBytes()));
                assertEquals(List.of(name),
                        LogCheck.run(disk).findings().stream().map(LogCheck.Finding::file)
                                .toList());
            }
        }
    }

    /// Segments may be larger or smaller than those of the run before.
    @Test
    void segmentsOfAnotherSizeAreNotTakenForShort() throws IOException {
        var disk = threeEntries();
        for (int bytes : new int[]{3 * 4096, 4096, 2 * 4096}) {
            var log = new SegmentedLog(disk, new LogConfig(bytes, 0, 1024), IDENTITY);
            long last = log.open().last().index();
            log.prepare();
            log.write(append(entries(1, last + 1, last + 60)));
            log.sync();
            disk.crash();
            assertEquals(last + 60, logOn(disk.copy()).open().last().index());
        }
    }

    private static void expectCut(CrashDisk whole, byte[] segment, boolean nothingLost)
            throws IOException {
        var disk = whole.copy();
        disk.put(FIRST_SEGMENT, segment);
        var log = logOn(disk);
        var recovered = log.open();
        if (nothingLost) { // only padding was overwritten
            assertEquals(4, recovered.last().index());
            return;
        }
        assertEquals(new Position(1, 3), recovered.last());
        assertEquals(texts(List.of(BOOTSTRAP, THREE[0], THREE[1])), texts(recovered.tail()));
        var other = entry(1, 4, 20);
        log.write(append(List.of(other)));
        log.sync();
        disk.crash();
        assertEquals(texts(List.of(other)), texts(logOn(disk).open().tail().subList(3, 4)));
    }

    @Test
    void anyFlippedBitOfASyncedRecordIsRefused() throws IOException {
        int[] starts = starts(3, THREE);
        var whole = threeEntries();
        for (int at = starts[1]; at < starts[2]; at++) {
            for (int bit = 0; bit < 8; bit += 3) {
                var disk = whole.copy();
                disk.bytes(FIRST_SEGMENT)[at] ^= (byte) (1 << bit);
                var message = refusal(disk, IDENTITY);
                assertTrue(message.startsWith(FIRST_SEGMENT + ", offset " + starts[1] + ": "),
                        message);
            }
        }
    }

    @Test
    void syncedRecordThatBecameZeroIsRefused() throws IOException {
        int[] starts = starts(3, THREE);
        var disk = threeEntries();
        Arrays.fill(disk.bytes(FIRST_SEGMENT), starts[1], starts[2], (byte) 0);
        assertContains(refusal(disk, IDENTITY), FIRST_SEGMENT + ", offset " + starts[1]);
    }

    /// The last record has no other behind it, but after a clean stop the ballot file vouches for it.
    @Test
    void damageToTheVeryEndIsRefusedAfterACleanStop() throws IOException {
        int[] starts = starts(3, THREE);
        var disk = threeEntries();
        var log = logOn(disk);
        log.open();
        log.close();
        var shortened = disk.copy();
        shortened.put(FIRST_SEGMENT, Arrays.copyOf(disk.bytes(FIRST_SEGMENT), starts[3] - 1));
        disk.bytes(FIRST_SEGMENT)[starts[2] + 70] ^= 1;
        assertContains(refusal(disk, IDENTITY), FIRST_SEGMENT + ", offset " + starts[2]);
        assertContains(refusal(shortened, IDENTITY),
                FIRST_SEGMENT + ", offset " + (starts[3] - 1));
    }

    /// Nothing comes later that could vouch for it, but the ballot file knew of it when it got its name.
    @Test
    void lastSegmentThatIsMissingIsRefusedAfterAKill() throws IOException {
        var disk = newDisk();
        fillSegments(disk);
        disk.kill();
        var segments = disk.names().stream().filter(SegmentHeader::isName).toList();
        assertTrue(segments.size() > 3);
        disk.remove(segments.getLast());
        var message = refusal(disk, IDENTITY);
        assertContains(message, segments.get(segments.size() - 2) + ", offset ");
        assertContains(message, "a segment with it is missing");
        assertEquals(1, LogCheck.run(disk).findings().size());
    }

    @Test
    void endThatBecameZeroIsRefusedOnceItWasNoted() throws IOException {
        int[] starts = starts(3, THREE);
        var disk = newDisk();
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        log.write(append(List.of(THREE)));
        log.sync();
        var untold = disk.copy();
        log.noteSynced();
        disk.kill();
        for (int from = 0; from < 3; from++) {
            var zeroed = disk.copy();
            Arrays.fill(zeroed.bytes(FIRST_SEGMENT), starts[from], starts[3], (byte) 0);
            assertContains(refusal(zeroed, IDENTITY),
                    FIRST_SEGMENT + ", offset " + starts[from] + ": ");
        }
        Arrays.fill(untold.bytes(FIRST_SEGMENT), starts[2], starts[3], (byte) 0);
        assertEquals(new Position(1, 3), logOn(untold).open().last());
    }

    /// As long as what a start found is all there is.
    @Test
    void whatAStartFoundIsNoted() throws IOException {
        int[] starts = starts(3, THREE);
        var disk = threeEntries();
        logOn(disk).open();
        disk.kill();
        Arrays.fill(disk.bytes(FIRST_SEGMENT), starts[2], starts[3], (byte) 0);
        assertContains(refusal(disk, IDENTITY), FIRST_SEGMENT + ", offset " + starts[2]);
    }

    /// What a client sends cannot pass for evidence: a record carries its own place.
    @Test
    void recordsInsideAPayloadAreNoEvidence() throws IOException {
        var disk = threeEntries();
        int[] starts = starts(3, THREE);
        byte[] copied = Arrays.copyOfRange(disk.bytes(FIRST_SEGMENT), starts[2], starts[3]);
        byte[] payload = new byte[2 * copied.length];
        System.arraycopy(copied, 0, payload, copied.length, copied.length);
        var log = logOn(disk);
        log.open();
        log.write(append(
                List.of(Entry.of(new Position(1, 5), Entry.Kind.COMMANDS, payload))));
        log.sync();
        disk.bytes(FIRST_SEGMENT)[starts[3] + 9] ^= 1;
        assertEquals(new Position(1, 4), logOn(disk).open().last());
    }

    @Test
    void anyFlippedBitOfASegmentHeaderIsRefused() throws IOException {
        var whole = manySegments();
        var segments = whole.names().stream().filter(SegmentHeader::isName).toList();
        for (var name : List.of(segments.getFirst(), segments.get(2), segments.getLast())) {
            for (int at = 0; at < SegmentHeader.BYTES; at++) {
                var disk = whole.copy();
                disk.bytes(name)[at] ^= 0x04;
                assertContains(refusal(disk, IDENTITY), name + ", offset 0");
            }
        }
    }

    @Test
    void anyMissingSegmentIsRefused() throws IOException {
        var whole = manySegments();
        var segments = whole.names().stream().filter(SegmentHeader::isName).toList();
        for (var name : segments) {
            var disk = whole.copy();
            disk.remove(name);
            assertContains(refusal(disk, IDENTITY), "log-");
        }
        segments.forEach(whole::remove);
        assertContains(refusal(whole, IDENTITY), "a ballot but no log");
        assertTrue(SegmentedLog.exists(whole));
    }

    @Test
    void shortenedMiddleSegmentIsRefused() throws IOException {
        var disk = manySegments();
        var name = disk.names().stream().filter(SegmentHeader::isName).toList().get(1);
        disk.put(name, Arrays.copyOf(disk.bytes(name), 2000));
        assertContains(refusal(disk, IDENTITY), name + ", offset 2000");
    }

    @Test
    void anyFlippedBitOfTheBaseIsRefused() throws IOException {
        var whole = cutLog();
        byte[] base = whole.bytes(LogBase.NAME);
        for (int at = 0; at < base.length; at++) {
            var disk = whole.copy();
            disk.bytes(LogBase.NAME)[at] ^= 0x02;
            assertContains(refusal(disk, IDENTITY), LogBase.NAME + ", offset ");
        }
        for (byte[] bytes : List.of(new byte[0], Arrays.copyOf(base, 60),
                Arrays.copyOf(base, base.length - 1), Arrays.copyOf(base, base.length + 1))) {
            var disk = whole.copy();
            disk.put(LogBase.NAME, bytes);
            assertContains(refusal(disk, IDENTITY), LogBase.NAME + ", offset ");
        }
    }

    @Test
    void missingBaseIsRefused() throws IOException {
        var disk = cutLog();
        disk.remove(LogBase.NAME);
        assertContains(refusal(disk, IDENTITY),
                "a segment with index 1 is missing, or the file 'base'");
    }

    @Test
    void missingSegmentBehindTheBaseIsRefused() throws IOException {
        var whole = cutLog();
        var segments = whole.names().stream().filter(SegmentHeader::isName).toList();
        assertTrue(segments.size() > 2);
        for (var name : segments.subList(0, segments.size() - 1)) {
            var disk = whole.copy();
            disk.remove(name);
            assertContains(refusal(disk, IDENTITY), "log-");
        }
        var bare = whole.copy();
        segments.forEach(bare::remove);
        assertContains(refusal(bare, IDENTITY), "a ballot but no log");
        bare.remove(BallotFile.NAME);
        assertTrue(SegmentedLog.exists(bare));
        assertContains(refusal(bare, IDENTITY), "a log but no ballot");
    }

    /// From an old backup, or of another cut: it would bring in what does not follow it.
    @Test
    void baseOfAnotherTimeIsRefused() throws IOException {
        var disk = cutLog();
        byte[] early = disk.bytes(LogBase.NAME).clone();
        var log = logOn(disk);
        log.open();
        log.cut(110, 0);
        var later = disk.copy();
        later.put(LogBase.NAME, early);
        assertContains(refusal(later, IDENTITY), "the log has a gap");

        log.restart(new Position(1, 200), BOOTSTRAP);
        log.close();
        byte[] restarted = disk.bytes(LogBase.NAME).clone();
        disk.put(LogBase.NAME, early);
        assertContains(refusal(disk, IDENTITY), "the log has a gap");
        var mixed = cutLog();
        mixed.put(LogBase.NAME, restarted);
        assertContains(refusal(mixed, IDENTITY), "a ballot but no log");
    }

    @Test
    void baseOfAnotherNodeIsRefused() throws IOException {
        var strange = new Identity(LogFixture.OTHER_NODE, LogFixture.CLUSTER);
        var stranger = new CrashDisk(1);
        SegmentedLog.create(stranger, LogFixture.SMALL, strange, BOOTSTRAP);
        var log = new SegmentedLog(stranger, LogFixture.SMALL, strange);
        log.open();
        log.write(ballot(1));
        log.write(append(entries(1, 2, 120)));
        log.cut(40, 0);
        var disk = cutLog();
        disk.put(LogBase.NAME, stranger.bytes(LogBase.NAME));
        assertContains(refusal(disk, IDENTITY), "base belongs to node " + LogFixture.OTHER_NODE);
    }

    /// The beginning is gone, with segments behind it left.
    private static CrashDisk cutLog() throws IOException {
        var disk = manySegments();
        var log = logOn(disk);
        log.open();
        assertTrue(log.cut(40, 0).index() > 0);
        log.close();
        return disk;
    }

    private static CrashDisk manySegments() throws IOException {
        var disk = newDisk();
        fillSegments(disk).close();
        return disk;
    }

    private static SegmentedLog fillSegments(CrashDisk disk) throws IOException {
        var log = logOn(disk);
        log.open();
        log.write(ballot(1));
        log.write(append(entries(1, 2, 120)));
        log.sync();
        return log;
    }

    @Test
    void damageThatHappensLaterIsFoundWhenReading() throws IOException {
        int[] starts = starts(3, THREE);
        for (int at : new int[]{starts[1] + 3, starts[1] + 70}) {
            var disk = threeEntries();
            var log = logOn(disk);
            log.open();
            disk.bytes(FIRST_SEGMENT)[at] ^= 1;
            var damaged = assertThrows(DamagedLogException.class, () -> log.read(1, 10_000));
            assertContains(String.valueOf(damaged.getMessage()),
                    FIRST_SEGMENT + ", offset " + starts[1]);
        }
    }

    @Test
    void oneDamagedCopyOfTheBallotForgetsNothing() throws IOException {
        var whole = threeEntries();
        for (int copy = 0; copy < 2; copy++) {
            for (int at = 0; at < BallotSlot.BYTES; at++) {
                var disk = whole.copy();
                disk.bytes(BallotFile.NAME)[copy * SLOT + at] ^= 0x20;
                assertEquals(new Ballot(1, LogFixture.NODE), logOn(disk).open().ballot());
                disk.crash();
                byte[] repaired = disk.bytes(BallotFile.NAME);
                assertArrayEquals(Arrays.copyOf(repaired, BallotSlot.BYTES),
                        Arrays.copyOfRange(repaired, SLOT, SLOT + BallotSlot.BYTES));
            }
        }
    }

    /// No checksum is over them.
    @Test
    void whatIsBesideTheCopiesOfTheBallotIsZero() throws IOException {
        var whole = threeEntries();
        for (int at : new int[]{BallotSlot.BYTES, 1054, 2108, SLOT - 1, SLOT + BallotSlot.BYTES,
                2 * SLOT - 1}) {
            var disk = whole.copy();
            disk.bytes(BallotFile.NAME)[at] ^= 0x20;
            assertContains(refusal(disk, IDENTITY), "ballot, offset " + at + ": ");
        }
        var bytes = whole.bytes(BallotFile.NAME);
        for (int size : new int[]{SLOT + BallotSlot.BYTES, 2 * SLOT - 1, 2 * SLOT + 1, 3 * SLOT}) {
            var disk = whole.copy();
            disk.put(BallotFile.NAME, Arrays.copyOf(bytes, size));
            assertContains(refusal(disk, IDENTITY),
                    "ballot, offset " + Math.min(size, 2 * SLOT) + ": ");
        }
    }

    @Test
    void twoDamagedCopiesOfTheBallotAreRefused() throws IOException {
        var whole = threeEntries();
        for (int at = 0; at < BallotSlot.BYTES; at++) {
            var disk = whole.copy();
            disk.bytes(BallotFile.NAME)[at] ^= 0x20;
            disk.bytes(BallotFile.NAME)[SLOT + at] ^= 0x20;
            assertContains(refusal(disk, IDENTITY), "ballot, offset 0: neither copy");
        }
    }

    @Test
    void missingBallotIsRefused() throws IOException {
        var disk = threeEntries();
        disk.remove(BallotFile.NAME);
        assertTrue(SegmentedLog.exists(disk));
        assertContains(refusal(disk, IDENTITY), "there is a log but no ballot");
    }

    @Test
    void emptyBallotFileIsRefused() throws IOException {
        var disk = threeEntries();
        disk.put(BallotFile.NAME, new byte[0]);
        assertContains(refusal(disk, IDENTITY), "ballot, offset 0");
    }

    @Test
    void ballotOfAnOldBackupIsRefused() throws IOException {
        var disk = newDisk();
        byte[] old = disk.bytes(BallotFile.NAME).clone();
        var log = logOn(disk);
        log.open();
        log.write(ballot(7));
        log.write(append(entries(7, 2, 3)));
        log.sync();
        disk.put(BallotFile.NAME, old);
        assertContains(refusal(disk, IDENTITY), "older than the log");
    }

    @Test
    void filesOfANewerVersionAreRefused() throws IOException {
        var cut = cutLog();
        var first = cut.names().stream().filter(SegmentHeader::isName).findFirst().orElseThrow();
        var sizes = Map.of(BallotFile.NAME, BallotSlot.BYTES, first, SegmentHeader.BYTES,
                LogBase.NAME, LogBase.BYTES);
        for (var name : sizes.keySet()) {
            var disk = cut.copy();
            byte[] bytes = disk.bytes(name);
            byte[] header = Arrays.copyOf(bytes, sizes.get(name));
            header[5] = 2;
            Block.seal(ByteBuffer.wrap(header));
            System.arraycopy(header, 0, bytes, 0, header.length);
            assertContains(refusal(disk, IDENTITY),
                    name + ", offset 0: format version 2; this program reads version 1");
        }
    }

    @Test
    void strayNameIsRefused() throws IOException {
        for (var name : List.of("log-1", "log-0000000000000000000x", "log-99999999999999999999")) {
            var disk = threeEntries();
            disk.put(name, new byte[100]);
            assertContains(refusal(disk, IDENTITY), name);
        }
    }

    @Test
    void noiseInsteadOfASegmentIsRefusedAndAllocatesNothingHuge() throws IOException {
        var random = new java.util.Random(7);
        for (int run = 0; run < 200; run++) {
            var disk = threeEntries();
            byte[] bytes = disk.bytes(FIRST_SEGMENT);
            var noise = new byte[64 + random.nextInt(1000)];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, bytes, SegmentHeader.BYTES + random.nextInt(100),
                    noise.length);
            var lines = new ArrayList<String>();
            assertThrows(IOException.class, () -> lines.add(logOn(disk).open().toString()),
                    () -> lines.toString());
        }
    }

    private static void assertContains(String message, String part) {
        assertTrue(message.contains(part), message);
    }
}
