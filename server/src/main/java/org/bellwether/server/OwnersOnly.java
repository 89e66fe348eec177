package org.bellwether.server;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// What holds keys, values or the identity of a node is for its owner alone, whatever the umask says. What is there already
/// keeps its modes.
final class OwnersOnly {
    private OwnersOnly() {}

    /// Makes a folder and its parents, if need be.
    static void makeFolder(Path folder) throws IOException {
        Files.createDirectories(folder, modes("rwx------"));
    }

    /// Of a new file.
    static FileAttribute<?>[] file() {
        return modes("rw-------");
    }

    private static FileAttribute<?>[] modes(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[]{PosixFilePermissions
                        .asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }
}
