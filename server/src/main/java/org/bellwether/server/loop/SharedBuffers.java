package org.bellwether.server.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.uring.IoUringChannelOption;

/// Lets the connections that a server accepts read into the buffers that their loop shares with the kernel.
final class SharedBuffers extends ChannelInboundHandlerAdapter {
    private final short group;

    SharedBuffers(short group) {
        this.group = group;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        ((Channel) accepted).config().setOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID,
                group);
        ctx.fireChannelRead(accepted);
    }
}
