package org.bellwether.server.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What goes wrong with a connection before it is accepted. Netty takes any such error for a lack of means and accepts
/// nobody for a second; whoever can make errors of the network at will would keep everybody out
/// (CVE-2025-48367). So only where it is a lack of means there is a pause: whoever waits would else be tried for without
/// an end.
final class AcceptErrors extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(AcceptErrors.class);
    private static final long PAUSE_MILLIS = 1_000;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private long lastWarnedNanos = System.nanoTime() - MINUTE_NANOS;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isLack(String.valueOf(cause.getMessage()))) {
            log.debug("a connection was gone before it was accepted: {}", cause.toString());
            return;
        }
        warn(ctx.channel(), cause);
        if (ctx.channel().config().isAutoRead()) pause(ctx.channel());
    }

    private static boolean isLack(String message) {
        return Stream.of("Too many open files", "emory", "buffer space")
                .anyMatch(message::contains);
    }

    private static void pause(Channel listening) {
        listening.config().setAutoRead(false);
        var _ = listening.eventLoop().schedule(() -> listening.config().setAutoRead(true),
                PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void warn(Channel listening, Throwable cause) {
        long now = System.nanoTime();
        if (now - lastWarnedNanos < MINUTE_NANOS) return;
        lastWarnedNanos = now;
        log.warn("cannot accept connections at {}, and tries again every second: {}",
                listening.localAddress(), cause.getMessage());
    }
}
