package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.log.BallotSlot.Cut;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.disk.Disk.DiskFullException;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;
import org.jspecify.annotations.Nullable;

/// The log as a chain of segment files beside one ballot file; `docs/formats.md` draws every byte.
///
/// *Writing.* A group is one write into a file that has its full size and holds zeros, so that the sync after
/// it has no metadata to write. A ballot is durable before anything else of its group is written: an
/// entry of a term that the ballot does not know yet must never be found after a crash.
///
/// *Truncation.* Records that were cut off must never be taken for evidence of damage, nor come back. So
/// the cut is written into the ballot file first; then later segments are deleted, last first, the rest is
/// overwritten with zeros, and the cut is taken out again. A crash between is finished at the next start.
///
/// *Cutting the beginning off*, and *restarting* behind a snapshot: what the log is to be is written into the
/// file `base` first ([LogBase]); then files are deleted. A crash between is finished at the next start.
///
/// *A full disk* is seen when the next segment is prepared. Then [#prepare] says so, and what fits into the current
/// segment, and the next if it is ready, can still be written. So a node neither proposes nor takes, nor goes for an
/// office which begins with an entry, without having counted what is left. What it had taken before it knew may be
/// more than that: then the rest of the group waits until there is room.
public final class SegmentedLog implements LogStore {
    /// Deleted by one call of [#cut]: how long a group may have to wait behind it.
    static final int CUT_SEGMENTS_MAX = 4;

    private final Disk disk;
    private final LogConfig config;
    private final Identity identity;
    private final RecordReader reader;
    private final RecordWriter writer;
    private final Spare spare;

    /// Ordered; the last one is written to.
    private final List<Segment> segments = new ArrayList<>();
    private @Nullable Opened opened;
    /// An older segment, kept open because the next read is likely to go there too.
    private @Nullable Opened reading;
    private @Nullable BallotFile ballotFile;

    /// The bootstrap record, the membership in effect at the base, and every later one.
    private final List<Entry> memberships = new ArrayList<>();
    private Position base = Position.NONE;
    private Position last = Position.NONE;
    private int lastChecksum;
    private long syncedOffset;
    private long commitIndex;
    private boolean dirty;
    private @Nullable TornTail tornTail;
    /// The rest of a group that waits for room.
    private List<Entry> unwritten = List.of();
    private @Nullable Throwable failure;

    /// @param expected whose log it must be
    public SegmentedLog(Disk disk, LogConfig config, Identity expected) {
        this.disk = disk;
        this.config = config;
        this.identity = expected;
        var codec = new RecordCodec(expected);
        this.reader = new RecordReader(codec);
        this.writer = new RecordWriter(codec);
        this.spare = new Spare(disk, config);
    }

    private record Opened(Segment segment, DiskFile file) {}

    /// Whether there is a log, or what is left of one. What a crash left while a log was made does not
    /// count: [#create] may be called again.
    public static boolean exists(Disk disk) throws IOException {
        return NewLog.exists(disk.names());
    }

    /// Makes a log with one entry, durable when it returns.
    ///
    /// @param bootstrap the first entry of every log of the cluster
    /// @throws IOException if there is a log already
    public static void create(Disk disk, LogConfig config, Identity identity, Entry bootstrap)
            throws IOException {
        NewLog.create(disk, config, identity, bootstrap);
    }

    /// Whose log it is.
    public static Identity identify(Disk disk) throws IOException {
        requireBallot(disk);
        try (var ballot = BallotFile.open(disk)) {
            return ballot.slot().identity();
        }
    }

    private static void requireBallot(Disk disk) throws IOException {
        if (disk.names().contains(BallotFile.NAME)) return;
        if (!exists(disk)) throw new IOException("there is no log in this folder");
        throw new DamagedLogException(BallotFile.NAME, 0, "there is a log but no ballot;"
                + " this node may have voted, and cannot know for whom");
    }

    @Override
    public Recovered open() throws IOException {
        if (ballotFile != null) throw new IllegalStateException("opened twice");
        try {
            requireBallot(disk);
            var ballots = BallotFile.open(disk);
            ballotFile = ballots;
            ballots.refuseStrange();
            var kept = LogBase.read(disk);
            var found = new Recovery(disk, ballots.slot(), kept, identity, reader).run();
            takeOver(found, kept);
            return new Recovered(ballots.ballot(), base, found.termStarts(), last, commitIndex,
                    readTail(), List.copyOf(memberships));
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    /// Makes what was found durable: some of it may have been read from memory that no sync has reached.
    private void takeOver(Recovery.Found found, @Nullable LogBase kept) throws IOException {
        if (kept != null && kept.restarting()) {
            disk.syncNames();
            ballots().repair();
            finishRestart(kept);
            return;
        }
        if (kept != null) base = kept.position();
        segments.addAll(found.segments());
        memberships.addAll(found.memberships());
        last = found.last();
        lastChecksum = found.lastChecksum();
        commitIndex = found.commitIndex();
        var active = segments.getLast();
        var file = openActive();
        file.sync();
        disk.syncNames();
        ballots().repair();
        syncedOffset = active.endOffset();
        LogBase.clean(disk);
        deleteAll(found.leftOver());
        tornTail = found.tornTail();
        if (tornTail != null || ballots().slot().isCutting()) {
            writeSlot(ballots().ballot(), new Cut(active.nextIndex(), syncedOffset));
            finishCut(found.doomed(), file.size());
        }
        vouch();
    }

    /// What [#open] has cut off; null if there was nothing.
    public @Nullable TornTail tornTail() {
        return tornTail;
    }

    private void deleteAll(List<String> names) throws IOException {
        for (var name : names) {
            disk.delete(name);
        }
    }

    private List<Entry> readTail() throws IOException {
        var tail = new ArrayList<Entry>();
        while (commitIndex + tail.size() < last.index()) {
            tail.addAll(readEntries(commitIndex + tail.size() + 1, Integer.MAX_VALUE));
        }
        return tail;
    }

    @Override
    public List<Entry> read(long fromIndex, int bytesMax) throws IOException {
        requireUsable();
        try {
            return readEntries(fromIndex, bytesMax);
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    private List<Entry> readEntries(long fromIndex, int bytesMax) throws IOException {
        var entries = new ArrayList<Entry>();
        if (fromIndex < segments.getFirst().firstIndex() || fromIndex > last.index())
            return entries;
        long bytes = 0;
        long index = fromIndex;
        while (index <= last.index()) {
            var segment = segments.get(segmentOf(index));
            reader.turnTo(fileOf(segment), segment, segment.end());
            long at = find(segment, index);
            for (; index < segment.nextIndex(); index++) {
                var header = headerOf(segment, index, at);
                bytes += header.length();
                if (!entries.isEmpty() && bytes > bytesMax) return entries;
                var entry = reader.entry(header);
                if (entry == null) throw unreadable(segment, index, at);
                entries.add(entry);
                at += header.recordBytes();
            }
        }
        return entries;
    }

    @Override
    public boolean write(Persist group) throws IOException {
        requireFinished();
        try {
            keepBallot(group.ballot());
            var restart = group.restart();
            if (restart != null) restart(restart.base(), restart.membership());
            if (group.truncateFrom() != 0) truncate(group.truncateFrom());
            // After the cut: what the group knows to be committed may be entries of its own. A crash
            // before the cut must not find that index in the ballot file beside what is to go.
            commitIndex = Math.max(commitIndex, group.commitIndex());
            if (group.entries().isEmpty()) return true;
            requireContinues(group.entries());
            unwritten = group.entries();
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
        return finish();
    }

    @Override
    public boolean finish() throws IOException {
        requireUsable();
        try {
            return append();
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    private void keepBallot(@Nullable Ballot ballot) throws IOException {
        if (ballot == null || ballot.equals(ballots().ballot())) return;
        var known = ballots().ballot();
        boolean forgets = ballot.term() < known.term() || (ballot.term() == known.term()
                && known.vote() != null && !known.vote().equals(ballot.vote()));
        if (forgets) throw new IllegalArgumentException(ballot + " would take back " + known);
        writeSlot(ballot, Cut.NONE);
    }

    /// @return whether everything was
    private boolean append() throws IOException {
        while (!unwritten.isEmpty()) {
            var active = segments.getLast();
            int count = 0;
            for (long end = active.end(); count < unwritten.size(); count++) {
                end += RecordHeader.recordBytes(unwritten.get(count).bytes());
                if (end > config.segmentBytes()) break;
            }
            if (count == 0 && !active.isEmpty()) {
                if (!roll()) return false;
                continue;
            }
            // A record larger than a segment gets one of its own, which grows.
            count = Math.max(count, 1);
            var group = unwritten.subList(0, count);
            dirty = true;
            lastChecksum = writer.write(openActive(), active, group,
                    new RecordWriter.Known(syncedOffset, commitIndex, lastChecksum));
            last = group.getLast().position();
            for (var entry : group) {
                if (entry.kind() == Entry.Kind.MEMBERSHIP) memberships.add(entry);
            }
            unwritten = count == unwritten.size()
                    ? List.of()
                    : unwritten.subList(count, unwritten.size());
        }
        return true;
    }

    private void requireContinues(List<Entry> entries) {
        var before = last;
        for (var entry : entries) {
            var position = entry.position();
            if (position.index() != before.index() + 1 || position.term() < before.term())
                throw new IllegalArgumentException(entry + " cannot follow " + before);
            before = position;
        }
        if (before.term() > ballots().ballot().term()) {
            throw new IllegalArgumentException("an entry of term " + before.term()
                    + ", but the ballot is of term " + ballots().ballot().term());
        }
    }

    /// @return false if the disk has no room for another segment; then nothing has changed
    private boolean roll() throws IOException {
        syncActive();
        if (!spare.finish()) return false;
        var header = new SegmentHeader(identity, segments.getLast().endOffset(), last,
                lastChecksum, config.segmentBytes());
        spare.become(header);
        closeActive();
        var active = new Segment(header);
        segments.add(active);
        syncedOffset = active.endOffset();
        // Should this segment get lost before anything else vouches for it, it is missed.
        writeSlot(ballots().ballot(), Cut.NONE);
        return true;
    }

    private void truncate(long fromIndex) throws IOException {
        if (fromIndex == last.index() + 1) return;
        if (fromIndex > last.index() || fromIndex <= commitIndex
                || fromIndex < segments.getFirst().firstIndex() || fromIndex == 1) {
            throw new IllegalArgumentException("cannot truncate from %d: the log ends at %s, %d is"
                    .formatted(fromIndex, last, commitIndex) + " committed");
        }
        // What stays becomes known to be synced with the cut.
        syncActive();
        int keep = segmentOf(fromIndex);
        var segment = segments.get(keep);
        reader.turnTo(fileOf(segment), segment, segment.end());
        long position;
        if (fromIndex == segment.firstIndex()) {
            position = SegmentHeader.BYTES;
            last = segment.header.previous();
            lastChecksum = segment.header.previousChecksum();
        } else {
            long at = find(segment, fromIndex - 1);
            var before = headerOf(segment, fromIndex - 1, at);
            position = at + before.recordBytes();
            last = before.position();
            lastChecksum = before.checksum();
        }
        long end = segment.end();
        segment.cut(fromIndex, position);
        syncedOffset = segment.endOffset();
        writeSlot(ballots().ballot(), new Cut(fromIndex, syncedOffset));
        var doomed = segments.subList(keep + 1, segments.size());
        var doomedNames = doomed.stream().map(each -> each.name).toList();
        if (!doomed.isEmpty()) {
            closeActive();
            closeReading();
            doomed.clear();
        }
        finishCut(doomedNames, end);
        memberships.removeIf(entry -> entry.index() >= fromIndex);
    }

    /// Second half of a cut, after it was written into the ballot file.
    ///
    /// @param doomed segments to delete, in order
    /// @param dirtyEnd where in the last remaining segment there may be anything but zeros
    private void finishCut(List<String> doomed, long dirtyEnd) throws IOException {
        for (var name : doomed.reversed()) {
            disk.delete(name);
            disk.syncNames();
        }
        var file = openActive();
        Zeros.write(file, segments.getLast().end(), dirtyEnd);
        file.sync();
        writeSlot(ballots().ballot(), Cut.NONE);
    }

    @Override
    public Position cut(long through, long keepBytes) throws IOException {
        requireUsable();
        try {
            if (through > last.index()) {
                throw new IllegalArgumentException(
                        "cannot cut through %d: the log ends at %s".formatted(through, last));
            }
            commitIndex = Math.max(commitIndex, through);
            int count = segmentsBefore(through, keepBytes);
            if (count > 0) removeFirst(count);
            return base;
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    /// How many segments a cut may remove.
    private int segmentsBefore(long through, long keepBytes) {
        long end = segments.getLast().endOffset();
        int max = Math.min(CUT_SEGMENTS_MAX, segments.size() - 1);
        int count = 0;
        while (count < max) {
            var next = segments.get(count + 1).header;
            if (next.firstIndex() - 1 > through || end - next.baseOffset() < keepBytes) break;
            count++;
        }
        return count;
    }

    private void removeFirst(int count) throws IOException {
        var first = segments.get(count).header;
        var next = new LogBase(identity, first.previous(), first.baseOffset(),
                first.previousChecksum(), membershipAt(first.previous()), memberships.getFirst(),
                false);
        try {
            next.write(disk);
        } catch (DiskFullException full) {
            LogBase.clean(disk);
            return;
        }
        var doomed = segments.subList(0, count);
        if (reading != null && doomed.contains(reading.segment)) closeReading();
        var names = doomed.stream().map(each -> each.name).toList();
        doomed.clear();
        base = next.position();
        // Newcomers still begin with the first of all.
        memberships.removeIf(entry -> entry.index() > 1
                && entry.index() < next.membership().index());
        // No sync of the names: what comes back after a crash is known to be left over.
        deleteAll(names);
    }

    /// The list of nodes in effect there.
    private Entry membershipAt(Position position) {
        for (var entry : memberships.reversed()) {
            if (entry.index() <= position.index()) return entry;
        }
        throw new IllegalStateException("the log does not start with a list of nodes");
    }

    @Override
    public void restart(Position at, Entry membership) throws IOException {
        requireFinished();
        try {
            if (holds(at)) return;
            requireIsAhead(at, membership);
            if (at.term() > ballots().ballot().term())
                writeSlot(new Ballot(at.term(), null), Cut.NONE);
            // Offsets go on: what is known to be synced of the old log is no evidence against the new one.
            var next = new LogBase(identity, at, segments.getLast().endOffset(), 0, membership,
                    memberships.getFirst(), true);
            next.write(disk);
            closeActive();
            closeReading();
            finishRestart(next);
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    private boolean holds(Position position) throws IOException {
        long index = position.index();
        if (position.equals(base)) return true;
        if (index <= base.index() || index > last.index()) return false;
        var segment = segments.get(segmentOf(index));
        reader.turnTo(fileOf(segment), segment, segment.end());
        return headerOf(segment, index, find(segment, index)).position().equals(position);
    }

    private void requireIsAhead(Position at, Entry membership) {
        if (at.index() <= Math.max(commitIndex, base.index())) {
            throw new IllegalArgumentException(
                    "cannot restart at %s, which the log does not hold: it is committed through %d"
                            .formatted(at, commitIndex));
        }
        if (membership.kind() != Entry.Kind.MEMBERSHIP || membership.index() > at.index()
                || membership.term() > at.term()) {
            throw new IllegalArgumentException(
                    membership + " is not the list of nodes in effect at " + at);
        }
    }

    /// Second half of a restart, after it was written into `base`.
    private void finishRestart(LogBase from) throws IOException {
        deleteAll(disk.names().stream().filter(SegmentHeader::isName).toList());
        LogBase.clean(disk);
        // One of them may have had the very name that comes now.
        disk.syncNames();
        var active = new Segment(
                new SegmentHeader(identity, from.offset(), from.position(),
                        from.checksum(), config.segmentBytes()));
        spare.become(active.header);
        from.finished().write(disk);
        segments.clear();
        segments.add(active);
        memberships.clear();
        memberships.add(from.bootstrap());
        if (from.membership().index() > 1) memberships.add(from.membership());
        base = from.position();
        last = base;
        lastChecksum = from.checksum();
        commitIndex = base.index();
        syncedOffset = active.endOffset();
        dirty = false;
    }

    @Override
    public Synced sync() throws IOException {
        requireFinished();
        try {
            syncActive();
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
        return new Synced(last, ballots().ballot());
    }

    @Override
    public void noteSynced() throws IOException {
        requireUsable();
        try {
            vouch();
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    /// Never of more than is durable: a sound log would be refused.
    private void vouch() throws IOException {
        if (ballots().slot().syncedOffset() < syncedOffset)
            writeSlot(ballots().ballot(), Cut.NONE);
    }

    private void syncActive() throws IOException {
        if (!dirty) return;
        openActive().sync();
        dirty = false;
        syncedOffset = segments.getLast().endOffset();
    }

    @Override
    public Room prepare() throws IOException {
        requireUsable();
        try {
            var level = spare.prepare();
            long left = Math.max(0, config.segmentBytes() - segments.getLast().end());
            if (spare.isReady()) left += config.segmentBytes() - SegmentHeader.BYTES;
            return new Room(level, left);
        } catch (IOException | RuntimeException failed) {
            failure = failed;
            throw failed;
        }
    }

    /// After a clean stop the ballot file knows how far the log reached: damage to its very end shows, too.
    @Override
    public void close() throws IOException {
        try {
            if (failure == null && ballotFile != null) writeSlot(ballotFile.ballot(), Cut.NONE);
        } finally {
            failure = new IllegalStateException("the log was closed");
            spare.close();
            closeReading();
            closeActive();
            if (ballotFile != null) ballotFile.close();
        }
    }

    private void writeSlot(Ballot ballot, Cut cut) throws IOException {
        long committed = Math.min(commitIndex, last.index());
        ballots().write(ballots().slot().next(ballot, syncedOffset, committed, cut));
    }

    private BallotFile ballots() {
        if (ballotFile == null) throw new IllegalStateException("not open");
        return ballotFile;
    }

    private void requireUsable() throws IOException {
        if (failure != null) {
            throw new IOException("the log failed before and is not touched again: "
                    + failure.getMessage(), failure);
        }
        ballots();
    }

    private void requireFinished() throws IOException {
        requireUsable();
        if (!unwritten.isEmpty()) throw new IllegalStateException("a group is not finished");
    }

    /// Which segment holds this index, or would.
    private int segmentOf(long index) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstIndex() <= index)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    /// Position in the file of a record that the segment holds. The reader must be turned to it.
    private long find(Segment segment, long index) throws IOException {
        long at = segment.markedPosition(index);
        for (long i = segment.markedIndex(index); i < index; i++) {
            at += headerOf(segment, i, at).recordBytes();
        }
        return at;
    }

    private RecordHeader headerOf(Segment segment, long index, long at) throws IOException {
        var header = reader.header(at);
        if (header == null || header.position().index() != index || !reader.fits(header))
            throw unreadable(segment, index, at);
        return header;
    }

    private static DamagedLogException unreadable(Segment segment, long index, long at) {
        return new DamagedLogException(segment.name, at,
                "the record of index %d cannot be read back".formatted(index));
    }

    private DiskFile openActive() throws IOException {
        if (opened == null) {
            var active = segments.getLast();
            opened = new Opened(active, disk.open(active.name));
        }
        return opened.file;
    }

    private DiskFile fileOf(Segment segment) throws IOException {
        if (segment == segments.getLast()) return openActive();
        if (reading == null || reading.segment != segment) {
            closeReading();
            reading = new Opened(segment, disk.open(segment.name));
        }
        return reading.file;
    }

    private void closeActive() throws IOException {
        if (opened != null) {
            var closing = opened;
            opened = null;
            closing.file.close();
        }
    }

    private void closeReading() throws IOException {
        if (reading != null) {
            var closing = reading;
            reading = null;
            closing.file.close();
        }
    }
}
