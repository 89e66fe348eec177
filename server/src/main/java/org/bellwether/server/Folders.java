package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;

/// What is done with whole folders.
public final class Folders {
    private Folders() {}

    /// Deletes a file, or a folder with all that is in it, if it is there. Of a link the link goes, not what it leads to.
    ///
    /// @throws IOException if something cannot be deleted; some of it may be gone then
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return;
        try (var all = Files.walk(path)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(each);
        }
    }
}
