package org.bellwether.server.loop;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What goes wrong with a connection before it is accepted. Netty takes any such error for a lack of means and accepts
/// nobody for a second; whoever can make errors of the network at will would keep everybody out
/// (CVE-2025-48367). So only what is a lack of means gets there.
@Sharable
final class AcceptErrors extends ChannelInboundHandlerAdapter {
    static final AcceptErrors HANDLER = new AcceptErrors();
    private static final Logger log = LoggerFactory.getLogger(AcceptErrors.class);

    private AcceptErrors() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (isLack(String.valueOf(cause.getMessage()))) {
            ctx.fireExceptionCaught(cause);
        } else {
            log.debug("a connection was gone before it was accepted: {}", cause.toString());
        }
    }

    private static boolean isLack(String message) {
        return Stream.of("Too many open files", "emory", "buffer space")
                .anyMatch(message::contains);
    }
}
