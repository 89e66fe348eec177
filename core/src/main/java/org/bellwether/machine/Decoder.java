package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;

/// Bytes that are being read. Whatever they do not hold is an [IllegalArgumentException], and noticed before anything
/// of that size is allocated.
final class Decoder {
    private final ByteBuffer from;

    Decoder(byte[] bytes) {
        this(ByteBuffer.wrap(bytes));
    }

    private Decoder(ByteBuffer from) {
        this.from = from;
    }

    static IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException(what);
    }

    private <T> T next(Supplier<T> read) {
        try {
            return read.get();
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException("it is cut short", cut);
        }
    }

    byte u8() {
        return next(from::get);
    }

    boolean bool() {
        byte value = u8();
        if (value < 0 || value > 1) throw malformed("a yes or no of " + value);
        return value == 1;
    }

    int i32() {
        return next(from::getInt);
    }

    long i64() {
        return next(from::getLong);
    }

    /// Of things that take at least so many bytes each.
    int count(int bytesEach, String what) {
        int count = i32();
        if (count < 0 || count > from.remaining() / bytesEach) {
            throw malformed("%d %s, where %d bytes are left".formatted(count, what,
                    from.remaining()));
        }
        return count;
    }

    <T> List<T> list(int bytesEach, String what, Supplier<T> read) {
        int count = count(bytesEach, what);
        var all = new ArrayList<T>(count);
        for (int i = 0; i < count; i++)
            all.add(read.get());
        return all;
    }

    Bytes bytes() {
        var bytes = new byte[count(1, "bytes")];
        from.get(bytes);
        return Bytes.wrap(bytes);
    }

    /// The next bytes, behind their length, to be read by themselves.
    Decoder part() {
        int length = count(1, "bytes");
        var part = from.slice(from.position(), length);
        from.position(from.position() + length);
        return new Decoder(part);
    }

    UUID uuid() {
        return new UUID(i64(), i64());
    }

    String text() {
        return new String(bytes().array(), UTF_8);
    }

    Address address() {
        return new Address(text(), i32());
    }

    Revision revision() {
        return new Revision(i64());
    }

    void end(String what) {
        if (from.hasRemaining()) throw malformed(from.remaining() + " bytes after " + what);
    }
}
