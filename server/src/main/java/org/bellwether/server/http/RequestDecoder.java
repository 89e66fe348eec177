package org.bellwether.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;

/// Netty's decoder with a clock: when the request that is arriving began, and when
/// its last bytes came. Whoever sees only whole heads cannot tell an idle client from one that sends a head
/// byte by byte.
///
/// Not HttpServerCodec: that one fails a connection whose pipeline is deeper than a fixed number, while
/// [HttpConnection] stops reading and loses nothing.
final class RequestDecoder extends HttpRequestDecoder {
    /// Of two lengths in a request of HTTP/1.0 the decoder takes the first, and leaves no trace of the second.
    private static final HttpHeadersFactory ONE_LENGTH = new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
            return new DefaultHttpHeaders() {
                @Override
                public HttpHeaders add(CharSequence name, Object value) {
                    if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
                            && contains(HttpHeaderNames.CONTENT_LENGTH))
                        throw BadRequest.of("Content-Length is given twice");
                    return super.add(name, value);
                }
            };
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return newHeaders();
        }
    };

    private boolean underway;
    private long startedNanos;
    private long lastBytesNanos;

    RequestDecoder(Limits limits) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(lineBytesMax(limits))
                .setMaxHeaderSize(limits.httpHeaderBytesMax())
                // Netty's defaults, which system properties could undo: a line ends with CR LF, and there
                // are no two lengths for one body (RFC 9112 §6.3).
                .setStrictLineParsing(true).setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false).setHeadersFactory(ONE_LENGTH));
        lastBytesNanos = System.nanoTime();
    }

    /// Long enough for the longest key, every byte of it escaped, with parameters.
    static int lineBytesMax(Limits limits) {
        return 3 * limits.keyBytesMax() + 1024;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        lastBytesNanos = System.nanoTime();
        if (!underway) startedNanos = lastBytesNanos;
        super.channelRead(ctx, message);
        // What is left over has not made a line yet.
        underway |= actualReadableBytes() > 0;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
            throws Exception {
        if (!underway) skipEmptyLines(in);
        int before = in.readableBytes();
        super.decode(ctx, in, out);
        if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
            underway = false;
        } else if (!underway && in.readableBytes() < before) {
            underway = true;
            startedNanos = lastBytesNanos;
        }
    }

    /// What the decoder would let pass, or repair: a version in lower case, and control characters in the target, where
    /// another reader of the same bytes may see the end of it.
    @Override
    protected HttpMessage createMessage(String[] methodTargetVersion) throws Exception {
        var target = methodTargetVersion[1];
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c == 0x7f)
                throw BadRequest.of("its target has the control character 0x%02x at %d"
                        .formatted((int) c, i));
        }
        var version = methodTargetVersion[2];
        if (!version.startsWith("HTTP/"))
            throw BadRequest.of("its first line ends with a version like HTTP/1.1, not with '"
                    + Bytes.utf8(version) + "'");
        return super.createMessage(methodTargetVersion);
    }

    /// Some clients send one after a body (RFC 9112 §2.2): no request has begun with it.
    private static void skipEmptyLines(ByteBuf in) {
        while (in.isReadable()) {
            byte next = in.getByte(in.readerIndex());
            if (next != '\r' && next != '\n') return;
            in.skipBytes(1);
        }
    }

    /// Whether a request has begun to arrive and has not come to its end.
    boolean isUnderway() {
        return underway;
    }

    /// Of memory, for what is not decoded yet.
    int heldBytes() {
        return actualReadableBytes();
    }

    long startedNanos() {
        return startedNanos;
    }

    long lastBytesNanos() {
        return lastBytesNanos;
    }

    /// The time during which we did not listen is not the client's.
    void startClockAgain() {
        lastBytesNanos = System.nanoTime();
        startedNanos = lastBytesNanos;
    }
}
