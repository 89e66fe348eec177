package org.bellwether.server.loop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A process of its own that takes all file descriptors but a few, and greets whoever gets one of these.
final class FewDescriptors {
    static final int FREE = 10;
    static final int GREETING = '!';
    private static final int TRIES = 3;

    private FewDescriptors() {}

    /// Prints the port, and then, when a line has come in and it was in vain to accept [#TRIES] times more, how many
    /// milliseconds were between two of them at least.
    public static void main(String[] words) throws Exception {
        var loops = EventLoops.open("few", 1, EventLoops.Kind.valueOf(words[0]));
        var bootstrap = new ServerBootstrap().group(loops.next()).channelFactory(loops.servers())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Greeter());
                    }
                });
        var listening = bootstrap.bind(new InetSocketAddress("127.0.0.1", 0)).sync().channel();
        // When there are no descriptors, no classes are loaded.
        listening.eventLoop().submit(() -> listening.pipeline()
                .fireExceptionCaught(new IOException("Too many open files"))).get();
        var tries = new LinkedBlockingQueue<Long>();
        listening.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                tries.add(System.nanoTime());
                ctx.fireExceptionCaught(cause);
            }
        });
        listening.eventLoop().submit(() -> listening.pipeline()
                .fireExceptionCaught(new IOException("nothing"))).get();
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        try (var first = new Socket("127.0.0.1", port)) {
            first.getInputStream().read();
        }
        takeAllBut(FREE);
        System.out.println(port);
        System.in.read();
        System.out.println(shortestGap(tries).toMillis());
        System.in.read();
    }

    private static Duration shortestGap(BlockingQueue<Long> tries) throws InterruptedException {
        tries.clear();
        long shortest = Long.MAX_VALUE;
        long last = tries.take();
        for (int i = 1; i < TRIES; i++) {
            long next = tries.take();
            shortest = Math.min(shortest, next - last);
            last = next;
        }
        return Duration.ofNanos(shortest);
    }

    private static void takeAllBut(int free) throws IOException {
        var taken = new ArrayDeque<FileInputStream>();
        try {
            while (true)
                taken.add(new FileInputStream("/dev/null"));
        } catch (IOException _) {
            for (int i = 0; i < free; i++)
                taken.remove().close();
        }
    }

    private static final class Greeter extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte(GREETING));
        }
    }
}
