package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespWriterTest {
    static String written(boolean resp3, Consumer<RespWriter> what) {
        var writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT);
        writer.setResp3(resp3);
        what.accept(writer);
        var buffer = writer.take();
        if (buffer == null) return "";
        var text = buffer.toString(ISO_8859_1);
        buffer.release();
        return text;
    }

    private static void assertReply(String resp2, String resp3, Consumer<RespWriter> what) {
        assertEquals(resp2, written(false, what));
        assertEquals(resp3, written(true, what));
    }

    private static void assertReply(String both, Consumer<RespWriter> what) {
        assertReply(both, both, what);
    }

    @Test
    void whatBothProtocolsHave() {
        assertReply("+OK\r\n", RespWriter::ok);
        assertReply("+PONG\r\n", w -> w.simpleString("PONG"));
        assertReply("-ERR syntax error\r\n", w -> w.error("ERR syntax error"));
        assertReply(":0\r\n", w -> w.integer(0));
        assertReply("$0\r\n\r\n", w -> w.bulkString(new byte[0]));
        assertReply("$3\r\na\r\n\r\n", w -> w.bulkString(Bytes.utf8("a\r\n")));
        assertReply("$4\r\ntext\r\n", w -> w.bulkString("text"));
        assertReply("$5\r\n-1234\r\n", w -> w.bulkString(-1234));
        assertReply("*0\r\n", w -> w.array(0));
        assertReply("*2\r\n", w -> w.array(2));
    }

    @Test
    void whatOnlyResp3Has() {
        assertReply("$-1\r\n", "_\r\n", RespWriter::nullBulkString);
        assertReply("*-1\r\n", "_\r\n", RespWriter::nullArray);
        assertReply("*4\r\n", "%2\r\n", w -> w.map(2));
        assertReply("*2\r\n", "~2\r\n", w -> w.set(2));
        assertReply("*3\r\n", ">3\r\n", w -> w.push(3));
        assertReply("$5\r\na\r\nb\n\r\n", "=9\r\ntxt:a\r\nb\n\r\n", w -> w.verbatim("a\r\nb\n"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 99, 100, 12345, -1, -9, -10, -100, Integer.MAX_VALUE,
            Integer.MIN_VALUE, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L, Long.MAX_VALUE,
            Long.MIN_VALUE})
    void integers(long value) {
        assertReply(":" + value + "\r\n", w -> w.integer(value));
        var text = Long.toString(value);
        assertReply("$" + text.length() + "\r\n" + text + "\r\n", w -> w.bulkString(value));
    }

    /// Or whoever chose a key could write a reply of his own into an error.
    @Test
    void aLineHasNoLineEnds() {
        assertReply("-ERR unknown command 'a  +OK  '\r\n",
                w -> w.error("ERR unknown command 'a\r\n+OK\r\n'"));
        assertReply("+a b\r\n", w -> w.simpleString("a\nb"));
    }

    @Test
    void aCharIsAByte() {
        assertReply("-ERR '\u00ff\u0000\u00e9'\r\n", w -> w.error("ERR '\u00ff\u0000\u00e9'"));
        assertReply("$2\r\n\u00c3\u00a9\r\n", w -> w.bulkString("\u00c3\u00a9"));
    }

    @Test
    void allRepliesOfATurnAreOneBuffer() {
        var writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT);
        assertNull(writer.take());
        assertEquals(0, writer.pendingBytes());
        for (int i = 0; i < 1000; i++)
            writer.ok();
        assertEquals(5000, writer.pendingBytes());
        var buffer = writer.take();
        assertTrue(buffer != null && buffer.readableBytes() == 5000);
        buffer.release();
        assertNull(writer.take());
    }

    @Test
    void theProtocolMayChangeBetweenReplies() {
        var writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT);
        writer.nullBulkString();
        writer.setResp3(true);
        assertTrue(writer.isResp3());
        writer.nullBulkString();
        var buffer = writer.take();
        assertTrue(buffer != null);
        assertEquals("$-1\r\n_\r\n", buffer.toString(ISO_8859_1));
        buffer.release();
    }

    @Test
    void repliesWithoutFractionsAllocateNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT);
        byte[] value = new byte[100];
        for (int round = 0; round < 2; round++) {
            writer.ok();
            var first = writer.take();
            assertTrue(first != null);
            first.release();
            writer.bulkString(new byte[1 << 20]);
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 5000; i++) {
                writer.integer(Long.MIN_VALUE + i);
                writer.bulkString(value);
                writer.nullBulkString();
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            var buffer = writer.take();
            assertTrue(buffer != null);
            buffer.release();
            assertTrue(round == 0 || allocated < 64 * 1024, allocated + " bytes allocated");
        }
    }
}
