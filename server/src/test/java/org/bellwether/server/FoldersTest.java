package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder goes with all that is in it, and nothing else does.
class FoldersTest {
    @TempDir
    Path dir;

    @Test
    void whatALinkLeadsToStays() throws IOException {
        var elsewhere = Files.createDirectories(dir.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("kept"), "x");
        var folder = dir.resolve("folder");
        Files.createDirectories(folder.resolve("below"));
        Files.writeString(folder.resolve("below/file"), "x");
        Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        Files.createSymbolicLink(folder.resolve("dangling"), dir.resolve("nothing"));
        var link = Files.createSymbolicLink(dir.resolve("link"), elsewhere);
        Folders.delete(folder);
        Folders.delete(link);
        Folders.delete(folder);
        assertFalse(Files.exists(folder));
        assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(elsewhere.resolve("kept")));
    }
}
