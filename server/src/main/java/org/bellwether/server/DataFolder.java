package org.bellwether.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.SegmentedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a node's folder is laid out: the log in a folder of its own, and beside it what people look for.
final class DataFolder {
    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);
    static final String LOG = "log";
    private static final String PID = "node.pid";
    private static final String REMOVED = "removed";
    private static final String RESTORING = "restoring";

    private DataFolder() {}

    /// Whether anything may be in the folder of the log. A folder that was only looked at stays as it was.
    ///
    /// @throws StartException if nobody lets us look
    static boolean isEmpty(Path dir) throws StartException {
        try {
            Files.readAttributes(dir.resolve(LOG), BasicFileAttributes.class);
            return false;
        } catch (NoSuchFileException nothing) {
            return true;
        } catch (IOException refused) {
            throw new StartException("cannot look into " + dir + ": " + refused.getMessage(),
                    refused);
        }
    }

    /// Takes the folder for this process.
    static FolderDisk open(Path dir) throws StartException {
        try {
            return new FolderDisk(dir.resolve(LOG));
        } catch (IOException refused) {
            throw new StartException(String.valueOf(refused.getMessage()), refused);
        }
    }

    /// Nobody was told that these bytes were written, unless the disk has lied, or somebody changed the file.
    ///
    /// @param opened the log in that folder
    static void warnOfTornTail(FolderDisk disk, SegmentedLog opened) {
        var torn = opened.tornTail();
        if (torn == null) return;
        log.warn("the end of the log in {} could not be read, as after a loss of power, and was cut"
                + " off: {}", disk, torn);
    }

    /// Makes the names in a folder durable.
    static void sync(Path folder) throws IOException {
        try (var names = FileChannel.open(folder)) {
            names.force(true);
        }
    }

    /// Whether a restore into this folder was begun, and not ended.
    static boolean isBeingRestored(Path dir) {
        return Files.exists(dir.resolve(RESTORING));
    }

    /// From here on the tables are those of a restore that is not finished.
    static void beginRestore(Path dir) throws IOException {
        OwnersOnly.makeFolder(dir);
        Files.writeString(dir.resolve(RESTORING),
                "a restore was begun; given again, it begins anew\n");
        sync(dir);
    }

    static void endRestore(Path dir) throws IOException {
        Files.deleteIfExists(dir.resolve(RESTORING));
        sync(dir);
    }

    /// Lets others use the folder.
    static void close(FolderDisk disk) {
        try {
            disk.close();
        } catch (IOException broken) {
            throw new UncheckedIOException("cannot let go of " + disk, broken);
        }
    }

    /// Says which process runs this node, once it holds the folder.
    static void writePid(Path dir) throws StartException {
        try {
            Files.writeString(dir.resolve(PID), ProcessHandle.current().pid() + "\n");
        } catch (IOException broken) {
            throw new StartException("cannot write " + dir.resolve(PID) + ": " + broken, broken);
        }
    }

    /// Notes that this node was removed from its cluster, which its own log may never say: a node that is shut
    /// out gets no more entries.
    static void writeRemoved(Path dir, String why) throws IOException {
        Files.writeString(dir.resolve(REMOVED), why + "\n");
    }

    static boolean wasRemoved(Path dir) {
        return Files.exists(dir.resolve(REMOVED));
    }

    static void deletePid(Path dir) {
        try {
            Files.deleteIfExists(dir.resolve(PID));
        } catch (IOException gone) {
            // Harmless: whoever reads it looks whether that process lives.
        }
    }
}
