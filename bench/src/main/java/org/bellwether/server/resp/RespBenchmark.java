package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Limits;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/// Requests out of bytes and replies into bytes, per request of a pipeline of 16. (In this package because
/// the front end's parts are nobody else's business.)
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RespBenchmark {
    private static final int PIPELINE = 16;
    private static final String KEY = "key:000000000001";
    private static final byte[] VALUE = "v".repeat(128).getBytes(ISO_8859_1);

    private final ByteBuf sets = pipeline(
            "*3\r\n$3\r\nSET\r\n$16\r\n" + KEY + "\r\n$128\r\n" + "v".repeat(128) + "\r\n");
    private final ByteBuf gets = pipeline("*2\r\n$3\r\nGET\r\n$16\r\n" + KEY + "\r\n");
    private final ByteBuffer incoming = ByteBuffer.allocate(64 * 1024);
    private final RequestParser parser = new RequestParser(RequestLimits.of(Limits.DEFAULT));
    private final RespWriter writer = new RespWriter(PooledByteBufAllocator.DEFAULT);
    private final CommandTable table = new CommandTable();
    private final Arguments set = Arguments.of("SET", KEY, "v");

    private static ByteBuf pipeline(String request) {
        byte[] bytes = request.repeat(PIPELINE).getBytes(ISO_8859_1);
        return PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    }

    @TearDown
    public void close() {
        sets.release();
        gets.release();
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public void parseSet(Blackhole hole) {
        parse(sets, hole);
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public void parseGet(Blackhole hole) {
        parse(gets, hole);
    }

    /// The copy out of the buffer included.
    private void parse(ByteBuf arrived, Blackhole hole) {
        arrived.readerIndex(0).readBytes(incoming.clear().limit(arrived.writerIndex()));
        var in = incoming.flip();
        while (parser.next(in) instanceof Parsed.Request request)
            hole.consume(request.arguments());
    }

    @Benchmark
    public Object findCommand() {
        return Objects.requireNonNull(table.find(set));
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public int writeValue() {
        for (int i = 0; i < PIPELINE; i++)
            writer.bulkString(VALUE);
        return taken();
    }

    @Benchmark
    @OperationsPerInvocation(PIPELINE)
    public int writeOk() {
        for (int i = 0; i < PIPELINE; i++)
            writer.ok();
        return taken();
    }

    private int taken() {
        var out = Objects.requireNonNull(writer.take());
        int bytes = out.readableBytes();
        out.release();
        return bytes;
    }
}
