package org.bellwether.server.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.transport.Frame;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The link that this node dials to one peer and sends on. It is dialed for ever, with back-off, until it
/// is closed; but not at an address that is this node's own by now, until the peer has said where it is.
///
/// ```
/// WAITING → DIALING   the back-off is over, or the peer has just dialed us
/// DIALING → UP        the peer welcomed us              DIALING → WAITING   no answer, or a refusal
/// UP      → CUTTING   a bound was reached
/// UP, CUTTING → WAITING   the connection closed: what was sent may not have arrived
/// any     → CLOSED    nobody wants this link any more
/// ```
final class OutgoingLink {
    private static final Logger log = LoggerFactory.getLogger(OutgoingLink.class);
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    /// After a silence of the network, the system would try again only after as long as that has lasted.
    private static final Duration UNHEARD_MAX = Duration.ofSeconds(5);
    /// A link that did not live for this long has not earned a quick second chance.
    private static final Duration SOUND = Duration.ofSeconds(1);

    private enum State {
        WAITING, DIALING, UP, CUTTING, CLOSED
    }

    private final NettyTransport owner;
    private final Member peer;
    private final Backoff backoff;

    private State state = State.WAITING;
    private @Nullable Channel channel;
    private @Nullable Outbox outbox;
    private @Nullable Future<?> timer;
    private long upSince;
    private boolean unflushed;
    /// Messages, since the link could take them last.
    private long dropped;
    /// So that a peer that is down for a day is a line in the log, and not a line per attempt.
    private String trouble = "";

    OutgoingLink(NettyTransport owner, Member peer) {
        this.owner = owner;
        this.peer = peer;
        this.backoff = new Backoff(owner.settings().dice());
    }

    Member peer() {
        return peer;
    }

    boolean isUp() {
        return state == State.UP;
    }

    /// Does not wait any longer.
    void dialNow() {
        if (state != State.WAITING || owner.isHere(peer.peer())) return;
        if (timer != null) timer.cancel(false);
        timer = null;
        state = State.DIALING;
        Address address = peer.peer();
        try {
            // Names are looked up elsewhere: that can take seconds, and nothing on the loop blocks.
            connect(new InetSocketAddress(InetAddress.ofLiteral(address.host()), address.port()));
        } catch (IllegalArgumentException aName) {
            Thread.ofVirtual().start(() -> lookUp(address));
        }
    }

    private void lookUp(Address address) {
        try {
            var found = new InetSocketAddress(InetAddress.getByName(address.host()),
                    address.port());
            owner.loop().execute(() -> connect(found));
        } catch (UnknownHostException nobody) {
            owner.loop().execute(() -> failed("no such host"));
        }
    }

    private void connect(InetSocketAddress address) {
        if (state != State.DIALING) return;
        var bootstrap = new Bootstrap().group(owner.loop())
                .channelFactory(owner.sockets()).option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_MAX.toMillis())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(new DialHandler(OutgoingLink.this, owner));
                    }
                });
        var userTimeout = owner.loops().userTimeout();
        if (userTimeout != null) bootstrap.option(userTimeout, (int) UNHEARD_MAX.toMillis());
        var connecting = bootstrap.connect(address);
        if (connecting.isDone() && !connecting.isSuccess()) {
            // There is not even a socket, so nothing will ever be closed.
            failed(reasonOf(connecting.cause()));
            return;
        }
        var dialed = connecting.channel();
        channel = dialed;
        owner.track(dialed);
        connecting.addListener(done -> {
            if (!done.isSuccess()) trouble(reasonOf(done.cause()));
        });
        // Never within the call that closes: that may be a send, in the middle of a step of the node.
        dialed.closeFuture().addListener(_ -> owner.loop().execute(() -> lost(dialed)));
    }

    private static String reasonOf(Throwable cause) {
        return cause instanceof IOException && cause.getMessage() != null
                ? cause.getMessage()
                : cause.toString();
    }

    /// The peer said welcome.
    void up(Channel dialed) {
        if (state != State.DIALING) return;
        state = State.UP;
        upSince = System.nanoTime();
        trouble = "";
        outbox = new Outbox(dialed);
        log.debug("Link to {} at {} is up", peer.name(), peer.peer());
    }

    /// Why there is no link. Told to people once, until it changes.
    void trouble(String reason) {
        if (state == State.CLOSED || reason.equals(trouble)) return;
        trouble = reason;
        owner.warn("No link to node " + peer.name() + " at " + peer.peer() + ": " + reason
                + "; trying on");
    }

    /// @return whether there is something to flush that was not known of
    boolean send(Frame frame) {
        if (state != State.UP) return false;
        var out = Objects.requireNonNull(outbox);
        var limits = owner.settings().limits();
        if (frame.bytes() > limits.frameBytesMax()) {
            cut("a frame of %d bytes is over the limit of %d".formatted(frame.bytes(),
                    limits.frameBytesMax()));
            return false;
        }
        if (out.bytesWaiting() + frame.bytes() > limits.peerBufferBytesMax()) {
            cut("it does not read: %d bytes are waiting for it".formatted(out.bytesWaiting()));
            return false;
        }
        out.add(frame);
        boolean first = !unflushed;
        unflushed = true;
        return first;
    }

    /// Sends what may be lost, as a message to listeners may: it is dropped long before it crowds out what the nodes
    /// have to say to each other, and never cuts the link.
    ///
    /// @return as [#send]
    boolean offer(Frame frame) {
        if (state != State.UP) return false;
        var out = Objects.requireNonNull(outbox);
        int most = owner.settings().limits().peerMessagesBytesMax();
        // What one turn brings may be more than that; the system may well take it.
        if (out.bytesWaiting() + frame.bytes() > most) out.flush();
        if (out.bytesWaiting() + frame.bytes() > most) {
            if (dropped++ == 0) {
                owner.warn("Link to node " + peer.name() + ": published messages are dropped, for "
                        + out.bytesWaiting() + " bytes are waiting for it");
            }
            return false;
        }
        if (dropped > 0 && out.bytesWaiting() <= most / 2) {
            owner.warn("Link to node " + peer.name() + ": " + dropped
                    + " published messages were dropped");
            dropped = 0;
        }
        return send(frame);
    }

    void flush() {
        unflushed = false;
        if (state == State.UP) Objects.requireNonNull(outbox).flush();
    }

    private void cut(String reason) {
        state = State.CUTTING;
        owner.warn("Link to node " + peer.name() + " is cut: " + reason);
        if (channel != null) channel.close();
    }

    /// Closes for good. Whoever sent on it is told, as after any other end.
    void close() {
        boolean wasUp = wasUp();
        state = State.CLOSED;
        if (timer != null) timer.cancel(false);
        if (outbox != null) outbox.drop();
        outbox = null;
        if (channel != null) channel.close();
        channel = null;
        if (wasUp) owner.loop().execute(() -> owner.undelivered(peer.id()));
    }

    private boolean wasUp() {
        return state == State.UP || state == State.CUTTING;
    }

    private void failed(String reason) {
        trouble(reason);
        waitAndDial();
    }

    private void lost(Channel closed) {
        if (!closed.equals(channel)) return;
        boolean wasUp = wasUp();
        channel = null;
        if (outbox != null) outbox.drop();
        outbox = null;
        if (wasUp && System.nanoTime() - upSince >= SOUND.toNanos()) backoff.reset();
        waitAndDial();
        if (wasUp) {
            log.debug("Link to {} at {} closed", peer.name(), peer.peer());
            owner.undelivered(peer.id());
        }
    }

    private void waitAndDial() {
        if (state == State.CLOSED) return;
        state = State.WAITING;
        timer = owner.loop().schedule(this::dialNow, backoff.next().toNanos(),
                TimeUnit.NANOSECONDS);
    }
}
