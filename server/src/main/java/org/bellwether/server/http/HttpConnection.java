package org.bellwether.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
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
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.server.clients.Account;
import org.bellwether.server.clients.Holdings;
import org.bellwether.server.http.Reply.Stream;
import org.jspecify.annotations.Nullable;

/// One HTTP connection: puts requests together, starts them, and sends replies in the order of the requests.
///
/// Requests may be pipelined. A connection sees its own earlier writes, so reads start when the writes before
/// them are answered and writes when the reads before them are; writes in a row start together, and end up
/// in one log entry. Nothing starts and nothing is written while the client does not take its replies, and
/// nothing is read while too much waits; what all clients together may make the node hold, [Holdings] says.
///
/// The connection ends when a request says so, when the client has ended its side, or when what follows has
/// no known meaning: then nothing more is read, what was read before is answered, and the last reply closes.
final class HttpConnection extends ChannelInboundHandlerAdapter implements Holdings.Client {
    /// Stands for a request of which not even the head came.
    private static final HttpRequest NO_HEAD = new DefaultHttpRequest(HttpVersion.HTTP_1_1,
            HttpMethod.GET, "/");

    /// Answers that are told whether there is room or not: whether this node is alive, and why something was refused.
    private static final int SMALL_BYTES = 4096;
    /// Of a header in memory, beside its letters.
    private static final int HEADER_BYTES = 100;

    private final HttpServer server;
    private final RequestDecoder decoder;
    private @Nullable ChannelHandlerContext context;

    private @Nullable HttpRequest head;
    private final BodyBuffer body = new BodyBuffer();
    private boolean continueOwed;

    private final Account account;
    /// Requests that are not answered.
    private long requestBytes;
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private final Deque<Pending> started = new ArrayDeque<>();
    private int running;
    private boolean runningAreWrites;
    private boolean starting;

    /// Between the first read of a turn and its last; replies leave together at the end.
    private boolean reading;
    private boolean flushScheduled;

    /// No request comes after those in the queues.
    private boolean ending;
    private boolean inputEnded;
    /// Whether the client may still be sending when the last reply leaves.
    private boolean lingers;
    private long lingeringSinceNanos;
    private boolean lingering;
    /// Since when the client takes nothing, or when it last did.
    private long takenNanos = System.nanoTime();
    /// A reply that is being sent piece by piece; the ones after it wait.
    private @Nullable StreamedBody streaming;

    /// A request from its arrival to its reply.
    private static final class Pending {
        final HttpRequest head;
        final Bytes body;
        final @Nullable Reply refusal;
        /// Of memory, until it is answered.
        final int bytes;
        @Nullable
        Reply reply;
        /// Of its body, that are held until it is written.
        int replyBytes;

        Pending(HttpRequest head, Bytes body, @Nullable Reply refusal) {
            this.head = head;
            this.body = body;
            this.refusal = refusal;
            this.bytes = body.length() + bytesOf(head);
        }

        private static int bytesOf(HttpRequest head) {
            int bytes = head.uri().length();
            for (var headers = head.headers().iteratorCharSequence(); headers.hasNext();) {
                var header = headers.next();
                bytes += header.getKey().length() + header.getValue().length() + HEADER_BYTES;
            }
            return bytes;
        }

        boolean isWrite() {
            return !head.method().equals(HttpMethod.GET) && !wantsHeadersOnly();
        }

        boolean wantsHeadersOnly() {
            return head.method().equals(HttpMethod.HEAD);
        }
    }

    HttpConnection(HttpServer server, RequestDecoder decoder) {
        this.server = server;
        this.decoder = decoder;
        // Nothing here waits for room: what is written is answered with little.
        this.account = new Account(server.holdings(), Limits.HTTP_UNSENT_BYTES_MAX, () -> {
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!server.opened(this)) {
            ending = true;
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ending = true;
        waiting.clear();
        account.close();
        if (streaming != null) streaming.close();
        // Backups behind the one that was being sent would stay open for ever.
        for (var request : started)
            if (request.reply != null && request.reply.stream != null) request.reply.stream.close();
        server.closed(this);
    }

    // Putting requests together.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        try {
            if (ending) return;
            if (message instanceof HttpRequest request) began(request);
            if (message instanceof HttpContent content) continued(content);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        ctx.flush();
    }

    private void began(HttpRequest request) {
        head = request;
        body.clear();
        var refusal = Framing.refusal(request, server.limits());
        if (refusal != null) {
            refuse(refusal);
        } else if (HttpUtil.is100ContinueExpected(request)) {
            continueOwed = true;
            continueIfOwed();
        }
    }

    /// A 100 before the replies to earlier requests would be taken for one of them.
    private void continueIfOwed() {
        if (!continueOwed || isBusy()) return;
        continueOwed = false;
        context().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    private void continued(HttpContent content) {
        var request = head;
        if (request == null) return;
        continueOwed = false;
        if (content.decoderResult().isFailure()) {
            refuse(Framing.unreadableBody(content.decoderResult().cause(), server.limits()));
            return;
        }
        long length = (long) body.length() + content.content().readableBytes();
        if (Framing.tooLong(length, server.limits())) {
            refuse(Framing.tooLarge(length, server.limits()));
            return;
        }
        int more = content.content().readableBytes();
        if (more > 0 && !server.holdings().hasRoom(more)) {
            refuse(Framing.noRoom(server.holdings().bytesMax()));
            return;
        }
        account.add(more);
        body.append(content.content(), server.limits().valueBytesMax());
        if (content instanceof LastHttpContent) {
            head = null;
            if (!HttpUtil.isKeepAlive(request)) ending = true;
            arrived(new Pending(request, body.take(), null));
        }
    }

    /// The rest of what comes on this connection has no known meaning: answer and close.
    private void refuse(Reply refusal) {
        var request = head == null ? NO_HEAD : head;
        head = null;
        body.clear();
        continueOwed = false;
        ending = true;
        lingers = true;
        arrived(new Pending(request, Bytes.EMPTY, refusal));
    }

    /// The client has sent all that it will. It may have closed, or it may wait for what it asked.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        inputEnded = true;
        if (lingering) {
            ctx.close();
        } else {
            dismiss(Framing.cutOff());
        }
    }

    /// What was asked is still answered, and nothing more is read.
    ///
    /// @param refusal for a request that has not come to its end
    void dismiss(Reply refusal) {
        if (ending) return;
        if (decoder.isUnderway()) {
            refuse(refusal);
            return;
        }
        ending = true;
        // After whatever was answered and has not left yet.
        if (!isBusy()) context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::end);
    }

    // Starting them.

    private boolean isBusy() {
        return !waiting.isEmpty() || !started.isEmpty() || streaming != null;
    }

    private int pending() {
        return waiting.size() + started.size();
    }

    private void arrived(Pending request) {
        waiting.addLast(request);
        requestBytes += request.bytes;
        startWhatMay();
        if (isFull()) channel().config().setAutoRead(false);
    }

    private boolean isFull() {
        return pending() >= server.limits().httpPipelineMax()
                || requestBytes > Limits.HTTP_PIPELINE_BYTES_MAX;
    }

    private void startWhatMay() {
        starting = true;
        while (!waiting.isEmpty() && mayStart(waiting.getFirst())) {
            var next = waiting.removeFirst();
            started.addLast(next);
            running++;
            runningAreWrites = next.isWrite();
            run(next);
        }
        starting = false;
    }

    private boolean mayStart(Pending next) {
        if (!channel().isWritable() || account.isFull()) return false;
        if (running == 0) return true;
        return next.isWrite() == runningAreWrites
                && (runningAreWrites || running < Limits.HTTP_READS_MAX);
    }

    private void run(Pending request) {
        if (request.refusal != null) {
            answered(request, request.refusal);
            return;
        }
        try {
            server.routes().dispatch(new Exchange(request.head, Target.parse(request.head.uri()),
                    request.body, this::refusal, reply -> answered(request, reply)));
        } catch (BadRequest bad) {
            answered(request, Problem.badRequest(bad.what()));
        } catch (RuntimeException bug) {
            // What has happened is not known; a connection that closes without a reply says just that.
            exceptionCaught(context(), bug);
        }
    }

    // Answering them.

    private void answered(Pending request, Reply reply) {
        if (request.reply != null) throw new IllegalStateException("a request was answered twice");
        // Before its turn to be sent: nobody will read it, and what it holds may be scarce.
        if (reply.stream != null && (request.wantsHeadersOnly() || !channel().isActive()))
            reply.stream.close();
        request.reply = kept(request, reply);
        running--;
        var ctx = context();
        sendWhatMay(ctx);
        flushSoon(ctx);
        continueIfOwed();
        if (!waiting.isEmpty() && !starting) ctx.executor().execute(this::startWhatMay);
        listenAgain(ctx.channel());
    }

    /// A read for whose answer there is no room has no effect, so that it can be refused; what was written is told.
    private Reply kept(Pending request, Reply reply) {
        var noRoom = request.isWrite() ? null : refusal(reply.body.length);
        if (noRoom != null) return noRoom;
        account.holdAll(reply.body.length);
        request.replyBytes = reply.body.length;
        return reply;
    }

    private @Nullable Reply refusal(long bytes) {
        var holdings = server.holdings();
        return bytes <= SMALL_BYTES || holdings.hasRoom(bytes)
                ? null
                : Framing.noRoom(holdings.bytesMax());
    }

    private void sendWhatMay(ChannelHandlerContext ctx) {
        while (!started.isEmpty() && streaming == null && ctx.channel().isWritable()) {
            var first = started.getFirst();
            if (first.reply == null) break;
            started.removeFirst();
            requestBytes -= first.bytes;
            account.written(first.replyBytes);
            send(ctx, first, first.reply);
        }
        recount();
    }

    @Override
    public long recount() {
        var unsent = channel().unsafe().outboundBuffer();
        return account.count(decoder.heldBytes() + body.length() + requestBytes
                + (unsent == null ? 0 : unsent.totalPendingWriteBytes()));
    }

    @Override
    public void evict(long held) {
        server.evicted(channel(), held);
        // At once: the channel may be closed later, and until then this would still be the largest.
        account.close();
        context().close();
    }

    private void listenAgain(Channel channel) {
        if (ending || channel.config().isAutoRead() || isFull()) return;
        decoder.startClockAgain();
        channel.config().setAutoRead(true);
    }

    /// Once for all replies of this turn, and at once where no other can follow.
    private void flushSoon(ChannelHandlerContext ctx) {
        if (reading || flushScheduled) return;
        if (!isBusy()) {
            ctx.flush();
            return;
        }
        flushScheduled = true;
        ctx.executor().execute(() -> {
            flushScheduled = false;
            ctx.flush();
        });
    }

    private void send(ChannelHandlerContext ctx, Pending request, Reply reply) {
        if (reply.stream != null && !request.wantsHeadersOnly()) {
            stream(ctx, request, reply, reply.stream);
            return;
        }
        boolean last = ending && !isBusy();
        var response = response(request, reply);
        if (last) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            ctx.write(response).addListener(this::end);
            return;
        }
        if (request.head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        ctx.write(response, ctx.voidPromise());
    }

    /// In chunks; to a client of HTTP/1.0, which knows none, until the connection closes.
    private void stream(ChannelHandlerContext ctx, Pending request, Reply reply, Stream stream) {
        boolean chunked = !request.head.protocolVersion().equals(HttpVersion.HTTP_1_0);
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, reply.status);
        var headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType);
        if (chunked) headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        if (!chunked) ending = true;
        if (ending) headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        for (int i = 0; i < reply.headers.size(); i += 2)
            headers.set(reply.headers.get(i), reply.headers.get(i + 1));
        server.describeNode(headers);
        ctx.write(response, ctx.voidPromise());
        streaming = new StreamedBody(ctx, stream, () -> {
            streaming = null;
            sendWhatMay(ctx);
            if (ending && !isBusy()) {
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::end);
            } else {
                ctx.flush();
                listenAgain(ctx.channel());
            }
        });
        streaming.pump();
    }

    private FullHttpResponse response(Pending request, Reply reply) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, reply.status,
                request.wantsHeadersOnly()
                        ? Unpooled.EMPTY_BUFFER
                        : Unpooled.wrappedBuffer(reply.body),
                DefaultHttpHeadersFactory.headersFactory().withValidation(false),
                DefaultHttpHeadersFactory.trailersFactory());
        var headers = response.headers();
        if (reply.status.code() != 204 && reply.status.code() != 304) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType);
            // How long a stream would be, nobody knows.
            if (reply.stream == null)
                headers.set(HttpHeaderNames.CONTENT_LENGTH, reply.body.length);
        }
        for (int i = 0; i < reply.headers.size(); i += 2) {
            headers.set(reply.headers.get(i), reply.headers.get(i + 1));
        }
        server.describeNode(headers);
        return response;
    }

    /// Closing with bytes unread makes the kernel reset the connection, and a client that is still sending
    /// would lose the reply that says why. So our side ends first, and what comes is thrown away.
    private void end(Future<?> sent) {
        var channel = channel();
        if (sent.isSuccess() && lingers && !inputEnded && channel instanceof DuplexChannel both) {
            lingering = true;
            lingeringSinceNanos = System.nanoTime();
            both.shutdownOutput();
            channel.config().setAutoRead(true);
        } else {
            channel.close();
        }
    }

    // The rest of a connection's life.

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        takenNanos = System.nanoTime();
        // Not from within what has just been written.
        if (ctx.channel().isWritable()) ctx.executor().execute(this::goOn);
    }

    /// The client has taken replies.
    private void goOn() {
        var ctx = context();
        if (!ctx.channel().isOpen()) return;
        if (streaming != null) streaming.pump();
        sendWhatMay(ctx);
        ctx.flush();
        if (!starting) startWhatMay();
        listenAgain(ctx.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        server.connectionFailed(ctx.channel(), cause);
        ending = true;
        ctx.close();
    }

    /// A request that does not come to its end, or a connection that nobody uses. Called now and then.
    void closeIfStale(long nowNanos, Patience patience) {
        if (lingering) {
            if (nowNanos - lingeringSinceNanos > patience.linger().toNanos()) close();
            return;
        }
        long quiet = nowNanos - decoder.lastBytesNanos();
        boolean waits = isBusy() && channel().isWritable();
        long untaken = nowNanos - takenNanos;
        if (Math.min(quiet, untaken) > patience.idle().toNanos() && !waits) {
            close();
        } else if (!ending && decoder.isUnderway() && channel().config().isAutoRead()
                && isLate(nowNanos, quiet, patience)) {
            refuse(Problem.of(HttpResponseStatus.REQUEST_TIMEOUT, "request_timeout",
                    "the request did not come to its end in time; nothing was done"));
        }
    }

    private boolean isLate(long nowNanos, long quiet, Patience patience) {
        long age = nowNanos - decoder.startedNanos();
        return head == null
                ? age > patience.head().toNanos()
                : quiet > patience.silence().toNanos() || age > patience.request().toNanos();
    }

    /// What is answered by now still leaves.
    void close() {
        context().flush();
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
