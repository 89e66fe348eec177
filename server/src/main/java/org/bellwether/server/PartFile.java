package org.bellwether.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/// A file that bears its name only once it is whole and durable. Until then it is another one beside it, of this
/// writer alone: two that write the same file at once do not harm each other. What a killed writer has left is removed
/// by the next one; who still writes holds a lock. Only its owner may read it: there are keys and values in it.
final class PartFile implements AutoCloseable {
    private static final String END = ".part";
    /// What stands between the file's name and that end; nothing, as earlier versions had it.
    private static final Pattern OURS = Pattern
            .compile("(\\.\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12})?");

    private final Path folder;
    private final Path file;
    private final Path part;
    private final FileChannel channel;

    private PartFile(Path folder, Path file, Path part, FileChannel channel) {
        this.folder = folder;
        this.file = file;
        this.part = part;
        this.channel = channel;
    }

    static PartFile of(Path file) throws IOException {
        var whole = file.toAbsolutePath();
        var folder = Objects.requireNonNull(whole.getParent(), "a file is in a folder");
        removeLeftovers(folder, whole);
        var part = whole.resolveSibling(whole.getFileName() + "." + UUID.randomUUID() + END);
        var channel = FileChannel.open(part, Set.of(StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE, StandardOpenOption.READ), OwnersOnly.file());
        channel.lock();
        return new PartFile(folder, whole, part, channel);
    }

    private static void removeLeftovers(Path folder, Path file) throws IOException {
        try (var all = Files.list(folder)) {
            for (var each : all.toList()) {
                if (isPartOf(file.getFileName().toString(), each.getFileName().toString())
                        && !isLocked(each))
                    Files.deleteIfExists(each);
            }
        }
    }

    /// Others may have files with such an end, too.
    private static boolean isPartOf(String file, String name) {
        return name.length() >= file.length() + END.length() && name.startsWith(file)
                && name.endsWith(END) && OURS.matcher(
                        name.substring(file.length(), name.length() - END.length())).matches();
    }

    private static boolean isLocked(Path part) throws IOException {
        try (var other = FileChannel.open(part, StandardOpenOption.WRITE)) {
            return other.tryLock() == null;
        } catch (OverlappingFileLockException ofThisProcess) {
            return true;
        }
    }

    /// Where it is for now.
    Path path() {
        return part;
    }

    FileChannel channel() {
        return channel;
    }

    /// Gives it its name.
    ///
    /// @param replaces whether another one of that name may go
    /// @throws IOException if it cannot be made durable, or there is one of that name
    void finish(boolean replaces) throws IOException {
        channel.force(true);
        if (!replaces && Files.exists(file)) throw new IOException(file + " is there already");
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        DataFolder.sync(folder);
    }

    /// Whatever is not finished goes.
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(part);
        } finally {
            channel.close();
        }
    }
}
