package org.bellwether.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bellwether.transport.BadFrameException;
import org.jspecify.annotations.Nullable;

/// The acceptor's side of the handshake, on a connection from anybody at all.
final class AcceptHandler extends ByteToMessageDecoder {
    private final IncomingLinks links;
    private boolean done;
    private @Nullable Future<?> timer;

    AcceptHandler(IncomingLinks links) {
        this.links = links;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        if (!links.begin()) {
            done = true;
            links.refusedTo(context.channel(), "too many handshakes at once");
            context.close();
            return;
        }
        timer = context.executor().schedule(() -> {
            links.refusedTo(context.channel(), "no handshake in time");
            context.close();
        }, links.handshakeMax().toMillis(), TimeUnit.MILLISECONDS);
        super.channelActive(context);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
            throws BadFrameException {
        if (done) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int seen = Math.min(in.readableBytes(), Hello.magic().length);
        for (int i = 0; i < seen; i++) {
            if (in.getByte(in.readerIndex() + i) != Hello.magic()[i])
                throw new BadFrameException("no handshake but " + start(in));
        }
        if (in.readableBytes() < Hello.FIXED_BYTES) return;
        int protocol = in.getUnsignedShort(in.readerIndex() + Hello.magic().length);
        if (protocol != Hello.PROTOCOL) {
            refuse(context, "protocol version " + protocol + "; this node speaks version "
                    + Hello.PROTOCOL);
            return;
        }
        if (in.readableBytes() < Hello.HEAD_BYTES) return;
        int hostBytes = in.getUnsignedByte(in.readerIndex() + Hello.HEAD_BYTES - 1);
        if (in.readableBytes() < Hello.bytes(hostBytes)) return;
        byte[] bytes = new byte[Hello.bytes(hostBytes)];
        in.readBytes(bytes);
        var hello = Hello.decode(bytes);
        var refusal = links.refusalOf(hello);
        if (refusal == null) {
            welcome(context, hello);
        } else if (links.wasRemoved(hello)) {
            refuse(context, Verdict.removed());
        } else {
            refuse(context, refusal);
        }
    }

    private static String start(ByteBuf in) {
        byte[] bytes = new byte[Math.min(in.readableBytes(), 32)];
        in.getBytes(in.readerIndex(), bytes);
        return Strangers.printable(bytes);
    }

    private void welcome(ChannelHandlerContext context, Hello hello) {
        end();
        context.writeAndFlush(Unpooled.wrappedBuffer(Verdict.welcome().encode()));
        links.accepted(hello, context);
    }

    private void refuse(ChannelHandlerContext context, String reason) {
        refuse(context, Verdict.refused(reason));
    }

    private void refuse(ChannelHandlerContext context, Verdict verdict) {
        end();
        links.refusedTo(context.channel(), String.valueOf(verdict.refusal()));
        context.writeAndFlush(Unpooled.wrappedBuffer(verdict.encode()))
                .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        end();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end();
        var root = Strangers.rootOf(cause);
        if (!(root instanceof IOException))
            links.refusedTo(context.channel(), Strangers.describe(root));
        context.close();
    }

    private void end() {
        if (done) return;
        done = true;
        if (timer != null) timer.cancel(false);
        links.end();
    }
}
