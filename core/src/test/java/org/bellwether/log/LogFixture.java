package org.bellwether.log;

import org.bellwether.disk.Disk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;

/// What the tests of the log share.
final class LogFixture {
    static final NodeId NODE = new NodeId(new UUID(1, 11));
    static final NodeId OTHER_NODE = new NodeId(new UUID(1, 12));
    static final ClusterId CLUSTER = new ClusterId(new UUID(2, 22));
    static final Identity IDENTITY = new Identity(NODE, CLUSTER);
    static final LogConfig SMALL = new LogConfig(4096, 0, 1024);
    static final Entry BOOTSTRAP = new Membership(CLUSTER, List.of(new Member(NODE, "n1", true,
            new Address("127.0.0.1", 7501), new Address("127.0.0.1", 7401)))).bootstrapEntry();
    static final String FIRST_SEGMENT = "log-00000000000000000001";

    private LogFixture() {}

    static CrashDisk newDisk() throws IOException {
        var disk = new CrashDisk(1);
        SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
        return disk;
    }

    static SegmentedLog logOn(Disk disk) {
        return new SegmentedLog(disk, SMALL, IDENTITY);
    }

    /// A payload that tells which entry it belongs to.
    static Entry entry(long term, long index, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(term * 1_000_003 + index).nextBytes(payload);
        return Entry.of(new Position(term, index), Entry.Kind.COMMANDS, payload);
    }

    /// A list of nodes that tells which entry it belongs to.
    static Entry membership(long term, long index) {
        return Entry.of(new Position(term, index), Entry.Kind.MEMBERSHIP,
                entry(term, index, 30).payload());
    }

    /// Entries of one term, `from` to `to`.
    static List<Entry> entries(long term, long from, long to) {
        var entries = new ArrayList<Entry>();
        for (long index = from; index <= to; index++) {
            entries.add(entry(term, index, (int) (index * 37 % 200)));
        }
        return entries;
    }

    static Persist ballot(long term) {
        return new Persist(new Ballot(term, NODE), 0, List.of(), 0);
    }

    static Persist append(List<Entry> entries) {
        return new Persist(null, 0, entries, 0);
    }

    static Persist replace(long from, List<Entry> entries) {
        return new Persist(null, from, entries, 0);
    }

    /// Of a whole log.
    static List<Entry> all(LogStore log) throws IOException {
        return log.read(1, Integer.MAX_VALUE);
    }

    static List<Entry> after(Position base, LogStore log) throws IOException {
        return log.read(base.index() + 1, Integer.MAX_VALUE);
    }

    /// Entries are equal by position; this looks at the bytes, too.
    static List<String> texts(List<Entry> entries) {
        return entries.stream().map(entry -> entry.kind() + "@" + entry.position() + ":"
                + HexFormat.of().formatHex(entry.payload()) + "/" + entry.payloadCrc())
                .toList();
    }

    /// Opens a log that must not be opened; what it says, and that it changed nothing.
    static String refusal(CrashDisk disk, Identity identity) {
        var before = disk.picture();
        var refused = assertThrows(IOException.class,
                () -> new SegmentedLog(disk, SMALL, identity).open());
        assertEquals(before, disk.picture());
        return String.valueOf(refused.getMessage());
    }
}
