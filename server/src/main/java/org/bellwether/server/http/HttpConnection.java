package org.bellwether.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.bellwether.api.Bytes;
import org.bellwether.api.Refusal;
import org.jspecify.annotations.Nullable;

/// One HTTP connection: puts requests together, starts them, and sends replies in the order of the requests.
///
/// Requests may be pipelined. A connection sees its own earlier writes, so reads start when the writes before
/// them are answered and writes when the reads before them are; writes in a row start together, and end up
/// in one log entry. Nothing starts while the client does not take its replies.
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final byte[] NOTHING = new byte[0];

    private final HttpServer server;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private int unstarted;
    private boolean startedAreWrites;
    private boolean flushScheduled;
    private boolean closing;

    private @Nullable HttpRequest head;
    private byte[] body = NOTHING;
    private int bodyLength;

    private long activeNanos;

    /// A request from its arrival to its reply.
    private static final class Pending {
        final HttpRequest head;
        final Bytes body;
        final @Nullable Reply refusal;
        boolean started;
        @Nullable
        Reply reply;

        Pending(HttpRequest head, Bytes body, @Nullable Reply refusal) {
            this.head = head;
            this.body = body;
            this.refusal = refusal;
        }

        boolean isWrite() {
            return !head.method().equals(HttpMethod.GET) && !head.method().equals(HttpMethod.HEAD);
        }
    }

    HttpConnection(HttpServer server) {
        this.server = server;
        this.activeNanos = System.nanoTime();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!server.opened(this)) {
            closing = true;
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        server.closed(this);
    }

    // Putting requests together.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            activeNanos = System.nanoTime();
            if (closing) return;
            if (message instanceof HttpRequest request) began(ctx, request);
            if (message instanceof HttpContent content) continued(content);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void began(ChannelHandlerContext ctx, HttpRequest request) {
        head = request;
        body = NOTHING;
        bodyLength = 0;
        if (request.decoderResult().isFailure()) {
            refuse(unreadable(request.decoderResult().cause()));
        } else if (HttpUtil.isContentLengthSet(request)
                && tooLong(HttpUtil.getContentLength(request))) {
            refuse(tooLargeBody(HttpUtil.getContentLength(request)));
        } else if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                    HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void continued(HttpContent content) {
        var request = head;
        if (request == null) return;
        if (content.decoderResult().isFailure()) {
            refuse(unreadable(content.decoderResult().cause()));
            return;
        }
        if (tooLong((long) bodyLength + content.content().readableBytes())) {
            refuse(tooLargeBody((long) bodyLength + content.content().readableBytes()));
            return;
        }
        collect(content.content());
        if (content instanceof LastHttpContent) {
            head = null;
            arrived(new Pending(request,
                    Bytes.wrap(bodyLength == body.length ? body : Arrays.copyOf(body, bodyLength)),
                    null));
        }
    }

    /// Grows with what has really come, never with what was announced.
    private void collect(ByteBuf from) {
        int more = from.readableBytes();
        if (more == 0) return;
        if (bodyLength + more > body.length) {
            body = Arrays.copyOf(body, bodyLength == 0
                    ? more
                    : Math.max(bodyLength + more,
                            Math.min(2 * body.length, server.limits().valueBytesMax())));
        }
        from.readBytes(body, bodyLength, more);
        bodyLength += more;
    }

    private boolean tooLong(long bytes) {
        return bytes > server.limits().valueBytesMax();
    }

    private Reply tooLargeBody(long bytes) {
        return Problem.overLimit(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                new Refusal.OverLimit("value", bytes, server.limits().valueBytesMax(), "bytes"));
    }

    private Reply unreadable(@Nullable Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Problem.overLimit(HttpResponseStatus.REQUEST_URI_TOO_LONG,
                    new Refusal.OverLimit("key",
                            server.requestLineBytesMax(), server.limits().keyBytesMax(), "bytes"));
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Problem.of(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "headers_too_large",
                    "the header block is over the limit of " + server.limits().httpHeaderBytesMax()
                            + " bytes");
        }
        return Problem.badRequest("this is not an HTTP request that this server reads");
    }

    /// The rest of what comes on this connection has no known meaning: answer and close.
    private void refuse(Reply refusal) {
        var request = head;
        if (request == null) return;
        head = null;
        arrived(new Pending(request, Bytes.EMPTY, refusal.thenClose()));
        closing = true;
    }

    // Starting them.

    private void arrived(Pending request) {
        pending.addLast(request);
        unstarted++;
        startWhatMay();
        var channel = channel();
        if (pending.size() >= server.limits().httpPipelineMax())
            channel.config().setAutoRead(false);
    }

    private void startWhatMay() {
        if (unstarted == 0) return;
        boolean someRun = false;
        for (var request : pending.toArray(Pending[]::new)) {
            if (request.started) {
                someRun |= request.reply == null;
                continue;
            }
            boolean mayStart = !someRun || (request.isWrite() && startedAreWrites)
                    || (!request.isWrite() && !startedAreWrites);
            if (!mayStart || !channel().isWritable()) return;
            request.started = true;
            unstarted--;
            startedAreWrites = request.isWrite();
            run(request);
            someRun |= request.reply == null;
        }
    }

    private void run(Pending request) {
        if (request.refusal != null) {
            answered(request, request.refusal);
            return;
        }
        try {
            server.routes().dispatch(new Exchange(request.head, Target.parse(request.head.uri()),
                    request.body, reply -> answered(request, reply)));
        } catch (BadRequest bad) {
            answered(request, Problem.badRequest(bad.what()));
        }
    }

    // Answering them.

    private void answered(Pending request, Reply reply) {
        if (request.reply != null) throw new IllegalStateException("a request was answered twice");
        request.reply = reply;
        if (pending.peekFirst() != request) return;
        var ctx = context();
        while (!pending.isEmpty()) {
            var first = pending.peekFirst();
            if (first.reply == null) break;
            pending.removeFirst();
            send(ctx, first, first.reply);
        }
        if (pending.isEmpty()) {
            ctx.flush();
        } else {
            scheduleFlush(ctx);
        }
        if (unstarted > 0) ctx.executor().execute(this::startWhatMay);
        if (!closing && pending.size() < server.limits().httpPipelineMax()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void scheduleFlush(ChannelHandlerContext ctx) {
        if (flushScheduled) return;
        flushScheduled = true;
        ctx.executor().execute(() -> {
            flushScheduled = false;
            ctx.flush();
        });
    }

    private void send(ChannelHandlerContext ctx, Pending request, Reply reply) {
        boolean keepAlive = HttpUtil.isKeepAlive(request.head) && !reply.last;
        var response = response(request, reply);
        if (!keepAlive) {
            closing = true;
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (request.head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        if (keepAlive) {
            ctx.write(response, ctx.voidPromise());
        } else {
            ctx.write(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private FullHttpResponse response(Pending request, Reply reply) {
        boolean noBody = request.head.method().equals(HttpMethod.HEAD);
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, reply.status,
                noBody ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(reply.body),
                DefaultHttpHeadersFactory.headersFactory().withValidation(false),
                DefaultHttpHeadersFactory.trailersFactory());
        var headers = response.headers();
        if (reply.body.length > 0) headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType);
        if (reply.status.code() != 204 && reply.status.code() != 304) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, reply.body.length);
        }
        for (int i = 0; i < reply.headers.size(); i += 2) {
            headers.set(reply.headers.get(i), reply.headers.get(i + 1));
        }
        server.describeNode(headers);
        return response;
    }

    // The rest of a connection's life.

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) startWhatMay();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        server.connectionFailed(ctx.channel(), cause);
        closing = true;
        ctx.close();
    }

    /// A request that does not come to its end, or a connection that nobody uses.
    void closeIfStale(long nowNanos, long requestNanosMax, long idleNanosMax) {
        long quiet = nowNanos - activeNanos;
        boolean stuck = head != null && quiet > requestNanosMax;
        boolean idle = head == null && pending.isEmpty() && quiet > idleNanosMax;
        if (stuck || idle) close();
    }

    void close() {
        context().close();
    }

    private ChannelHandlerContext context() {
        var known = context;
        if (known == null) throw new IllegalStateException("not in a pipeline");
        return known;
    }

    private Channel channel() {
        return context().channel();
    }
}
