package org.bellwether.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.bellwether.server.http.Reply.Stream;
import org.jspecify.annotations.Nullable;

/// Sends a body piece by piece, no faster than the client takes it. When there will be no more before the end, the
/// connection closes without the last chunk, which tells the client just that.
final class StreamedBody {
    private final ChannelHandlerContext context;
    private final Stream stream;
    private final Runnable ended;
    private boolean asked;
    private boolean over;

    /// @param ended told when the last piece was written
    StreamedBody(ChannelHandlerContext context, Stream stream, Runnable ended) {
        this.context = context;
        this.stream = stream;
        this.ended = ended;
    }

    /// Called again whenever the channel can be written to.
    void pump() {
        if (asked || over || !context.channel().isWritable()) return;
        asked = true;
        stream.next(this::send, why -> {
            close();
            context.close();
        });
    }

    private void send(byte @Nullable [] bytes) {
        asked = false;
        if (over) return;
        if (bytes == null) {
            close();
            context.write(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
            context.flush();
            ended.run();
        } else {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)),
                    context.voidPromise());
            // Not from within: a stream that answers at once would go deeper with every piece.
            context.executor().execute(this::pump);
        }
    }

    void close() {
        if (over) return;
        over = true;
        stream.close();
    }
}
