package org.bellwether.storage.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.StorageFullException;
import org.jspecify.annotations.Nullable;

/// The folder of the tables: databases `state-N`, and a file `active` that names the one which counts. Any other
/// was being restored, or has been replaced, when the process ended; it is removed at the next start.
///
/// The number 0 stands for the empty state, in which nothing has ever been flushed.
final class TablesFolder implements AutoCloseable {
    static final int VERSION = 1;
    private static final String LOCK = "lock";
    private static final String ACTIVE = "active";
    private static final String NEW_ACTIVE = "new-active";
    private static final String CRC = "crc32c ";
    private static final int ACTIVE_BYTES_MAX = 512;
    private static final Pattern STATE = Pattern.compile("state-(\\d{20})");
    private static final Pattern CONTENT = Pattern.compile(
            "bellwether tables\nversion (\\d{1,9})\n(?:active (\\d{1,18})\n)?(?s:.*)");

    private final Path folder;
    private final FileChannel lock;
    private volatile long active;
    private long newest;

    /// @throws StorageException if it is in use, damaged, or of a version that this program does not know
    TablesFolder(Path folder) {
        this.folder = folder.toAbsolutePath();
        try {
            makeFolder(this.folder);
            this.lock = FileChannel.open(this.folder.resolve(LOCK), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
        } catch (IOException failed) {
            throw Failures.translate("cannot open " + folder, failed);
        }
        try {
            takeLock();
            readActive();
        } catch (IOException failed) {
            close();
            throw Failures.translate("cannot open " + folder, failed);
        } catch (StorageException refused) {
            close();
            throw refused;
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) return;
        Files.createDirectories(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        var parent = folder.getParent();
        if (parent != null) sync(parent);
    }

    private void takeLock() throws IOException {
        try {
            if (lock.tryLock() != null) return;
        } catch (OverlappingFileLockException ourselves) {
            // Falls through: in use, by this very process.
        }
        throw new StorageException("the tables in " + folder + " are in use");
    }

    private void readActive() throws IOException {
        var states = states();
        newest = states.isEmpty() ? 0 : states.getLast();
        if (!Files.exists(folder.resolve(ACTIVE))) {
            if (!states.isEmpty()) {
                throw new StorageDamagedException(folder + " has tables, but no file '" + ACTIVE
                        + "' to say which of them count");
            }
            activate(0);
            return;
        }
        active = parse(Files.readAllBytes(folder.resolve(ACTIVE)));
        if (active != 0 && !states.contains(active)) {
            throw new StorageDamagedException("the tables " + state(active) + " are missing");
        }
    }

    private long parse(byte[] bytes) {
        var text = new String(bytes, US_ASCII);
        var parts = CONTENT.matcher(text);
        // First: a version that is not what was written is no version.
        if (bytes.length > ACTIVE_BYTES_MAX || !parts.matches() || !checks(text)) {
            throw damaged();
        }
        if (Integer.parseInt(parts.group(1)) != VERSION) {
            throw new StorageException("the tables in " + folder + " have format version "
                    + parts.group(1) + "; this program knows version " + VERSION);
        }
        if (parts.group(2) == null || !text.equals(content(Long.parseLong(parts.group(2))))) {
            throw damaged();
        }
        return Long.parseLong(parts.group(2));
    }

    private StorageDamagedException damaged() {
        return new StorageDamagedException("file '" + ACTIVE + "' in " + folder + " is damaged");
    }

    /// Whether the last line is the checksum of what is above it. A version that has no such line must be believed.
    private static boolean checks(String text) {
        int at = text.lastIndexOf(CRC);
        return at < 0 || text.substring(at).equals(crcLine(text.substring(0, at)));
    }

    private static String content(long number) {
        var text = "bellwether tables\nversion " + VERSION + "\nactive " + number + "\n";
        return text + crcLine(text);
    }

    private static String crcLine(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(US_ASCII));
        return CRC + "%08x\n".formatted(crc.getValue());
    }

    Path path() {
        return folder;
    }

    long active() {
        return active;
    }

    Path state(long number) {
        return folder.resolve("state-%020d".formatted(number));
    }

    /// A number that no state has had.
    synchronized long nextNumber() {
        return ++newest;
    }

    /// From now on, also after a crash, this state counts.
    ///
    /// @throws StorageFullException if the disk is full; the one before still counts
    synchronized void activate(long number) {
        var fresh = folder.resolve(NEW_ACTIVE);
        try {
            try (var file = FileChannel.open(fresh, StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                var bytes = ByteBuffer.wrap(content(number).getBytes(US_ASCII));
                while (bytes.hasRemaining())
                    file.write(bytes);
                file.force(true);
            }
            sync(folder); // the state's own name, first
            Files.move(fresh, folder.resolve(ACTIVE), StandardCopyOption.ATOMIC_MOVE);
            sync(folder);
        } catch (IOException failed) {
            throw Failures.translate("cannot write " + folder.resolve(ACTIVE), failed);
        }
        active = number;
    }

    /// Removes every state but the active one, at the start, when nobody can be using them.
    void removeLeftovers() {
        try {
            Files.deleteIfExists(folder.resolve(NEW_ACTIVE));
            for (long number : states()) {
                if (number != active) remove(number);
            }
        } catch (IOException failed) {
            throw Failures.translate("cannot tidy up " + folder, failed);
        }
    }

    /// All files of a state that nobody uses any more, if there are any.
    void remove(long number) {
        if (number == active) throw new IllegalArgumentException("state " + number + " is active");
        try {
            removeAll(state(number));
        } catch (IOException failed) {
            throw Failures.translate("cannot remove " + state(number), failed);
        }
    }

    static void removeAll(Path path) throws IOException {
        if (!Files.exists(path)) return;
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                    throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path emptied, @Nullable IOException failed)
                    throws IOException {
                if (failed != null) throw failed;
                Files.delete(emptied);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private List<Long> states() throws IOException {
        var states = new ArrayList<Long>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                var name = STATE.matcher(file.getFileName().toString());
                if (name.matches()) states.add(Long.parseLong(name.group(1)));
            }
        }
        states.sort(null);
        return states;
    }

    private static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Lets others use the folder.
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
