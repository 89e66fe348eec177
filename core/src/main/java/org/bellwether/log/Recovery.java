package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;

/// Reads a whole log and judges it, without changing a byte.
///
/// A crash may leave the last writes in any state: whole, in part, in any order. That is a *torn tail*, and
/// it is cut. Bytes that once were synced and cannot be read are *damage*: cutting there could drop what this
/// node acknowledged, so it is refused. The two look the same where they happen; they are told apart by
/// what else is known. Everything in front of these places was synced:
///
/// * the offset that any later record carries (it was known to be synced when that record was written),
/// * the base of any later segment (a segment is synced before the next one is made),
/// * the offset in the ballot file (written at every vote, truncation, start and clean stop, when a segment got its name,
///   and now and then when nobody waits for the disk).
///
/// A record that cannot be trusted and starts in front of one of them is damage, else it is torn.
final class Recovery {
    private final Disk disk;
    private final Identity expected;
    private final BallotSlot slot;
    private final @Nullable LogBase base;
    private final RecordReader reader;

    private final List<Segment> segments = new ArrayList<>();
    private final List<String> doomed = new ArrayList<>();
    private final List<String> leftOver = new ArrayList<>();
    private final List<Position> termStarts = new ArrayList<>();
    private final List<Entry> memberships = new ArrayList<>();
    private Position last = Position.NONE;
    private int lastChecksum;
    private long commitIndex;
    private long nextBaseOffset;
    private @Nullable TornTail tornTail;

    /// @param base where the log begins; null if it is whole
    Recovery(Disk disk, BallotSlot slot, @Nullable LogBase base, Identity expected,
            RecordReader reader) {
        this.disk = disk;
        this.slot = slot;
        this.base = base;
        this.expected = expected;
        this.reader = reader;
    }

    /// What was found. The caller finishes the cut, if there is one, before it uses the log.
    ///
    /// @param segments     in order; the last one may be empty; none at all if the log is to start anew at its base
    /// @param doomed       names of the segments behind an unfinished cut, in order
    /// @param leftOver     names of the segments in front of the base
    /// @param lastChecksum of the last record, for the chain
    /// @param tornTail     null if there are only zeros behind the last record
    record Found(List<Segment> segments, List<String> doomed, List<String> leftOver,
            List<Position> termStarts, List<Entry> memberships, Position last, int lastChecksum,
            long commitIndex, @Nullable TornTail tornTail) {}

    Found run() throws IOException {
        refuseForeign(BallotFile.NAME, slot.identity());
        if (base != null) beginAt(base);
        if (base == null || !base.restarting()) readSegments();
        if (last.term() > slot.ballot().term()) {
            throw new DamagedLogException(BallotFile.NAME, 0,
                    "the ballot is of term %d, older than the log, which ends at %s"
                            .formatted(slot.ballot().term(), last));
        }
        return new Found(segments, doomed, leftOver, termStarts, memberships, last, lastChecksum,
                Math.min(Math.max(commitIndex, slot.commitIndex()), last.index()), tornTail);
    }

    private void beginAt(LogBase from) throws IOException {
        refuseForeign(LogBase.NAME, from.identity());
        if (from.restarting() && slot.isCutting()) {
            throw new DamagedLogException(LogBase.NAME, 0,
                    "the log is to start anew, and the ballot file knows of a cut in it;"
                            + " the two are not of one time");
        }
        last = from.position();
        lastChecksum = from.checksum();
        nextBaseOffset = from.offset();
        commitIndex = last.index();
        termStarts.add(last);
        memberships.add(from.bootstrap());
        if (from.membership().index() > 1) memberships.add(from.membership());
    }

    private void readSegments() throws IOException {
        for (var name : disk.names().stream().filter(SegmentHeader::isName).sorted().toList()) {
            long firstIndex = SegmentHeader.firstIndex(name);
            if (slot.isCutting() && firstIndex > slot.cut().index())
                doomed.add(name);
            else if (firstIndex <= last.index())
                leftOver.add(name);
            else
                segments.add(new Segment(readHeader(name)));
        }
        if (segments.isEmpty())
            throw new DamagedLogException(BallotFile.NAME, 0, "there is a ballot but no log");
        for (int i = 0; i < segments.size(); i++) {
            boolean isLast = i == segments.size() - 1;
            scan(segments.get(i), isLast ? null : segments.get(i + 1));
        }
    }

    private SegmentHeader readHeader(String name) throws IOException {
        try (var file = disk.open(name)) {
            var block = ByteBuffer.allocate(Block.BYTES_MAX);
            file.read(block, 0);
            var header = SegmentHeader.decode(block.flip(), name);
            refuseForeign(name, header.identity());
            return header;
        }
    }

    private void refuseForeign(String file, Identity found) throws IOException {
        if (!found.cluster().equals(expected.cluster())) {
            throw new IOException("%s belongs to cluster %s; this node is of cluster %s"
                    .formatted(file, found.cluster(), expected.cluster()));
        }
        if (!found.node().equals(expected.node())) {
            throw new IOException("%s belongs to node %s; this is node %s"
                    .formatted(file, found.node(), expected.node()));
        }
    }

    private void scan(Segment segment, @Nullable Segment next) throws IOException {
        checkStart(segment);
        try (var file = disk.open(segment.name)) {
            long size = file.size();
            if (next == null) refuseShort(segment, size);
            long end = next == null
                    ? endOfLast(segment, size)
                    : next.header.baseOffset() - segment.header.baseOffset();
            if (end < SegmentHeader.BYTES || end > size) {
                throw new DamagedLogException(segment.name, size,
                        "the file ends here; its records were known to reach to " + end);
            }
            reader.turnTo(file, segment, end);
            readRecords(segment, end);
            boolean complete = segment.end() == end && (next != null || slot.isCutting());
            if (!complete) judgeEnd(segment, next, end);
        }
    }

    /// Where the last segment's records end only the zeros behind them say. In the others they may be missing.
    private static void refuseShort(Segment segment, long size) throws DamagedLogException {
        long made = segment.header.fileBytes();
        if (size < made) {
            throw new DamagedLogException(segment.name, size, ("the file ends here, and it had %d"
                    + " bytes before anything was written to it: it was cut short, and nobody"
                    + " knows which entries are missing").formatted(made));
        }
    }

    /// Where the last segment's records may reach to. Behind an unfinished cut there are only records
    /// that are to go, and they prove nothing.
    private long endOfLast(Segment segment, long size) {
        return slot.isCutting() ? slot.cut().offset() - segment.header.baseOffset() : size;
    }

    private void checkStart(Segment segment) throws DamagedLogException {
        var header = segment.header;
        if (header.firstIndex() != last.index() + 1) {
            String orBase = base == null && last.equals(Position.NONE)
                    ? ", or the file 'base', which says where a log begins that was cut"
                    : "";
            throw new DamagedLogException(segment.name, 0,
                    "the log has a gap: a segment with index %d is missing%s"
                            .formatted(last.index() + 1, orBase));
        }
        boolean follows = header.previous().equals(last)
                && header.previousChecksum() == lastChecksum
                && header.baseOffset() == nextBaseOffset;
        if (!follows) {
            throw new DamagedLogException(segment.name, 0,
                    "this segment does not continue the one before, which ends at " + last);
        }
    }

    /// Takes every record up to the first that cannot be trusted.
    private void readRecords(Segment segment, long end) throws IOException {
        while (segment.end() < end) {
            var header = reader.header(segment.end());
            if (header == null || !reader.fits(header)) break;
            if (header.previous() != lastChecksum || header.position().index() != last.index() + 1
                    || header.position().term() < last.term()) {
                // Its own checksum is right: this was written here, but not after what stands before it.
                throw new DamagedLogException(segment.name, segment.end(),
                        "record %s does not continue the log, which ends at %s before it"
                                .formatted(header.position(), last));
            }
            if (!reader.payloadIsGood(header)) break;
            take(segment, header);
        }
        nextBaseOffset = segment.endOffset();
    }

    private void take(Segment segment, RecordHeader header) throws IOException {
        var position = header.position();
        if (termStarts.isEmpty() || position.term() > last.term()) termStarts.add(position);
        if (header.kind() == Entry.Kind.MEMBERSHIP) {
            var entry = reader.entry(header);
            if (entry != null) memberships.add(entry);
        }
        last = position;
        lastChecksum = header.checksum();
        commitIndex = Math.max(commitIndex, header.commitIndex());
        segment.append(header.recordBytes());
    }

    /// The records end too early, or nobody knows where they should end: torn, or damaged?
    private void judgeEnd(Segment segment, @Nullable Segment next, long end)
            throws IOException {
        long synced = next != null
                ? next.header.baseOffset()
                : Math.max(slot.syncedOffset(), claimBehind(segment, end));
        if (synced > segment.endOffset()) {
            throw new DamagedLogException(segment.name, segment.end(),
                    "the record of index %d cannot be read%s, but the log was known to be synced up to"
                            .formatted(segment.nextIndex(), next == null
                                    ? ", or a segment with it is missing"
                                    : "")
                            + " offset " + (synced - segment.header.baseOffset())
                            + " of this file; nothing was changed");
        }
        long bytes = reader.endOfContent(segment.end(), end) - segment.end();
        if (bytes > 0) tornTail = new TornTail(segment.name, segment.end(), bytes);
    }

    /// The largest offset that any record behind the end claims to have been synced; 0 if there is none.
    private long claimBehind(Segment segment, long end) throws IOException {
        long claim = 0;
        var first = segment.end() < end ? reader.header(segment.end()) : null;
        // If just its payload is bad, what looks like a record in there is payload.
        long at = first == null ? segment.end() : segment.end() + first.recordBytes();
        while (at + RecordHeader.BYTES <= end) {
            long word = reader.word(at);
            var header = (int) (word >>> 32) == RecordCodec.MAGIC ? reader.header(at) : null;
            if (header != null) {
                claim = Math.max(claim, header.syncedOffset());
                at += header.recordBytes();
            } else if (word == 0) {
                at += reader.endOfZeros(at, end) - at & -RecordHeader.ALIGNMENT;
            } else {
                at += RecordHeader.ALIGNMENT;
            }
        }
        return claim;
    }
}
