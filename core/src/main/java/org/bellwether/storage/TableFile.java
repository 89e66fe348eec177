package org.bellwether.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.api.Bytes;
import org.bellwether.disk.Disk;
import org.bellwether.disk.Disk.DiskFile;
import org.jspecify.annotations.Nullable;

/// A whole state in one file, in the [TableFormat]. It is written beside the one before, synced, and then
/// renamed, so there is always a whole one.
final class TableFile {
    static final String NAME = "tables";
    static final String NEW_NAME = "new-tables";

    private final Disk disk;

    TableFile(Disk disk) {
        this.disk = disk;
    }

    /// @throws StorageFullException if there is no space; the one before is untouched
    void write(View view, Bytes origin) {
        try {
            try (var file = disk.open(NEW_NAME)) {
                write(file, view, origin);
                file.sync();
            }
            disk.rename(NEW_NAME, NAME);
            disk.syncNames();
        } catch (Disk.DiskFullException full) {
            removeLeftover();
            throw new StorageFullException("no space to save the tables", full);
        } catch (IOException failed) {
            throw new StorageException("cannot save the tables: " + failed.getMessage(), failed);
        }
    }

    private static void write(DiskFile file, View view, Bytes origin) throws IOException {
        var head = new TableFormat.Head(view.mark(), origin);
        long at = put(file, 0, head.encode());
        for (var next = Bytes.EMPTY; next != null;) {
            var slice = Slice.read(view, next, TableFormat.BLOCK_BYTES);
            next = slice.next();
            if (slice.keys() > 0) at = put(file, at, TableFormat.block(slice.rows()));
        }
        put(file, at, TableFormat.end());
    }

    private static long put(DiskFile file, long at, byte[] bytes) throws IOException {
        file.write(new ByteBuffer[]{ByteBuffer.wrap(bytes)}, at);
        return at + bytes.length;
    }

    /// Reads it back, and removes what an unfinished write left.
    ///
    /// @return null if nothing was ever saved
    /// @throws StorageException if it is damaged, or of a version that this program does not know
    TableFormat.@Nullable Head read(View.Visitor visitor) {
        try {
            var names = disk.names();
            if (names.contains(NEW_NAME)) disk.delete(NEW_NAME);
            if (!names.contains(NAME)) return null;
            try (var file = disk.open(NAME)) {
                return TableFormat.read(source(file), visitor);
            }
        } catch (IOException failed) {
            throw new StorageException("cannot read the tables: " + failed.getMessage(), failed);
        } catch (StorageDamagedException damaged) {
            throw new StorageDamagedException("file " + NAME + ", " + damaged.getMessage(),
                    damaged);
        } catch (StorageException strange) {
            throw new StorageException("file " + NAME + ", " + strange.getMessage(), strange);
        }
    }

    private static TableFormat.Source source(DiskFile file) throws IOException {
        long size = file.size();
        long[] at = {0};
        return count -> {
            var bytes = new byte[(int) Math.min(count, size - at[0])];
            file.read(ByteBuffer.wrap(bytes), at[0]);
            at[0] += bytes.length;
            return bytes;
        };
    }

    private void removeLeftover() {
        try {
            disk.delete(NEW_NAME);
        } catch (IOException failed) {
            throw new StorageException("cannot remove " + NEW_NAME, failed);
        }
    }
}
