package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.log.FolderDisk;

/// How a node's folder is laid out: the log in a folder of its own, and beside it what people look for.
final class DataFolder {
    private static final String LOG = "log";
    private static final String PID = "node.pid";

    private DataFolder() {}

    /// Whether a log was ever begun here.
    static boolean holdsNode(Path dir) throws StartException {
        var log = dir.resolve(LOG);
        if (!Files.exists(log))
            return false;
        try (var files = Files.list(log)) {
            return files.anyMatch(file -> !file.endsWith("lock"));
        } catch (IOException unreadable) {
            throw new StartException("cannot read " + log + ": " + unreadable.getMessage(),
                    unreadable);
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

    /// Says which process runs this node, once it holds the folder.
    static void writePid(Path dir) throws StartException {
        try {
            Files.writeString(dir.resolve(PID), ProcessHandle.current().pid() + "\n");
        } catch (IOException broken) {
            throw new StartException("cannot write " + dir.resolve(PID) + ": " + broken, broken);
        }
    }

    static void deletePid(Path dir) {
        try {
            Files.deleteIfExists(dir.resolve(PID));
        } catch (IOException gone) {
            // Harmless: whoever reads it looks whether that process lives.
        }
    }
}
