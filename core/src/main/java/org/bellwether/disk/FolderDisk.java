package org.bellwether.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A real folder. Files are readable by their owner only. A file `lock`, held for as long as this object
/// is open, keeps a second process out.
///
/// *Threads.* One at a time; never interrupt it: Java closes a file whose reader or writer is interrupted.
public final class FolderDisk implements Disk, AutoCloseable {
    private static final String LOCK = "lock";
    private static final int STAGE_BYTES = 1 << 20;
    private static final Set<OpenOption> READ_WRITE = Set.of(StandardOpenOption.READ,
            StandardOpenOption.WRITE, StandardOpenOption.CREATE);

    private final Path folder;
    private final boolean posix;
    private final FileChannel lockFile;
    private @Nullable FileLock alone;
    /// What is written goes through here in one piece. Java copies every heap buffer into native memory
    /// anyway, and keeps that memory per thread and buffer: one copy of our own is one system call
    /// for a whole group, and a bounded amount of memory.
    private final ByteBuffer stage = ByteBuffer.allocateDirect(STAGE_BYTES + BLOCK_BYTES)
            .alignedSlice(BLOCK_BYTES).slice(0, STAGE_BYTES);

    /// Opens a folder, making it and its parents if need be.
    ///
    /// @throws IOException if it is in use already, or cannot be written
    public FolderDisk(Path folder) throws IOException {
        this.folder = folder.toAbsolutePath();
        this.posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        makeFolder();
        this.lockFile = FileChannel.open(this.folder.resolve(LOCK), READ_WRITE, only("rw-------"));
        try {
            if (tryLock(lockFile) == null) {
                throw new IOException("folder " + folder + " is in use by another process");
            }
        } catch (IOException refused) {
            lockFile.close();
            throw refused;
        }
    }

    @Override
    public List<String> names() throws IOException {
        var names = new ArrayList<String>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                String name = file.getFileName().toString();
                if (!name.equals(LOCK)) names.add(name);
            }
        }
        names.sort(null);
        return names;
    }

    @Override
    public DiskFile open(String name) throws IOException {
        try {
            var path = folder.resolve(name);
            return new FolderFile(path, FileChannel.open(path, READ_WRITE, only("rw-------")));
        } catch (IOException failed) {
            throw explain(failed, folder.resolve(name), 0);
        }
    }

    /// Who deletes the empty file `lock` does no harm that shows; this file would be missed.
    @Override
    public DiskFile openAlone(String name) throws IOException {
        var path = folder.resolve(name);
        var channel = FileChannel.open(path, READ_WRITE, only("rw-------"));
        try {
            alone = tryLock(channel);
            if (alone == null) {
                throw new IOException("folder " + folder + " is in use by another process, which"
                        + " holds its file " + name + "; its file " + LOCK + " is not the one that"
                        + " this process made");
            }
            return new FolderFile(path, channel);
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException unfit) {
            throw new IOException("folder " + folder + " cannot rename files atomically", unfit);
        } catch (IOException failed) {
            throw explain(failed, folder.resolve(to), 0);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(folder.resolve(name));
    }

    @Override
    public void syncNames() throws IOException {
        sync(folder);
    }

    @Override
    public long usableBytes() throws IOException {
        // Not by way of its FileStore: that reads the table of mounts each time, and in some containers
        // the mount is not in there.
        long bytes = folder.toFile().getUsableSpace();
        // It says so, too, of what it cannot ask.
        if (bytes == 0 && !Files.isDirectory(folder))
            throw new NoSuchFileException(folder.toString(), null, "the folder is gone");
        return bytes;
    }

    /// Lets others use the folder.
    @Override
    public void close() throws IOException {
        try (lockFile) {
            // After a failure files are left open.
            if (alone != null && alone.isValid()) alone.release();
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    /// @return null if another process has it
    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException ourselves) {
            return null;
        }
    }

    /// A folder, too, exists only once its parent is synced.
    private void makeFolder() throws IOException {
        var missing = new ArrayDeque<Path>();
        for (Path path = folder; path != null && !Files.exists(path); path = path.getParent()) {
            missing.push(path);
        }
        for (var path : missing) {
            Files.createDirectory(path, only("rwx------"));
            Path parent = path.getParent();
            if (parent != null) sync(parent);
        }
        if (!Files.isDirectory(folder)) throw new IOException(folder + " is not a folder");
    }

    private void sync(Path path) throws IOException {
        if (!posix)
            return; // Windows cannot open a folder; NTFS keeps its names in a journal
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private FileAttribute<?>[] only(String permissions) {
        return posix
                ? new FileAttribute<?>[]{PosixFilePermissions
                        .asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    /// Java has no type for a full disk, and its message is the C library's, possibly translated: what
    /// the message does not tell, the free space does. Nor does it say in which file something failed that was open.
    private IOException explain(IOException failed, Path file, long bytes) {
        String message = String.valueOf(failed.getMessage());
        boolean full = message.contains("No space left on device")
                || message.contains("Disk quota exceeded") || (bytes > 0 && hasLessThan(bytes));
        if (!full) {
            return failed instanceof FileSystemException
                    ? failed
                    : new IOException(file + ": " + message, failed);
        }
        var translated = new DiskFullException("folder " + folder + ": " + message);
        translated.initCause(failed);
        return translated;
    }

    private boolean hasLessThan(long bytes) {
        try {
            return usableBytes() < bytes;
        } catch (IOException gone) {
            return false;
        }
    }

    private final class FolderFile implements DiskFile {
        private final Path path;
        private final FileChannel channel;
        /// For whole blocks: opened when the first are written.
        private @Nullable FileChannel blocks;

        FolderFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            int total = 0;
            while (into.hasRemaining()) {
                int count = channel.read(into, at + total);
                if (count < 0) break;
                total += count;
            }
            return total;
        }

        @Override
        public void write(ByteBuffer[] from, long at) throws IOException {
            var through = channelFor(from, at);
            long to = at;
            stage.clear();
            for (var buffer : from) {
                while (buffer.hasRemaining()) {
                    int count = Math.min(buffer.remaining(), stage.remaining());
                    stage.put(stage.position(), buffer, buffer.position(), count);
                    stage.position(stage.position() + count);
                    buffer.position(buffer.position() + count);
                    if (!stage.hasRemaining()) to += flush(through, to);
                }
            }
            flush(through, to);
        }

        /// The page cache takes anything.
        private FileChannel channelFor(ByteBuffer[] from, long at) throws IOException {
            long end = at;
            for (var buffer : from) {
                end += buffer.remaining();
            }
            if (!PastPageCache.areWholeBlocks(at, end)) return channel;
            if (blocks == null) {
                var direct = PastPageCache.open(path, stage.clear().limit(BLOCK_BYTES));
                blocks = direct == null ? channel : direct;
            }
            return blocks;
        }

        private int flush(FileChannel through, long at) throws IOException {
            stage.flip();
            int total = stage.remaining();
            try {
                while (stage.hasRemaining()) {
                    through.write(stage, at + stage.position());
                }
            } catch (IOException failed) {
                throw explain(failed, path, stage.remaining());
            }
            stage.clear();
            return total;
        }

        /// Without the times of the file: `fdatasync`, which still keeps a changed size.
        @Override
        public void sync() throws IOException {
            try {
                channel.force(false);
            } catch (IOException failed) {
                throw explain(failed, path, 0);
            }
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                if (blocks != null) blocks.close();
            }
        }
    }
}
