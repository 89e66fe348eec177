package org.bellwether.log;

import static org.bellwether.disk.Disk.BLOCK_BYTES;
import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.SMALL;
import static org.bellwether.log.LogFixture.append;
import static org.bellwether.log.LogFixture.ballot;
import static org.bellwether.log.LogFixture.entries;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.replace;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.bellwether.disk.Disk;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.LogStore.Room.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderDiskTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    /// It takes nothing, but it is not full: that would pass.
    @Test
    void aFolderThatIsGoneIsNoFullDisk() throws IOException {
        var folder = temp.resolve("n1");
        try (var disk = new FolderDisk(folder)) {
            SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(disk, SMALL, IDENTITY)) {
                log.open();
                var spare = new Spare(disk, SMALL);
                while (spare.prepare() != Level.READY) {
                    assertFalse(spare.isReady());
                }
                spare.close();
                try (var files = Files.list(folder)) {
                    for (var file : files.toList())
                        Files.delete(file);
                }
                Files.delete(folder);
                var asked = assertThrows(IOException.class, disk::usableBytes);
                assertTrue(asked.toString().contains(folder.toString()), asked::toString);
                var failed = assertThrows(IOException.class, spare::prepare);
                assertFalse(failed instanceof Disk.DiskFullException, failed::toString);
                var renamed = assertThrows(IOException.class, () -> disk.rename("a", "b"));
                assertFalse(renamed instanceof Disk.DiskFullException, renamed::toString);
            }
        }
    }

    @Test
    void whatFailsIsNamed() throws IOException {
        var mem = Path.of("/proc/self/mem");
        assumeTrue(Files.exists(mem));
        try (var disk = new FolderDisk(temp)) {
            Files.createSymbolicLink(temp.resolve("segment"), mem);
            try (var file = disk.open("segment")) {
                // Nothing is mapped at its beginning.
                var failed = assertThrows(IOException.class,
                        () -> file.write(new ByteBuffer[]{ByteBuffer.allocate(1)}, 0));
                assertFalse(failed instanceof Disk.DiskFullException, failed::toString);
                assertTrue(failed.toString().contains(temp.resolve("segment").toString()),
                        failed::toString);
            }
        }
    }

    @Test
    void logOnARealFolderSurvivesReopening() throws IOException {
        var folder = temp.resolve("deep").resolve("n1");
        var written = entries(1, 2, 200);
        try (var disk = new FolderDisk(folder)) {
            SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(disk, SMALL, IDENTITY)) {
                log.open();
                log.write(ballot(2));
                for (var entry : written) {
                    log.write(append(List.of(entry)));
                    log.prepare();
                }
                log.write(replace(150, entries(2, 150, 160)));
                assertEquals(160, log.sync().last().index());
            }
        }
        try (var disk = new FolderDisk(folder);
                var log = new SegmentedLog(disk, SMALL, IDENTITY)) {
            assertEquals(160, log.open().last().index());
            assertEquals(texts(written.subList(0, 148)),
                    texts(log.read(2, Integer.MAX_VALUE).subList(0, 148)));
            assertEquals(texts(entries(2, 150, 160)), texts(log.read(150, Integer.MAX_VALUE)));
        }
    }

    @Test
    void syncChangesNoFileSize() throws IOException {
        var config = new LogConfig(64 * 1024, 0, 64 * 1024);
        try (var disk = new FolderDisk(temp)) {
            SegmentedLog.create(disk, config, IDENTITY, BOOTSTRAP);
            try (var log = new SegmentedLog(disk, config, IDENTITY)) {
                log.open();
                assertEquals(Level.READY, log.prepare().level());
                log.write(ballot(1));
                for (long index = 2; index < 60; index++) {
                    log.write(append(List.of(entry(1, index, 2000))));
                    log.sync();
                    for (var name : disk.names()) {
                        long size = Files.size(temp.resolve(name));
                        assertEquals(name.equals("ballot") ? 8192 : 64 * 1024, size, name);
                    }
                }
            }
        }
    }

    @Test
    void folderInUseIsRefused() throws IOException {
        try (var holder = new FolderDisk(temp)) {
            assertEquals(List.of(), holder.names());
            var refused = assertThrows(IOException.class, () -> new FolderDisk(temp));
            assertEquals("folder " + temp + " is in use by another process",
                    refused.getMessage());
        }
        new FolderDisk(temp).close();
    }

    @Test
    void fileInPlaceOfTheFolderIsRefused() throws IOException {
        var file = Files.createFile(temp.resolve("file"));
        assertThrows(IOException.class, () -> new FolderDisk(file));
    }

    @Test
    void onlyTheOwnerMayReadWhatIsKept() throws IOException {
        assumeTrue(temp.getFileSystem().supportedFileAttributeViews().contains("posix"));
        var folder = temp.resolve("n1");
        try (var disk = new FolderDisk(folder)) {
            disk.open("file").close();
            assertEquals(List.of("file"), disk.names());
        }
        assertEquals("rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        for (var name : List.of("file", "lock")) {
            assertEquals("rw-------", PosixFilePermissions
                    .toString(Files.getPosixFilePermissions(folder.resolve(name))));
        }
    }

    @Test
    void manyBuffersOfAnySizeBecomeOneRunOfBytes() throws IOException {
        try (var disk = new FolderDisk(temp); var file = disk.open("file")) {
            var sizes = new int[]{0, 1, 3_000_000, 7, 1 << 20, 0, 5};
            var buffers = new ByteBuffer[sizes.length];
            var expected = ByteBuffer.allocate(5_000_000);
            for (int i = 0; i < sizes.length; i++) {
                byte[] payload = entry(1, i + 1, sizes[i]).payload();
                buffers[i] = ByteBuffer.wrap(payload).asReadOnlyBuffer();
                expected.put(payload);
            }
            file.write(buffers, 10);
            file.sync();
            assertEquals(10 + expected.position(), file.size());
            var read = ByteBuffer.allocate(5_000_000);
            assertEquals(expected.position(), file.read(read, 10));
            assertEquals(expected.flip(), read.flip());
            assertEquals(0, file.read(ByteBuffer.allocate(5), 100_000_000));
        }
    }

    /// Whole blocks and parts of them take different ways to one file; each must see what the other wrote.
    @Test
    void wholeBlocksAndPartsOfThemAreOneFile() throws IOException {
        var random = new Random(1);
        var expected = new byte[64 * BLOCK_BYTES];
        try (var disk = new FolderDisk(temp); var file = disk.open("file")) {
            file.write(new ByteBuffer[]{ByteBuffer.allocate(expected.length)}, 0);
            for (int i = 0; i < 500; i++) {
                boolean whole = random.nextInt(3) > 0;
                int unit = whole ? BLOCK_BYTES : 1;
                int from = random.nextInt(expected.length / unit) * unit;
                int bytes = Math.min(expected.length - from, (1 + random.nextInt(4)) * unit);
                var written = new byte[bytes];
                random.nextBytes(written);
                System.arraycopy(written, 0, expected, from, bytes);
                int cut = random.nextInt(bytes);
                file.write(new ByteBuffer[]{ByteBuffer.wrap(written, 0, cut),
                        ByteBuffer.wrap(written, cut, bytes - cut)}, from);
                if (random.nextInt(5) == 0) file.sync();
                var near = ByteBuffer.allocate(3 * BLOCK_BYTES);
                int at = Math.max(0, from - BLOCK_BYTES);
                int count = file.read(near, at);
                assertEquals(ByteBuffer.wrap(expected, at, count), near.flip());
            }
        }
        assertArrayEquals(expected, Files.readAllBytes(temp.resolve("file")));
    }

    /// The flags of what this process has open tell whether the page cache is in between.
    @Test
    void theLogIsWrittenPastThePageCache() throws IOException {
        var opened = Path.of("/proc/self/fdinfo");
        assumeTrue(Files.isDirectory(opened), "only Linux tells how files were opened");
        try (var disk = new FolderDisk(temp)) {
            SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
            var plain = disk.open("plain");
            plain.write(new ByteBuffer[]{ByteBuffer.allocate(BLOCK_BYTES)}, 0);
            assumeTrue(isDirect(temp.resolve("plain")),
                    "the file system of " + temp + " does not let it");
            plain.close();
            try (var log = new SegmentedLog(disk, SMALL, IDENTITY)) {
                log.open();
                log.write(ballot(1));
                assertFalse(isDirect(temp.resolve(LogFixture.FIRST_SEGMENT)));
                log.write(append(entries(1, 2, 3)));
                assertTrue(isDirect(temp.resolve(LogFixture.FIRST_SEGMENT)));
            }
        }
        assertFalse(isDirect(temp.resolve(LogFixture.FIRST_SEGMENT)), "left open");
    }

    private static boolean isDirect(Path file) throws IOException {
        long flag = System.getProperty("os.arch").equals("aarch64") ? 0200000 : 040000;
        try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (var each : all) {
                // The folder's own is closed again before it is looked at.
                if (!Files.exists(each) || !Files.readSymbolicLink(each).equals(file.toRealPath()))
                    continue;
                for (var line : Files
                        .readAllLines(Path.of("/proc/self/fdinfo", "" + each.getFileName()))) {
                    if (line.startsWith("flags:")
                            && (Long.parseLong(line.substring(6).strip(), 8) & flag) != 0)
                        return true;
                }
            }
        }
        return false;
    }

    @Test
    void namesAreReplacedAndDeleted() throws IOException {
        try (var disk = new FolderDisk(temp)) {
            disk.open("a").close();
            disk.open("b").close();
            disk.rename("a", "b");
            disk.syncNames();
            assertEquals(List.of("b"), disk.names());
            disk.delete("b");
            assertEquals(List.of(), disk.names());
            assertTrue(disk.usableBytes() > 0);
        }
    }

    /// Linux has a device that is always full.
    @Test
    void fullDeviceIsKnownByItsMessage() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/dev/full")));
        var link = Files.createSymbolicLink(temp.resolve("full"), Path.of("/dev/full"));
        try (var disk = new FolderDisk(temp); var file = disk.open("full")) {
            var one = new ByteBuffer[]{ByteBuffer.allocate(1)};
            assertThrows(Disk.DiskFullException.class, () -> file.write(one, 0));
        } finally {
            Files.delete(link);
        }
    }
}
