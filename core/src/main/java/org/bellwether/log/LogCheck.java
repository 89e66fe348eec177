package org.bellwether.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.disk.Disk;
import org.jspecify.annotations.Nullable;

/// Reads a log that nobody uses, changes nothing, and tells of everything that is wrong with it: not only of the first
/// damage, which is where a start stops.
public final class LogCheck {
    private final Disk disk;
    private final List<Finding> findings = new ArrayList<>();
    private long entries;
    private long bytes;

    /// @param offset in the file
    public record Finding(String file, long offset, String what) {
        @Override
        public String toString() {
            return file + ", offset " + offset + ": " + what;
        }
    }

    /// @param identity whose log it is
    /// @param base     after which index it begins
    /// @param last     where it ends, if it is sound
    /// @param entries  that can be read, some of which may be of no use behind a damage
    /// @param torn     what stands behind the last one and cannot be read, as after a loss of power: a start cuts it; null
    ///                 if there is nothing
    /// @param findings empty if a start would find nothing wrong
    public record Report(Identity identity, long base, long last, long entries, long bytes,
            @Nullable TornTail torn, List<Finding> findings) {}

    private LogCheck(Disk disk) {
        this.disk = disk;
    }

    /// @throws IOException if there is no log, its owner cannot be made out, or the disk fails
    public static Report run(Disk disk) throws IOException {
        return new LogCheck(disk).check(SegmentedLog.identify(disk));
    }

    private Report check(Identity identity) throws IOException {
        long base = 0;
        long last = 0;
        TornTail torn = null;
        BallotSlot slot;
        try (var ballot = BallotFile.open(disk)) {
            slot = ballot.slot();
            if (ballot.staleCopyAt() >= 0) {
                findings.add(new Finding(BallotFile.NAME, ballot.staleCopyAt(),
                        "this copy is older than the other, or bad; a start writes it anew"));
            }
            if (ballot.strangeAt() >= 0) {
                findings.add(new Finding(BallotFile.NAME, ballot.strangeAt(), BallotFile.STRANGE));
            }
        }
        var codec = new RecordCodec(identity);
        for (var name : segments())
            scan(name, codec);
        try {
            var from = LogBase.read(disk);
            if (from != null) base = from.position().index();
            var found = new Recovery(disk, slot, from, identity, new RecordReader(codec)).run();
            last = found.last().index();
            torn = found.tornTail();
            findings.removeIf(finding -> isOfNoConsequence(finding, found));
        } catch (DamagedLogException damaged) {
            var finding = new Finding(damaged.file(), damaged.offset(), damaged.what());
            boolean told = findings.stream().anyMatch(other -> other.file().equals(finding.file())
                    && other.offset() == finding.offset());
            if (!told) findings.add(finding);
        }
        return new Report(identity, base, last, entries, bytes, torn, List.copyOf(findings));
    }

    /// In a file that is left over, or in the torn tail.
    private static boolean isOfNoConsequence(Finding finding, Recovery.Found found) {
        if (finding.file().equals(BallotFile.NAME)) return false;
        return isInTail(finding, found) || found.segments().stream()
                .noneMatch(segment -> segment.name.equals(finding.file()));
    }

    private static boolean isInTail(Finding finding, Recovery.Found found) {
        var last = found.segments().getLast();
        return last.name.equals(finding.file()) && finding.offset() >= last.end();
    }

    private List<String> segments() throws IOException {
        return disk.names().stream().filter(SegmentHeader::isName).sorted().toList();
    }

    /// Every record of one file. Behind a bad one, the next that is good by itself is looked for: what is behind
    /// the last good one is a torn tail, or was never written.
    private void scan(String name, RecordCodec codec) throws IOException {
        try (var file = disk.open(name)) {
            var block = ByteBuffer.allocate(Block.BYTES_MAX);
            file.read(block, 0);
            var segment = new Segment(SegmentHeader.decode(block.flip(), name));
            var reader = new RecordReader(codec);
            long size = file.size();
            reader.turnTo(file, segment, size);
            long bad = -1;
            long at = SegmentHeader.BYTES;
            while (at + RecordHeader.BYTES <= size) {
                var header = (int) (reader.word(at) >>> 32) == RecordCodec.MAGIC
                        ? reader.header(at)
                        : null;
                if (header == null || !reader.fits(header)) {
                    if (bad < 0) bad = at;
                    at += RecordHeader.ALIGNMENT;
                    continue;
                }
                if (bad >= 0) {
                    findings.add(new Finding(name, bad, "%d bytes before the record of index %d"
                            .formatted(at - bad, header.position().index())
                            + " cannot be read"));
                    bad = -1;
                }
                if (!reader.payloadIsGood(header)) {
                    findings.add(new Finding(name, at, "the payload of the record of index "
                            + header.position().index() + " fails its checksum"));
                }
                entries++;
                bytes += header.recordBytes();
                at += header.recordBytes();
            }
        } catch (DamagedLogException damaged) {
            findings.add(new Finding(damaged.file(), damaged.offset(), damaged.what()));
        }
    }
}
