package org.bellwether.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// `O_DIRECT`: whole blocks go from our memory to the device. By way of the page cache each byte is copied into a page
/// that nobody will read, and that is in no cache of the processor; under load that was a seventh of a cluster's time.
final class PastPageCache {
    private static final @Nullable OpenOption OPTION = option();

    private PastPageCache() {}

    static boolean areWholeBlocks(long from, long to) {
        return ((from | to) & (Disk.BLOCK_BYTES - 1)) == 0;
    }

    /// Opens a second way into a file.
    ///
    /// @param probe whole blocks of memory, as they will be written
    /// @return null if the file system has none, or wants larger blocks
    static @Nullable FileChannel open(Path path, ByteBuffer probe) throws IOException {
        if (OPTION == null) return null;
        FileChannel opened = null;
        try {
            opened = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    OPTION);
            // What it wants shows when it is used, and a file that cannot be read will say so to who reads it.
            opened.read(probe, 0);
            return opened;
        } catch (IOException | UnsupportedOperationException unfit) {
            if (opened != null) opened.close();
            return null;
        }
    }

    /// By its name: the module `jdk.unsupported` exports it, yet the compiler calls it internal.
    private static @Nullable OpenOption option() {
        try {
            return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                    .getField("DIRECT").get(null);
        } catch (ReflectiveOperationException absent) {
            return null;
        }
    }
}
