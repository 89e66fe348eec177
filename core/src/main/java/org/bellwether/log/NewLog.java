package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// Makes a log in an empty folder.
///
/// Everything is written and synced under other names, then the ballot gets its name, then the log. A
/// crash on the way leaves no log but the file `new-log`, which tells that nobody ever voted here: it may be
/// made again. A log without a ballot, or a ballot without a log and without `new-log`, is never such a
/// leftover, and is refused.
final class NewLog {
    private static final String NEW_LOG = "new-log";
    private static final String NEW_BALLOT = "new-ballot";

    private NewLog() {}

    static boolean exists(List<String> names) {
        boolean hasLog = names.stream().anyMatch(SegmentHeader::isName)
                || names.contains(LogBase.NAME);
        return hasLog || (names.contains(BallotFile.NAME) && !names.contains(NEW_LOG));
    }

    static void create(Disk disk, LogConfig config, Identity identity, Entry bootstrap)
            throws IOException {
        if (!bootstrap.position().equals(new Position(0, 1)))
            throw new IllegalArgumentException("not a bootstrap entry: " + bootstrap);
        if (exists(disk.names())) throw new IOException("there is a log in this folder already");
        clean(disk);
        var header = new SegmentHeader(identity, 0, Position.NONE, 0,
                config.segmentBytes());
        var segment = new Segment(header);
        try (var file = disk.open(NEW_LOG)) {
            Zeros.write(file, 0, config.segmentBytes());
            file.write(new ByteBuffer[]{header.encode()}, 0);
            var writer = new RecordWriter(new RecordCodec(identity));
            writer.write(file, segment, List.of(bootstrap),
                    new RecordWriter.Known(segment.endOffset(), 0, 0));
            file.sync();
        }
        BallotFile.create(disk, NEW_BALLOT, BallotSlot.initial(identity, segment.endOffset()));
        disk.syncNames();
        disk.rename(NEW_BALLOT, BallotFile.NAME);
        disk.syncNames();
        disk.rename(NEW_LOG, header.name());
        disk.syncNames();
    }

    /// Removes what an earlier attempt left. `new-log` goes last: it excuses the others.
    private static void clean(Disk disk) throws IOException {
        for (var name : List.of(BallotFile.NAME, NEW_BALLOT, Spare.NAME, NEW_LOG)) {
            if (disk.names().contains(name)) {
                disk.delete(name);
                disk.syncNames();
            }
        }
    }
}
