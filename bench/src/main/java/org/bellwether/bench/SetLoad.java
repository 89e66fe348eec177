package org.bellwether.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.bellwether.server.loop.EventLoops;

/// Writes that a second machine has too: `SET` alone where its `OK` says so, `SET` and `WAIT 1 0` sent together where it does
/// not (Redis). A write is done when all its replies are there; a `WAIT` that counts no replica ends the run.
///
///     SetLoad PORT CONNECTIONS REQUESTS KEYS set|wait
///
/// Each connection has one write under way. A quarter as many requests go before what is counted. Prints requests per second, and
/// the p50 and p99 of their latencies in milliseconds.
public final class SetLoad {
    private static final int VALUE_BYTES = 128;
    private static final int KEY_DIGITS = 12;
    private static final String KEY = "key:" + "0".repeat(KEY_DIGITS);
    private static final String SET = "*3\r\n$3\r\nSET\r\n$" + KEY.length() + "\r\n";
    private static final byte[] WRITE = (SET + KEY + "\r\n$" + VALUE_BYTES + "\r\n"
            + "v".repeat(VALUE_BYTES) + "\r\n").getBytes(ISO_8859_1);
    private static final byte[] WAIT = "*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$1\r\n0\r\n"
            .getBytes(ISO_8859_1);
    private static final int LAST_DIGIT = SET.length() + KEY.length() - 1;

    private final boolean waits;
    private final int keys;
    private final int uncounted;
    private final long[] nanos;
    private final SplittableRandom random = new SplittableRandom(1);
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int started;
    private int answered;
    private long begun;
    private long ended;

    private SetLoad(int requests, int keys, boolean waits) {
        this.keys = keys;
        this.waits = waits;
        this.uncounted = requests / 4;
        this.nanos = new long[requests];
    }

    static void main(String[] args) {
        boolean waits = switch (args[4]) {
            case "set" -> false;
            case "wait" -> true;
            default -> throw new IllegalArgumentException("set or wait, not " + args[4]);
        };
        int requests = Integer.parseInt(args[2]);
        if (requests < 1) throw new IllegalArgumentException("no requests");
        new SetLoad(requests, Integer.parseInt(args[3]), waits).run(Integer.parseInt(args[0]),
                Integer.parseInt(args[1]));
    }

    /// Everything else happens on the one loop.
    private void run(int port, int connections) {
        try (var loops = EventLoops.open("load", 1)) {
            var bootstrap = new Bootstrap().group(loops.next()).channelFactory(loops.sockets())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Connection());
                        }
                    });
            for (int i = 0; i < connections; i++)
                bootstrap.connect("127.0.0.1", port).syncUninterruptibly();
            done.join();
        }
        Arrays.sort(nanos);
        System.out.printf(Locale.ROOT, "%.2f %.3f %.3f%n", nanos.length * 1e9 / (ended - begun),
                at(0.5), at(0.99));
    }

    private double at(double share) {
        return nanos[(int) Math.round(share * (nanos.length - 1))] / 1e6;
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        private final StringBuilder line = new StringBuilder();
        private int linesLeft;
        private long sent;

        @Override
        public void channelActive(ChannelHandlerContext to) {
            write(to);
        }

        private void write(ChannelHandlerContext to) {
            if (started == uncounted + nanos.length) return;
            started++;
            linesLeft = waits ? 2 : 1;
            var out = to.alloc().ioBuffer(WRITE.length + WAIT.length).writeBytes(WRITE);
            int key = random.nextInt(keys);
            for (int at = LAST_DIGIT; key > 0; at--, key /= 10)
                out.setByte(at, '0' + key % 10);
            if (waits) out.writeBytes(WAIT);
            sent = System.nanoTime();
            to.writeAndFlush(out, to.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object message) {
            var in = (ByteBuf) message;
            try {
                while (in.isReadable()) {
                    char next = (char) in.readByte();
                    if (next == '\n') {
                        check(line.toString().strip());
                        line.setLength(0);
                    } else {
                        line.append(next);
                    }
                }
            } finally {
                ReferenceCountUtil.release(in);
            }
            if (linesLeft == 0) {
                count();
                write(from);
            }
        }

        private void check(String reply) {
            boolean first = linesLeft == (waits ? 2 : 1);
            linesLeft--;
            boolean good = first
                    ? reply.equals("+OK")
                    : reply.startsWith(":") && Integer.parseInt(reply.substring(1)) >= 1;
            if (!good || linesLeft < 0) {
                done.completeExceptionally(
                        new IllegalStateException("answered to a write: " + reply));
            }
        }

        private void count() {
            long now = System.nanoTime();
            if (answered == uncounted) begun = sent;
            if (answered >= uncounted) nanos[answered - uncounted] = now - sent;
            answered++;
            if (answered == uncounted + nanos.length) {
                ended = now;
                done.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext gone) {
            done.completeExceptionally(new IllegalStateException("closed by the server"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable broken) {
            done.completeExceptionally(broken);
        }
    }
}
