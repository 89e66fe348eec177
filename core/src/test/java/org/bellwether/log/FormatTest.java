package org.bellwether.log;

import static org.bellwether.log.LogFixture.OTHER_NODE;
import static org.bellwether.log.LogFixture.after;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.junit.jupiter.api.Test;

/// Files that earlier programs wrote, kept as test resources, can still be read.
class FormatTest {
    /// `log-format-1`, written before a log could lose its beginning: entries 2 to 35 of term 1, 36 to 60 of
    /// term 2 in the place of others, a vote in term 3, committed through 50, stopped cleanly.
    private static CrashDisk format1() throws IOException {
        var disk = new CrashDisk(1);
        for (var name : List.of(BallotFile.NAME, LogFixture.FIRST_SEGMENT,
                "log-00000000000000000025", "log-00000000000000000048")) {
            try (var in = Objects.requireNonNull(
                    FormatTest.class.getResourceAsStream("/log-format-1/" + name), name)) {
                disk.put(name, in.readAllBytes());
            }
        }
        return disk;
    }

    private static List<Entry> expected() {
        var expected = new ArrayList<Entry>(entries(1, 2, 35));
        expected.addAll(entries(2, 36, 60));
        return expected;
    }

    @Test
    void logOfFormat1Opens() throws IOException {
        var disk = format1();
        var before = disk.picture();
        var log = logOn(disk);
        var recovered = log.open();
        assertEquals(before, disk.picture());
        assertEquals(Position.NONE, recovered.base());
        assertEquals(new Ballot(3, OTHER_NODE), recovered.ballot());
        assertEquals(new Position(2, 60), recovered.last());
        assertEquals(50, recovered.commitIndex());
        assertEquals(texts(expected()), texts(log.read(2, Integer.MAX_VALUE)));
        assertEquals(1, recovered.memberships().size());
    }

    @Test
    void logOfFormat1IsCutAndGoesOn() throws IOException {
        var disk = format1();
        var log = logOn(disk);
        var bootstrap = log.open().memberships().getFirst();
        var base = log.cut(47, 0);
        assertEquals(new Position(2, 47), base);
        log.write(LogFixture.append(List.of(entry(3, 61, 10))));
        log.sync();
        disk.crash();
        var reopened = logOn(disk);
        var recovered = reopened.open();
        assertEquals(base, recovered.base());
        assertEquals(texts(List.of(bootstrap)), texts(recovered.memberships()));
        assertEquals(texts(expected().subList(46, 59)),
                texts(after(base, reopened).subList(0, 13)));
        assertTrue(disk.names().contains(LogBase.NAME));
    }

    @Test
    void logOfFormat1Restarts() throws IOException {
        var disk = format1();
        var log = logOn(disk);
        log.open();
        var base = new Position(3, 100);
        log.restart(base, LogFixture.membership(3, 90));
        disk.crash();
        assertEquals(base, logOn(disk).open().last());
    }
}
