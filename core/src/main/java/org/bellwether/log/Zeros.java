package org.bellwether.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk.DiskFile;

/// Writes zeros without holding as many.
final class Zeros {
    private static final int BLOCK = 64 * 1024;
    private static final ByteBuffer SHARED = ByteBuffer.allocate(BLOCK).asReadOnlyBuffer();

    private Zeros() {}

    /// Zeros to put behind a payload.
    static ByteBuffer padding(int bytes) {
        return SHARED.slice(0, bytes);
    }

    static void write(DiskFile file, long from, long to) throws IOException {
        for (long at = from; at < to;) {
            int buffers = (int) Math.min(16, (to - at + BLOCK - 1) / BLOCK);
            var zeros = new ByteBuffer[buffers];
            long written = 0;
            for (int i = 0; i < buffers; i++) {
                int bytes = (int) Math.min(BLOCK, to - at - written);
                zeros[i] = SHARED.slice(0, bytes);
                written += bytes;
            }
            file.write(zeros, at);
            at += written;
        }
    }
}
