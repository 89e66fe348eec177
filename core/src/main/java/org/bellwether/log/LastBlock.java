package org.bellwether.log;

import static org.bellwether.disk.Disk.BLOCK_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk;
import org.bellwether.disk.Disk.DiskFile;
import org.jspecify.annotations.Nullable;

/// What stands in the block of a file that its records end in. Every write begins with it again and ends in
/// zeros, so that it is made of whole blocks: those cost a [disk][Disk] least.
///
/// What is written again is what stands there already: a write that is torn leaves it as it was, sector by sector.
final class LastBlock {
    private final ByteBuffer bytes = ByteBuffer.allocate(BLOCK_BYTES);
    private @Nullable DiskFile file;
    private long end;

    /// How many bytes are missing to the end of the block.
    static int missing(long end) {
        return (int) (-end & (BLOCK_BYTES - 1));
    }

    /// What its block holds in front of `at`. Read from the file, unless the records [appended][#append] last end there.
    ByteBuffer before(DiskFile file, long at) throws IOException {
        int count = (int) (at & (BLOCK_BYTES - 1));
        if (!file.equals(this.file) || at != end) {
            this.file = null;
            if (file.read(bytes.clear().limit(count), at - count) < count)
                throw new IOException("the file is shorter than its records, which end at " + at);
            bytes.clear();
            this.file = file;
            end = at;
        }
        return bytes.slice(0, count);
    }

    /// Takes note of what was written at the end.
    void append(ByteBuffer written) {
        int count = written.limit();
        int at = (int) (end & (BLOCK_BYTES - 1));
        int kept = at + count < BLOCK_BYTES ? count : at + count & (BLOCK_BYTES - 1);
        bytes.put(at + count < BLOCK_BYTES ? at : 0, written, count - kept, kept);
        end += count;
    }
}
