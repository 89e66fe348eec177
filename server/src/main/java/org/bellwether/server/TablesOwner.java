package org.bellwether.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.bellwether.api.ClusterId;
import org.jspecify.annotations.Nullable;

/// Whose tables these are: a file in their folder, of whatever kind they are. Tables know how far they have applied a log,
/// but not which one, unless they came from a snapshot: those of another cluster that has written about as much would be
/// taken for this one's, and served. `docs/formats.md` draws it.
final class TablesOwner {
    static final String NAME = "cluster";
    private static final Pattern CONTENT = Pattern.compile(
            "bellwether tables\nversion 1\ncluster ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n(?s:.*)");

    private TablesOwner() {}

    /// Null if they do not say: there are none, or an earlier version wrote them.
    ///
    /// @throws IOException if it cannot be read, or is not what was written
    static @Nullable ClusterId read(Path tables) throws IOException {
        var file = tables.resolve(NAME);
        try {
            var text = Files.readString(file, US_ASCII);
            var parts = CONTENT.matcher(text);
            if (parts.matches()) {
                var cluster = ClusterId.parse(parts.group(1));
                if (text.equals(content(cluster))) return cluster;
            }
        } catch (NoSuchFileException none) {
            return null;
        } catch (CharacterCodingException strange) {
            // Damaged, as below.
        }
        throw new IOException("file '" + NAME + "' in " + tables + ", which says whose tables these"
                + " are, is damaged, or of a later version; if they are this node's, remove it");
    }

    /// Durable when this returns.
    static void write(Path tables, ClusterId cluster) throws IOException {
        try (var part = PartFile.of(tables.resolve(NAME))) {
            var bytes = ByteBuffer.wrap(content(cluster).getBytes(US_ASCII));
            while (bytes.hasRemaining())
                part.channel().write(bytes);
            part.finish(true);
        }
    }

    /// @throws StartException if they say that they are another cluster's
    static void require(Path tables, ClusterId ours) throws StartException {
        ClusterId theirs;
        try {
            theirs = read(tables);
        } catch (IOException unknown) {
            throw new StartException("cannot open the tables: " + unknown.getMessage(), unknown);
        }
        if (theirs != null && !theirs.equals(ours)) {
            throw new StartException("the tables are of cluster " + theirs
                    + ", and the log is of cluster " + ours + WhatToDo.aboutStrange(tables));
        }
    }

    private static String content(ClusterId cluster) {
        var text = "bellwether tables\nversion 1\ncluster " + cluster + "\n";
        var crc = new CRC32C();
        crc.update(text.getBytes(US_ASCII));
        return text + "crc32c %08x\n".formatted(crc.getValue());
    }
}
