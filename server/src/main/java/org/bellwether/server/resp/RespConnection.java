package org.bellwether.server.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.server.clients.Account;
import org.bellwether.server.clients.Holdings;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// One connection of a Redis client: starts the requests as they come ([Arrivals]), and sends the replies in
/// the order of the requests, all that are there at the end of a turn of the loop at once.
///
/// What may be under way at the same time, [Action] says. Nothing starts while the client does not take its
/// replies, and nothing is read while too much waits; the client's own send buffer is the queue then.
///
/// The connection ends when a command says so, when the client has ended its side, or when what follows has
/// no known meaning: then nothing more is read, what was read before is answered, and the last reply closes.
final class RespConnection extends ChannelInboundHandlerAdapter implements Holdings.Client {
    /// Replies that are smaller are not worth being counted the moment they have left.
    private static final int COUNTED_BYTES = 64 * 1024;

    private final RespServer server;
    private final Arrivals arrivals;
    private @Nullable ChannelHandlerContext context;
    private @Nullable RespWriter writer;
    private @Nullable Session session;

    private final Unanswered unanswered;
    private final Account account;
    /// Where the reply begins that is being written; below zero between replies.
    private int replyStart = -1;
    /// Messages that came in the midst of a reply.
    private final List<Consumer<RespWriter>> pushes = new ArrayList<>();

    /// Whether a request has waited for a leader in vain. Those behind it do not all wait as long, one after the other.
    private boolean waitedInVain;
    /// Whether the end of this turn is to come here.
    private boolean touched;
    /// No request comes after those in the queues.
    private boolean ending;
    /// What is written when everything before it is; then the connection ends.
    private @Nullable String lastWords;
    private boolean closed;
    private boolean inputEnded;
    /// Whether the client may still be sending when the last reply leaves.
    private boolean lingers;
    private boolean lingering;

    private long lastBytesNanos = System.nanoTime();
    /// Since when the client lingers, or does not take replies.
    private long sinceNanos;
    private boolean stuck;

    RespConnection(RespServer server) {
        this.server = server;
        this.arrivals = new Arrivals(server, this);
        this.unanswered = new Unanswered(server.bounds());
        this.account = new Account(server.holdings(), server.bounds().unsentBytesMax(),
                this::touch);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        writer = new RespWriter(ctx.alloc());
        session = new Session(server, this, server.nextId());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        setLimits(!session().isAuthenticated());
        if (server.opened(this)) return;
        ending = true;
        out().error("ERR max number of clients reached");
        endTurn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed = true;
        ending = true;
        unanswered.drop();
        session().subscriptions().end();
        session().tracking().end();
        var unsent = out().take();
        if (unsent != null) unsent.release();
        account.close();
        server.closed(this);
    }

    // Requests.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        lastBytesNanos = System.nanoTime();
        if (unanswered.isEmpty()) waitedInVain = false;
        try {
            arrivals.read(bytes);
        } finally {
            bytes.release();
        }
        touch();
        if (isFull()) ctx.channel().config().setAutoRead(false);
        server.wasRead();
    }

    /// What is no request, or the last one of some.
    void heard(Parsed parsed) {
        switch (parsed) {
            case Parsed.Incomplete _, Parsed.Request _ -> {
            }
            case Parsed.ProtocolError(var reply) -> {
                ending = true;
                lingers = true;
                lastWords = reply;
            }
            case Parsed.CrossProtocol(var name) -> {
                server.attacked(channel(), name);
                close();
            }
        }
    }

    void arrived(Call call) {
        unanswered.arrived(call);
        if (!unanswered.isWaiting() && mayStart() && unanswered.mayStart(call)) {
            start(call);
        } else {
            unanswered.enqueue(call);
        }
    }

    private boolean mayStart() {
        return !isClogged() && !account.isHeldBack() && (unanswered.isIdle() || !account.isFull());
    }

    /// Whether the client has to take replies before there are more.
    boolean isClogged() {
        int most = session().isAuthenticated()
                ? server.bounds().unsentBytesMax()
                : Limits.RESP_STRANGER_UNSENT_BYTES_MAX;
        return !channel().isWritable() || out().pendingBytes() >= most;
    }

    private void start(Call call) {
        // Not after it has agreed on another protocol.
        session().tracking().tell();
        dispatch(call);
        if (!session().multi().isOpen()) session().tracking().began(call.name());
    }

    private void dispatch(Call call) {
        session().begin(call.name());
        server.counted();
        if (!session().isAuthenticated() && !call.isForStrangers()) {
            refuse(call, "NOAUTH Authentication required.");
            return;
        }
        var multi = session().multi();
        if (!out().isResp3() && !session().subscriptions().isEmpty() && !call.isForListeners()) {
            refuse(call, "ERR Can't execute '" + call.name()
                    + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed"
                    + " in this context");
            return;
        }
        if (server.config().cluster() && isSentAway(call, multi)) return;
        if (multi.isOpen() && !call.isAboutTransactions()) {
            answer(call, (_, _, out) -> multi.queue(call, out));
            return;
        }
        switch (call.action()) {
            case Action.AtOnce(var answer) -> answer(call, answer);
            case Action.Alone(var task, var _) -> start(call, task);
            case Action.Reads(var plan) -> start(call, plan);
            case Action.Writes(var plan, var _) -> start(call, plan);
        }
    }

    private void refuse(Call call, String error) {
        answer(call, call.endsTransaction()
                ? TransactionActions.refused(error)
                : (_, _, out) -> out.error(error));
    }

    /// Whether another node must be asked, and the client was told which.
    private boolean isSentAway(Call call, Multi multi) {
        boolean ends = multi.isOpen() && call.endsTransaction();
        var error = ClusterActions.redirection(session(), ends ? multi.queued() : List.of(call));
        if (error == null) return false;
        if (ends) {
            multi.end();
        } else {
            multi.spoil();
        }
        answer(call, (_, _, out) -> out.error(error));
        return true;
    }

    /// Nothing is under way before it.
    private void answer(Call call, Action.Answer answer) {
        beginReply();
        try {
            answer.give(session(), call.arguments(), out());
        } catch (CommandError refused) {
            out().error(refused.reply());
        }
        endReply(session().isMute());
        unanswered.gone(call);
    }

    private void start(Call call, Action.Task task) {
        if (session().isMute()) call.silence();
        unanswered.started(call);
        if (session().tracking().follows())
            call.track(call.endsTransaction() ? session().multi().queued() : List.of(call));
        try {
            task.start(call);
        } catch (CommandError refused) {
            call.refuse(refused.reply());
        }
    }

    private void start(Call call, Plan.Maker plan) {
        start(call, (Action.Task) it -> it.perform(plan.make(session(), it.arguments())));
    }

    /// Whether a leader was waited for long enough, and there is none yet.
    boolean isLeaderless() {
        // The next one that is lost is waited for anew, also where there is always something under way.
        if (waitedInVain && server.store().node().leaderServes()) waitedInVain = false;
        return waitedInVain;
    }

    /// A call was. On the loop, under the feet of whoever answers.
    void answered() {
        touch();
    }

    // Memory.

    Account account() {
        return account;
    }

    @Override
    public long recount() {
        return account.count(arrivals.heldBytes() + unanswered.heldBytes() + session().heldBytes()
                + unsentBytes());
    }

    @Override
    public boolean isSpared() {
        return session().isSpared();
    }

    @Override
    public void evict(long held) {
        server.evicted(channel(), held);
        close();
    }

    private long unsentBytes() {
        var outbound = channel().unsafe().outboundBuffer();
        return out().pendingBytes() + (outbound == null ? 0 : outbound.totalPendingWriteBytes());
    }

    // Messages.

    /// Whether there is room for one of so many bytes. Who does not read them is not waited for: others listen, too.
    boolean mayHear(long bytes) {
        if (closed) return false;
        long unsent = unsentBytes();
        if (unsent <= 2L * server.bounds().unsentBytesMax()
                && (unsent == 0 || server.holdings().hasRoom(bytes))) {
            account.add(bytes);
            return true;
        }
        server.tooSlow(channel(), unsent);
        close();
        return false;
    }

    /// Tells something that is no reply: never within one, and also to a client that wants none.
    void push(Consumer<RespWriter> message) {
        if (replyStart < 0) {
            message.accept(out());
        } else if (isReplyEmpty()) {
            message.accept(out());
            keepWritten();
        } else {
            pushes.add(message);
        }
        touch();
    }

    /// Whether nothing of the reply was written yet.
    boolean isReplyEmpty() {
        return out().pendingBytes() == replyStart;
    }

    /// The reply that the client may not want begins behind what was written so far.
    void keepWritten() {
        replyStart = out().pendingBytes();
    }

    // Replies.

    private void touch() {
        if (touched || closed) return;
        touched = true;
        server.touched(this);
    }

    /// Everything that arrived in this turn has been seen, and every answer of this turn is there.
    void endTurn() {
        if (!closed) {
            try {
                do {
                    advance();
                    send();
                } while (unanswered.isFirstAnswered() && !isClogged());
                recount();
            } catch (Throwable broken) {
                exceptionCaught(context(), broken);
            }
        }
        touched = false;
        // What was sent may have left at once, and nothing else says that there is room again.
        if (!closed && unanswered.mayGoOn() && mayStart()) touch();
    }

    private void advance() {
        do {
            writeAnswered();
        } while (startSome());
    }

    /// As much as goes into one part of what is sent.
    private void writeAnswered() {
        session().tracking().tell();
        while (unanswered.isFirstAnswered() && !isClogged()) {
            var first = unanswered.takeFirst();
            account.written(first.replyBytes());
            beginReply();
            first.writeReply(out());
            endReply(first.isSilent());
            unanswered.written(first);
            if (first.foundNoLeader()) waitedInVain = true;
            session().tracking().tell();
        }
    }

    private void beginReply() {
        replyStart = out().pendingBytes();
    }

    private void endReply(boolean unwanted) {
        if (unwanted) out().cutTo(replyStart);
        replyStart = -1;
        if (pushes.isEmpty()) return;
        for (var push : pushes)
            push.accept(out());
        pushes.clear();
    }

    private boolean startSome() {
        boolean some = false;
        for (var next = next(); next != null; next = next()) {
            start(next);
            some = true;
        }
        return some;
    }

    private @Nullable Call next() {
        return mayStart() ? unanswered.next() : null;
    }

    private void send() {
        var ctx = context();
        boolean last = ending && unanswered.isEmpty();
        if (last && lastWords != null) {
            out().error(lastWords);
            lastWords = null;
        }
        var replies = out().take();
        if (last && !lingering) {
            ctx.writeAndFlush(replies == null ? Unpooled.EMPTY_BUFFER : replies)
                    .addListener(this::end);
        } else if (replies != null && replies.readableBytes() > COUNTED_BYTES) {
            // When it has left, this client holds less.
            ctx.writeAndFlush(replies).addListener(_ -> touch());
        } else if (replies != null) {
            ctx.writeAndFlush(replies, ctx.voidPromise());
        }
        if (!ending && !isFull() && !ctx.channel().config().isAutoRead()) {
            lastBytesNanos = System.nanoTime();
            ctx.channel().config().setAutoRead(true);
        }
    }

    private boolean isFull() {
        var bounds = server.bounds();
        int most = session().isAuthenticated()
                ? bounds.pipelineBytes()
                : RequestLimits.ofStranger().requestBytesMax();
        return unanswered.size() >= bounds.pipelineMax() || unanswered.bytes() > most
                || !channel().isWritable();
    }

    // The end.

    /// The client has sent all that it will. It may have closed, or it may wait for what it asked.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        inputEnded = true;
        if (lingering) {
            ctx.close();
            return;
        }
        ending = true;
        touch();
    }

    /// After the reply to the command that is being performed; what was sent behind it is not looked at.
    void endAfterThis() {
        ending = true;
        unanswered.drop();
        touch();
    }

    /// Closing with bytes unread makes the kernel reset the connection, and a client that is still sending
    /// would lose the reply that says why. So our side ends first, and what comes is thrown away.
    private void end(Future<?> sent) {
        var channel = channel();
        if (sent.isSuccess() && lingers && !inputEnded && channel instanceof DuplexChannel both) {
            lingering = true;
            sinceNanos = System.nanoTime();
            both.shutdownOutput();
            channel.config().setAutoRead(true);
        } else {
            channel.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        stuck = false;
        touch();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }

    /// Ends this connection, whatever happened on it, and nothing else.
    void fail(Throwable cause) {
        if (closed) return;
        server.connectionFailed(channel(), cause);
        close();
    }

    /// Without another word; what is under way goes on, and nobody hears of it.
    void close() {
        ending = true;
        closed = true;
        unanswered.drop();
        account.close();
        channel().close();
    }

    /// What was asked is still answered, and what comes later is not looked at.
    void dismiss() {
        ending = true;
        lingers = true;
        touch();
    }

    /// What is answered by now still leaves.
    void flushAndClose() {
        endTurn();
        close();
    }

    /// Called now and then.
    ///
    /// @param idle zero for no bound
    void closeIfStale(long nowNanos, Duration idle) {
        long silence = server.bounds().silence().toNanos();
        boolean writable = channel().isWritable();
        if (!lingering && !writable && !stuck) {
            stuck = true;
            sinceNanos = nowNanos;
        }
        long quiet = nowNanos - lastBytesNanos;
        boolean late = arrivals.isUnderway() && channel().config().isAutoRead() && quiet > silence;
        boolean unused = !idle.isZero() && session().subscriptions().isEmpty()
                && unanswered.isEmpty()
                && quiet > idle.toNanos();
        boolean hopeless = stuck && nowNanos - sinceNanos > silence;
        boolean unknown = session().strangeForNanos(nowNanos) > server.bounds().strangerMax()
                .toNanos();
        boolean gone = lingering && nowNanos - sinceNanos > server.bounds().linger().toNanos();
        if (late || unused || hopeless || unknown || gone) close();
    }

    // What others see of it.

    boolean isOpen() {
        return !closed;
    }

    /// Whether no request comes after those that are here.
    boolean isEnding() {
        return ending;
    }

    Unanswered unanswered() {
        return unanswered;
    }

    /// Whether its client waits for replicas.
    boolean isBlocked() {
        var first = unanswered.first();
        return first != null && first.name().startsWith("wait");
    }

    Session session() {
        return known(session);
    }

    RespWriter out() {
        return known(writer);
    }

    Channel channel() {
        return context().channel();
    }

    /// @param stranger whether the client has yet to say who it is
    void setLimits(boolean stranger) {
        arrivals.setLimits(server.requestLimits(stranger));
        int most = stranger
                ? Limits.RESP_STRANGER_UNSENT_BYTES_MAX
                : server.bounds().unsentBytesMax();
        channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(most / 2, most));
    }

    long idleSeconds(long nowNanos) {
        return (nowNanos - lastBytesNanos) / 1_000_000_000;
    }

    private ChannelHandlerContext context() {
        return known(context);
    }

    private static <T> T known(@Nullable T part) {
        if (part == null) throw new IllegalStateException("not in a pipeline");
        return part;
    }
}
