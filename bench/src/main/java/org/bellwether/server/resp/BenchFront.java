package org.bellwether.server.resp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.NettyLoop;
import org.jspecify.annotations.Nullable;

/// `PING`, `SET` and `GET` in front of somebody else's replication, so that this is measured behind the same sockets,
/// parser and encoder as ours: one loop, everything that arrived in one turn handed over together, replies written
/// once per turn and connection. (In this package because the parser is nobody else's business.)
///
/// It keeps no limits on what clients may have under way: it serves a load generator.
public final class BenchFront {
    private final NettyLoop loop;
    private final Store store;
    private List<Put> puts = new ArrayList<>();
    private List<Connection> putters = new ArrayList<>();
    private List<Get> gets = new ArrayList<>();
    private boolean endQueued;

    /// The replicated map. Called on the front's loop only; may complete anywhere.
    public interface Store {
        /// Done when a majority keeps them all, in this order.
        CompletableFuture<?> put(List<Put> puts);

        /// Done when [#get] sees everything that was acknowledged before this was called.
        CompletableFuture<?> readable();

        @Nullable
        Bytes get(Bytes key);
    }

    public record Put(Bytes key, Bytes value) {}

    private record Get(Connection from, Bytes key) {}

    private BenchFront(NettyLoop loop, Store store) {
        this.loop = loop;
        this.store = store;
    }

    /// Listens until the process ends.
    public static void open(EventLoops loops, InetSocketAddress at, Store store) {
        var loop = loops.next();
        var front = new BenchFront(new NettyLoop(loop), store);
        new ServerBootstrap().group(loop).channelFactory(loops.servers())
                .option(ChannelOption.SO_BACKLOG, 1_024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(front.new Connection());
                    }
                }).bind(at).syncUninterruptibly();
    }

    private void put(Connection from, Put put) {
        puts.add(put);
        putters.add(from);
        queueEnd();
    }

    private void get(Get get) {
        gets.add(get);
        queueEnd();
    }

    private void queueEnd() {
        if (endQueued) return;
        endQueued = true;
        loop.atEndOfTurn(this::endTurn);
    }

    private void endTurn() {
        endQueued = false;
        if (!puts.isEmpty()) {
            var waiting = putters;
            var written = puts;
            putters = new ArrayList<>();
            puts = new ArrayList<>();
            store.put(written).whenComplete((_, failed) -> loop.execute(() -> {
                for (var each : waiting)
                    each.putDone(failed);
            }));
        }
        if (!gets.isEmpty()) {
            var asked = gets;
            gets = new ArrayList<>();
            store.readable().whenComplete((_, failed) -> loop.execute(() -> {
                for (var each : asked)
                    each.from.getDone(failed, each.key);
            }));
        }
    }

    /// One client. What is under way is of one kind, writes or reads, so that its replies come in order and it sees
    /// its own writes; what is of the other kind waits.
    private final class Connection extends ChannelInboundHandlerAdapter {
        private final RequestParser parser = new RequestParser(RequestLimits.of(Limits.DEFAULT));
        private final ArrayDeque<Arguments> waiting = new ArrayDeque<>();
        private @Nullable ChannelHandlerContext context;
        private @Nullable RespWriter writer;
        private int underway;
        private boolean underwayReads;
        private boolean flushQueued;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
            writer = new RespWriter(added.alloc());
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object message) {
            var arrived = (ByteBuf) message;
            try {
                var in = ByteBuffer.wrap(ByteBufUtil.getBytes(arrived));
                for (var next = parser.next(in); next != Parsed.Incomplete.INSTANCE; next = parser
                        .next(in)) {
                    if (!(next instanceof Parsed.Request request)) {
                        from.close();
                        return;
                    }
                    waiting.add(request.arguments());
                }
            } finally {
                arrived.release();
            }
            start();
        }

        private void start() {
            while (!waiting.isEmpty()) {
                var next = waiting.getFirst();
                boolean read = next.is(0, "get") && next.count() == 2;
                boolean write = next.is(0, "set") && next.count() == 3;
                if (underway > 0 && !(read && underwayReads) && !(write && !underwayReads)) return;
                waiting.removeFirst();
                if (read || write) {
                    underway++;
                    underwayReads = read;
                }
                if (read)
                    get(new Get(this, next.bytes(1)));
                else if (write)
                    put(this, new Put(next.bytes(1), next.bytes(2)));
                else
                    answer(next);
            }
        }

        private void answer(Arguments request) {
            var out = reply();
            if (request.is(0, "ping")) {
                out.simpleString("PONG");
            } else if (request.is(0, "config") && request.count() == 3 && request.is(1, "get")) {
                // What redis-benchmark asks for before it begins.
                out.array(2);
                out.bulkString(request.bytes(2));
                out.bulkString("");
            } else {
                out.error("ERR unknown command '" + request.text(0) + "'");
            }
        }

        private RespWriter reply() {
            var out = writer;
            if (out == null) throw new IllegalStateException("not on a channel yet");
            if (!flushQueued) {
                flushQueued = true;
                loop.atEndOfTurn(this::flush);
            }
            return out;
        }

        private void flush() {
            flushQueued = false;
            if (context == null || writer == null) return;
            var bytes = writer.take();
            if (bytes != null) context.writeAndFlush(bytes, context.voidPromise());
        }

        private void putDone(@Nullable Throwable failed) {
            if (failed == null)
                reply().ok();
            else
                reply().error("UNKNOWN " + failed.getMessage());
            ended();
        }

        private void getDone(@Nullable Throwable failed, Bytes key) {
            var found = failed == null ? store.get(key) : null;
            if (failed != null)
                reply().error("ERR " + failed.getMessage());
            else if (found == null)
                reply().nullBulkString();
            else
                reply().bulkString(found);
            ended();
        }

        private void ended() {
            underway--;
            if (underway == 0) start();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable broken) {
            from.close();
        }
    }
}
