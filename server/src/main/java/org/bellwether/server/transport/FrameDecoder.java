package org.bellwether.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.bellwether.transport.BadFrameException;
import org.bellwether.transport.PeerCodec;

/// Cuts an incoming link's bytes into frames and these into messages.
final class FrameDecoder extends ByteToMessageDecoder {
    private final int frameBytesMax;

    FrameDecoder(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
            throws BadFrameException {
        if (in.readableBytes() < PeerCodec.LENGTH_BYTES) return;
        long bytes = PeerCodec.LENGTH_BYTES + in.getUnsignedInt(in.readerIndex());
        // Before a single byte is kept for it.
        if (bytes > frameBytesMax) {
            throw new BadFrameException(
                    "a frame of " + bytes + " bytes is over the limit of " + frameBytesMax);
        }
        if (in.readableBytes() < bytes) return;
        out.add(PeerCodec.decode(in.nioBuffer(in.readerIndex(), (int) bytes)));
        in.skipBytes((int) bytes);
    }
}
