package org.bellwether.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.TreeSet;
import org.bellwether.disk.Disk.DiskFullException;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    private SimulatedDisk disk = disk(1);

    private static SimulatedDisk disk(long seed) {
        return new SimulatedDisk(new World(new Trace(8, false)), new Chance(seed), 0, 100);
    }

    @Test
    void syncedBytesAndNamesSurvivePowerLoss() throws IOException {
        for (long seed = 0; seed < 50; seed++) {
            disk = disk(seed);
            write("a", 0, "kept");
            disk.open("a").sync();
            disk.syncNames();
            disk.losePower();
            assertEquals("kept", text("a"));
        }
    }

    @Test
    void unsyncedBytesAreKeptLostOrTorn() throws IOException {
        var seen = new TreeSet<String>();
        for (long seed = 0; seed < 300; seed++) {
            disk = disk(seed);
            write("a", 0, "....");
            disk.open("a").sync();
            disk.syncNames();
            write("a", 0, "1234");
            assertEquals("1234", text("a"));
            disk.losePower();
            seen.add(text("a"));
        }
        assertEquals(new TreeSet<>(List.of("....", "1...", "12..", "123.", "1234")), seen);
    }

    @Test
    void laterWriteMaySurviveAnEarlierOne() throws IOException {
        boolean seen = false;
        for (long seed = 0; seed < 300; seed++) {
            disk = disk(seed);
            write("a", 0, "x".repeat(1024));
            disk.open("a").sync();
            disk.syncNames();
            write("a", 0, "1".repeat(512));
            write("a", 512, "2".repeat(512));
            disk.losePower();
            seen |= text("a").equals("x".repeat(512) + "2".repeat(512));
        }
        assertTrue(seen, "writes were never lost out of order");
    }

    @Test
    void unsyncedNamesAreKeptOrLost() throws IOException {
        var seen = new TreeSet<String>();
        for (long seed = 0; seed < 100; seed++) {
            disk = disk(seed);
            write("a", 0, "text");
            disk.open("a").sync();
            disk.syncNames();
            disk.rename("a", "b");
            disk.losePower();
            seen.add(disk.names().toString());
        }
        assertEquals(new TreeSet<>(List.of("[a]", "[b]")), seen);
    }

    @Test
    void deathOfTheProcessLosesNothingThatWasWritten() throws IOException {
        write("a", 0, "unsynced");
        disk.processDied();
        assertEquals("unsynced", text("a"));
    }

    @Test
    void failedSyncHasSyncedNothing() throws IOException {
        write("a", 0, "text");
        disk.failSync(0);
        assertThrows(IOException.class, () -> disk.open("a").sync());
        assertTrue(disk.hasFailed());
    }

    @Test
    void fullDiskStillTakesWhatLiesInsideAFile() throws IOException {
        write("a", 0, "....");
        disk.fill(false);
        assertEquals(0, disk.usableBytes());
        write("a", 1, "12");
        assertEquals(".12.", text("a"));
        assertThrows(DiskFullException.class, () -> write("a", 2, "3456"));
        disk.makeRoom();
        write("a", 2, "3456");
        assertEquals(".13456", text("a"));
    }

    @Test
    void readEndsWhereTheFileDoes() throws IOException {
        write("a", 0, "abc");
        var into = ByteBuffer.allocate(8);
        assertEquals(2, disk.open("a").read(into, 1));
        assertArrayEquals(new byte[]{'b', 'c'}, java.util.Arrays.copyOf(into.array(), 2));
        assertEquals(0, disk.open("a").read(into, 10));
    }

    private void write(String name, long at, String text) throws IOException {
        disk.open(name).write(new ByteBuffer[]{ByteBuffer.wrap(text.getBytes(UTF_8))}, at);
    }

    private String text(String name) {
        byte[] content = disk.content(name);
        assertNotNull(content);
        return new String(content, UTF_8);
    }
}
