package org.bellwether.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;

/// A whole state as a run of bytes: what tables in memory are saved as, and what a backup is. `docs/formats.md`
/// draws it. A head, then blocks of rows in the order of their keys, each under a checksum; a block of
/// nothing ends it, so that one that is cut short is noticed.
public final class TableFormat {
    /// Rows in one block, or a little more.
    public static final int BLOCK_BYTES = 256 * 1024;

    private static final int MAGIC = 0x42577462; // "BWtb"
    /// Before there were totals.
    private static final int VERSION_1 = 1;
    private static final int VERSION = 2;
    private static final int FIXED_BYTES = 8;
    private static final int NUMBERS_1_BYTES = 32;
    private static final int NUMBERS_BYTES = 48;
    private static final int BLOCK_HEADER_BYTES = 8;
    /// No key and value are larger than this by far; before anything is allocated.
    private static final int BLOCK_BYTES_MAX = 64 << 20;

    private TableFormat() {}

    /// What stands before the rows.
    ///
    /// @param origin as in [Storage#origin]
    public record Head(Mark mark, Bytes origin) {
        public byte[] encode() {
            var bytes = ByteBuffer.allocate(FIXED_BYTES + NUMBERS_BYTES + origin.length() + 4)
                    .putInt(MAGIC).putInt(VERSION).putLong(mark.applied())
                    .putLong(mark.revision().number()).putLong(mark.keys())
                    .putInt(origin.length()).putInt(mark.version())
                    .putLong(mark.totals().digest()).putLong(mark.stamp()).put(origin.array());
            return bytes.putInt(crc(bytes.array(), bytes.position())).array();
        }
    }

    /// @param rows of a [Slice]
    public static byte[] block(byte[] rows) {
        return ByteBuffer.allocate(BLOCK_HEADER_BYTES + rows.length).putInt(rows.length)
                .putInt(crc(rows, rows.length)).put(rows).array();
    }

    public static byte[] end() {
        return block(new byte[0]);
    }

    /// Where the bytes come from, in order.
    public interface Source {
        /// @return as many as asked for, fewer only at the end
        byte[] read(int count) throws IOException;
    }

    /// Reads all of it, and shows the rows on the way; the visitor's answer counts for nothing.
    ///
    /// @throws StorageException if it is damaged, cut short, or of a version that this program does not know; the
    ///                          message says at which offset
    public static Head read(Source in, View.Visitor visitor) throws IOException {
        var reader = new Reader(in);
        var head = reader.head();
        var said = head.mark().totals();
        var found = reader.rows(visitor);
        if (found.keys() != said.keys()) {
            throw damaged(reader.offset, "%d keys where the head says %d".formatted(found.keys(),
                    said.keys()));
        }
        if (reader.version == VERSION_1) {
            var mark = head.mark();
            return new Head(new Mark(mark.applied(), mark.revision(), mark.version(), 0, found),
                    head.origin());
        }
        if (!found.equals(said))
            throw damaged(reader.offset, "the rows do not come to what the head says");
        return head;
    }

    /// Reads only what stands before the rows. Of version 1 the digest is not known before they are read.
    ///
    /// @throws StorageException as [#read]
    public static Head readHead(Source in) throws IOException {
        return new Reader(in).head();
    }

    private static final class Reader {
        private final Source in;
        long offset;
        int version;

        Reader(Source in) {
            this.in = in;
        }

        Head head() throws IOException {
            var fixed = next(FIXED_BYTES);
            if (ByteBuffer.wrap(fixed).getInt(0) != MAGIC)
                throw damaged(0, "this is no file of tables");
            version = ByteBuffer.wrap(fixed).getInt(4);
            if (version != VERSION && version != VERSION_1) {
                throw new StorageException("offset 4: format version " + version
                        + "; this program reads versions " + VERSION_1 + " to " + VERSION);
            }
            var bytes = next(version == VERSION ? NUMBERS_BYTES : NUMBERS_1_BYTES);
            var numbers = ByteBuffer.wrap(bytes);
            int originBytes = numbers.getInt(24);
            if (originBytes < 0 || originBytes > BLOCK_BYTES_MAX)
                throw damaged(32, "an impossible length of " + originBytes);
            var origin = announced(originBytes, "the head gives its origin");
            var crc = new CRC32C();
            crc.update(fixed);
            crc.update(bytes);
            crc.update(origin);
            if ((int) crc.getValue() != ByteBuffer.wrap(next(4)).getInt())
                throw damaged(0, "the head fails its checksum");
            boolean first = version == VERSION_1;
            var totals = new Totals(numbers.getLong(16), first ? 0 : numbers.getLong(32));
            return new Head(new Mark(numbers.getLong(0), new Revision(numbers.getLong(8)),
                    first ? 1 : numbers.getInt(28), first ? 0 : numbers.getLong(40), totals),
                    Bytes.wrap(origin));
        }

        Totals rows(View.Visitor visitor) throws IOException {
            var sum = new Totals.Sum();
            while (true) {
                long at = offset;
                var header = ByteBuffer.wrap(next(BLOCK_HEADER_BYTES));
                int length = header.getInt(0);
                if (length < 0 || length > BLOCK_BYTES_MAX)
                    throw damaged(at, "an impossible length of " + length);
                var rows = announced(length, "a block says it has");
                if (crc(rows, length) != header.getInt(4))
                    throw damaged(at, "a block fails its checksum");
                if (length == 0) return sum.totals();
                try {
                    Slice.show(rows, version != VERSION_1, (key, value) -> {
                        sum.add(key, value);
                        return visitor.visit(key, value);
                    });
                } catch (IllegalArgumentException bad) {
                    throw damaged(at, String.valueOf(bad.getMessage()));
                }
            }
        }

        private byte[] next(int count) throws IOException {
            return next(count, "it is cut short");
        }

        /// As many as are announced, by a length that nothing has proven yet.
        private byte[] announced(int count, String by) throws IOException {
            return next(count, "it ends within the " + count + " bytes that " + by
                    + ": it is cut short, or that length is wrong");
        }

        private byte[] next(int count, String otherwise) throws IOException {
            var bytes = in.read(count);
            if (bytes.length < count) throw damaged(offset + bytes.length, otherwise);
            offset += count;
            return bytes;
        }
    }

    private static int crc(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static StorageDamagedException damaged(long offset, String what) {
        return new StorageDamagedException("offset " + offset + ": " + what);
    }
}
