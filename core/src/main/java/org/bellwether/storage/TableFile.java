package org.bellwether.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.disk.Disk;
import org.bellwether.disk.Disk.DiskFile;
import org.jspecify.annotations.Nullable;

/// A whole state in one file, `docs/formats.md` draws it. It is written beside the one before, synced, and then
/// renamed, so there is always a whole one.
final class TableFile {
    static final String NAME = "tables";
    static final String NEW_NAME = "new-tables";

    private static final int MAGIC = 0x42577462; // "BWtb"
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 40;
    private static final int BLOCK_HEADER_BYTES = 8;
    private static final int BLOCK_BYTES = 256 * 1024;
    /// No key and value are larger than this by far; before anything is allocated.
    private static final int BLOCK_BYTES_MAX = 64 << 20;

    private final Disk disk;

    TableFile(Disk disk) {
        this.disk = disk;
    }

    /// What stands before the rows.
    record Head(long applied, Revision revision, long size, Bytes origin) {}

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
        var header = ByteBuffer.allocate(HEADER_BYTES + origin.length() + 4);
        header.putInt(MAGIC).putInt(VERSION).putLong(view.applied())
                .putLong(view.revision().number()).putLong(view.size()).putInt(origin.length())
                .putInt(0).put(origin.array());
        header.putInt(crc(header.array(), header.position())).flip();
        long at = put(file, 0, header);
        var from = Bytes.EMPTY;
        for (Bytes next = from; next != null;) {
            var slice = Slice.read(view, next, BLOCK_BYTES);
            next = slice.next();
            if (slice.rows().length > 0) at = block(file, at, slice.rows());
        }
        // A file is whole if it ends with a block of nothing.
        block(file, at, new byte[0]);
    }

    private static long block(DiskFile file, long at, byte[] rows) throws IOException {
        var header = ByteBuffer.allocate(BLOCK_HEADER_BYTES);
        header.putInt(rows.length).putInt(crc(rows, rows.length)).flip();
        file.write(new ByteBuffer[]{header, ByteBuffer.wrap(rows)}, at);
        return at + BLOCK_HEADER_BYTES + rows.length;
    }

    private static long put(DiskFile file, long at, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        file.write(new ByteBuffer[]{bytes}, at);
        return at + length;
    }

    /// Reads it back, and removes what an unfinished write left.
    ///
    /// @return null if nothing was ever saved
    /// @throws StorageException if it is damaged, or of a version that this program does not know
    @Nullable
    Head read(View.Visitor visitor) {
        try {
            var names = disk.names();
            if (names.contains(NEW_NAME)) disk.delete(NEW_NAME);
            if (!names.contains(NAME)) return null;
            try (var file = disk.open(NAME)) {
                return read(file, visitor);
            }
        } catch (IOException failed) {
            throw new StorageException("cannot read the tables: " + failed.getMessage(), failed);
        }
    }

    private static Head read(DiskFile file, View.Visitor visitor) throws IOException {
        var header = ByteBuffer.wrap(get(file, 0, HEADER_BYTES));
        if (header.getInt(0) != MAGIC) throw damaged(0, "this is no file of tables");
        if (header.getInt(4) != VERSION) {
            throw damaged(4, "format version " + header.getInt(4)
                    + "; this program reads version " + VERSION);
        }
        int originBytes = header.getInt(32);
        if (originBytes < 0 || originBytes > BLOCK_BYTES_MAX)
            throw damaged(32, "an impossible length of " + originBytes);
        int headBytes = HEADER_BYTES + originBytes;
        var bytes = get(file, 0, headBytes + 4);
        var whole = ByteBuffer.wrap(bytes);
        if (crc(bytes, headBytes) != whole.getInt(headBytes))
            throw damaged(0, "the head fails its checksum");
        var origin = new byte[originBytes];
        whole.get(HEADER_BYTES, origin);
        var head = new Head(whole.getLong(8), new Revision(whole.getLong(16)), whole.getLong(24),
                Bytes.wrap(origin));
        long count = readRows(file, headBytes + 4, visitor);
        if (count != head.size()) {
            throw damaged(headBytes, "%d keys where the head says %d".formatted(count,
                    head.size()));
        }
        return head;
    }

    private static long readRows(DiskFile file, long from, View.Visitor visitor)
            throws IOException {
        long[] count = {0};
        long at = from;
        while (true) {
            var header = ByteBuffer.wrap(get(file, at, BLOCK_HEADER_BYTES));
            int length = header.getInt(0);
            if (length < 0 || length > BLOCK_BYTES_MAX)
                throw damaged(at, "an impossible length of " + length);
            var rows = get(file, at + BLOCK_HEADER_BYTES, length);
            if (crc(rows, length) != header.getInt(4))
                throw damaged(at, "a block fails its checksum");
            if (length == 0) return count[0];
            try {
                Slice.show(rows, (key, value) -> {
                    count[0]++;
                    return visitor.visit(key, value);
                });
            } catch (IllegalArgumentException bad) {
                throw damaged(at, String.valueOf(bad.getMessage()));
            }
            at += BLOCK_HEADER_BYTES + length;
        }
    }

    private static byte[] get(DiskFile file, long at, int length) throws IOException {
        if (file.size() < at + length) throw damaged(file.size(), "the file is cut short");
        var bytes = new byte[length];
        file.read(ByteBuffer.wrap(bytes), at);
        return bytes;
    }

    private void removeLeftover() {
        try {
            disk.delete(NEW_NAME);
        } catch (IOException failed) {
            throw new StorageException("cannot remove " + NEW_NAME, failed);
        }
    }

    private static int crc(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static StorageException damaged(long offset, String what) {
        return new StorageException("file " + NAME + ", offset " + offset + ": " + what);
    }
}
