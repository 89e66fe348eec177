package org.bellwether.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bellwether.transport.BadFrameException;
import org.jspecify.annotations.Nullable;

/// The dialer's side of the handshake. After it the peer has nothing more to say on this connection; a
/// byte from it closes it.
final class DialHandler extends ByteToMessageDecoder {
    private final OutgoingLink link;
    private final NettyTransport owner;
    private boolean done;
    private @Nullable Future<?> timer;

    DialHandler(OutgoingLink link, NettyTransport owner) {
        this.link = link;
        this.owner = owner;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        var self = owner.settings().self();
        var hello = new Hello(Hello.PROTOCOL, Hello.FORMAT, self.cluster(), self.node(),
                link.peer().id(), owner.address());
        context.writeAndFlush(Unpooled.wrappedBuffer(hello.encode()));
        timer = context.executor().schedule(() -> {
            link.trouble("it does not answer");
            context.close();
        }, owner.handshakeMax().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
            throws BadFrameException {
        if (done) {
            in.skipBytes(in.readableBytes());
            throw new BadFrameException("it speaks where it should listen");
        }
        int seen = Math.min(in.readableBytes(), Hello.magic().length);
        for (int i = 0; i < seen; i++) {
            if (in.getByte(in.readerIndex() + i) != Hello.magic()[i])
                throw new BadFrameException("no node of Bellwether answers there");
        }
        if (in.readableBytes() < Verdict.HEAD_BYTES) return;
        byte[] head = new byte[Verdict.HEAD_BYTES];
        in.getBytes(in.readerIndex(), head);
        int bytes = Verdict.bytes(head);
        if (in.readableBytes() < bytes) return;
        byte[] whole = new byte[bytes];
        in.readBytes(whole);
        done(context, Verdict.decode(whole));
    }

    private void done(ChannelHandlerContext context, Verdict verdict) {
        done = true;
        stopTimer();
        var refusal = verdict.refusal();
        if (refusal == null) {
            link.up(context.channel());
        } else {
            link.trouble("it refuses us: " + Strangers.printable(refusal));
            if (verdict.isFinal()) owner.expelled(link.peer().id());
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        stopTimer();
        if (!done) link.trouble("it closed the connection without a word");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        done = true;
        var root = Strangers.rootOf(cause);
        if (!(root instanceof IOException)) link.trouble(Strangers.describe(root));
        context.close();
    }

    private void stopTimer() {
        if (timer != null) timer.cancel(false);
    }
}
