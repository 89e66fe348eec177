package org.bellwether.server.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.bellwether.api.Bytes;
import org.jspecify.annotations.Nullable;

/// The replies of one connection, in the protocol that it has chosen: RESP2, or RESP3 after `HELLO 3`. What
/// RESP2 has no type for is written as Redis writes it there: a map as a flat array, a number that is no
/// integer as a string, true as 1.
///
/// All replies of one turn of the loop go into one buffer, which [#take] hands over.
/// Texts are Latin-1: each char is a byte, so that what came in an argument may go out in an error.
final class RespWriter {
    private static final int FIRST_BYTES = 256;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf buffer;
    private boolean resp3;

    RespWriter(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /// For the replies from here on.
    void setResp3(boolean resp3) {
        this.resp3 = resp3;
    }

    boolean isResp3() {
        return resp3;
    }

    /// What was written since the last call; null if nothing was. It is the caller's now.
    @Nullable
    ByteBuf take() {
        var written = buffer;
        buffer = null;
        return written;
    }

    /// Takes back what was written since there were so many bytes.
    void cutTo(int bytes) {
        if (buffer != null) buffer.writerIndex(buffer.readerIndex() + bytes);
    }

    int pendingBytes() {
        return buffer == null ? 0 : buffer.readableBytes();
    }

    void ok() {
        simpleString("OK");
    }

    /// @param text without line ends; if it has some, they become spaces
    void simpleString(String text) {
        var out = out();
        out.writeByte('+');
        line(out, text);
    }

    /// @param text begins with the error's code, as in `ERR syntax error`; its line ends become spaces
    void error(String text) {
        var out = out();
        out.writeByte('-');
        line(out, text);
    }

    void integer(long value) {
        header(':', value);
    }

    void bulkString(byte[] bytes) {
        header('$', bytes.length).writeBytes(bytes);
        lineEnd(out());
    }

    void bulkString(Bytes bytes) {
        bulkString(bytes.array());
    }

    void bulkString(String text) {
        var out = header('$', text.length());
        text(out, text);
        lineEnd(out);
    }

    /// A number where the protocol wants a string.
    void bulkString(long value) {
        var out = header('$', Decimal.length(value));
        Decimal.write(out, value);
        lineEnd(out);
    }

    /// No value.
    void nullBulkString() {
        text(out(), resp3 ? "_\r\n" : "$-1\r\n");
    }

    /// No array; of `EXEC` whose keys have changed, and of time that has run out.
    void nullArray() {
        text(out(), resp3 ? "_\r\n" : "*-1\r\n");
    }

    /// So many replies follow.
    void array(int count) {
        header('*', count);
    }

    /// So many pairs follow.
    void map(int pairs) {
        if (resp3) {
            header('%', pairs);
        } else {
            header('*', 2L * pairs);
        }
    }

    void set(int count) {
        header(resp3 ? '~' : '*', count);
    }

    /// What the client did not ask for now: a message of a channel, an invalidation.
    void push(int count) {
        header(resp3 ? '>' : '*', count);
    }

    /// Text that is meant for people.
    void verbatim(String text) {
        if (!resp3) {
            bulkString(text);
            return;
        }
        var out = header('=', text.length() + 4);
        text(out, "txt:");
        text(out, text);
        lineEnd(out);
    }

    private ByteBuf header(char type, long number) {
        var out = out();
        out.writeByte(type);
        Decimal.write(out, number);
        lineEnd(out);
        return out;
    }

    private ByteBuf out() {
        var out = buffer;
        if (out == null) {
            out = allocator.ioBuffer(FIRST_BYTES);
            buffer = out;
        }
        return out;
    }

    private static void line(ByteBuf out, String text) {
        int start = out.writerIndex();
        text(out, text);
        // A line end within it would let whoever chose the text write replies of his own.
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n') out.setByte(start + i, ' ');
        }
        lineEnd(out);
    }

    private static void text(ByteBuf out, String text) {
        int length = text.length();
        out.ensureWritable(length);
        int start = out.writerIndex();
        for (int i = 0; i < length; i++)
            out.setByte(start + i, text.charAt(i));
        out.writerIndex(start + length);
    }

    private static void lineEnd(ByteBuf out) {
        out.writeShort('\r' << 8 | '\n');
    }
}
