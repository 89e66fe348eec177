package org.bellwether.storage;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// A run of keys with their values, in order, as the bytes in which they travel and are saved:
/// `docs/formats.md` draws them. What it was read from says where the next one begins.
///
/// @param keys how many
/// @param next where the next slice begins; null if the last key is in this one
public record Slice(byte[] rows, int keys, @Nullable Bytes next) {
    private static final int NUMBERS_BYTES = 4 + 4 + 4 * 8;

    /// The keys of a view from `from` on: at least one if there is one, else as many as take `bytesMin` or a
    /// little more.
    public static Slice read(View view, Bytes from, int bytesMin) {
        var rows = new ByteArrayOutputStream(bytesMin + bytesMin / 8);
        int[] keys = {0};
        var next = view.scan(from, (key, value) -> {
            rows.writeBytes(numbers(key, value));
            rows.writeBytes(key.array());
            rows.writeBytes(value.value().array());
            keys[0]++;
            return rows.size() < bytesMin;
        });
        return new Slice(rows.toByteArray(), keys[0], next);
    }

    /// What stands before key and value.
    static byte[] numbers(Bytes key, Versioned value) {
        return ByteBuffer.allocate(NUMBERS_BYTES).putInt(key.length())
                .putInt(value.value().length()).putLong(value.created().number())
                .putLong(value.modified().number()).putLong(value.version())
                .putLong(value.expires()).array();
    }

    /// Shows the keys of encoded rows, in order; the visitor's answer counts for nothing.
    ///
    /// @throws IllegalArgumentException if they are not what [#read] makes
    public static void show(byte[] rows, View.Visitor visitor) {
        show(rows, true, visitor);
    }

    /// @param expiry whether the rows have one; those of format 1 do not
    static void show(byte[] rows, boolean expiry, View.Visitor visitor) {
        var in = ByteBuffer.wrap(rows);
        try {
            while (in.hasRemaining()) {
                int keyBytes = in.getInt();
                int valueBytes = in.getInt();
                var created = new Revision(in.getLong());
                var modified = new Revision(in.getLong());
                long version = in.getLong();
                long expires = expiry ? in.getLong() : Versioned.NEVER;
                var key = bytes(in, keyBytes);
                visitor.visit(key, new Versioned(bytes(in, valueBytes), created, modified,
                        version, expires));
            }
        } catch (BufferUnderflowException cutShort) {
            throw new IllegalArgumentException("rows are cut short", cutShort);
        }
    }

    private static Bytes bytes(ByteBuffer in, int count) {
        if (count < 0 || count > in.remaining())
            throw new IllegalArgumentException("a row says that " + count + " bytes follow, of "
                    + in.remaining());
        var bytes = new byte[count];
        in.get(bytes);
        return Bytes.wrap(bytes);
    }
}
