package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import org.bellwether.server.StartException;
import org.jspecify.annotations.Nullable;

/// Why something failed with a file, in words. The exceptions of the JDK often say so by their class alone, and their
/// message is but the name of the file.
final class Reason {
    private Reason() {}

    static String of(Exception failed) {
        String said = Objects.requireNonNullElse(failed.getMessage(), failed.toString());
        String kind = kind(failed);
        return kind == null ? said : said + " (" + kind + ")";
    }

    /// The line of a node that cannot start, with the reason if it is a file's.
    static String of(StartException refused) {
        String kind = refused.getCause() instanceof IOException failed ? kind(failed) : null;
        return kind == null ? refused.getMessage() : refused.getMessage() + " (" + kind + ")";
    }

    /// Whether it is the name that is wrong, and no disk.
    static boolean isName(IOException failed) {
        return kind(failed) != null;
    }

    private static @Nullable String kind(Exception failed) {
        return switch (failed) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "it is there already";
            case NotDirectoryException _ -> "not a folder";
            case FileSystemException other when other.getReason() == null ->
                other.getClass().getSimpleName();
            default -> null;
        };
    }
}
