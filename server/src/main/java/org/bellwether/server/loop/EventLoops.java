package org.bellwether.server.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A few threads that each run an event loop, and the kind of channel that these can serve.
public final class EventLoops implements AutoCloseable {
    /// Set to `io_uring`, `epoll` or `nio` to have that kind or none.
    public static final String KIND_PROPERTY = "bellwether.loops";

    private static final Logger log = LoggerFactory.getLogger(EventLoops.class);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    /// How a loop learns of its sockets, the fastest first.
    public enum Kind {
        IO_URING, EPOLL, NIO;

        /// Netty 4.2.18 has io_uring accept again at once after an error, whether it is to or not, if one request is for many
        /// connections.
        private static final String ACCEPTS_MANY = "io.netty.iouring.acceptMultiShotEnabled";

        static {
            if (System.getProperty(ACCEPTS_MANY) == null) System.setProperty(ACCEPTS_MANY, "false");
        }

        public boolean isAvailable() {
            return whyNot() == null;
        }

        private @Nullable Throwable whyNot() {
            return switch (this) {
                case IO_URING -> IoUring.unavailabilityCause();
                case EPOLL -> Epoll.unavailabilityCause();
                case NIO -> null;
            };
        }

        private IoHandlerFactory handlers() {
            return switch (this) {
                case IO_URING -> IoUringIoHandler.newFactory();
                case EPOLL -> EpollIoHandler.newFactory();
                case NIO -> NioIoHandler.newFactory();
            };
        }
    }

    private final Kind kind;
    private final MultiThreadIoEventLoopGroup group;

    private EventLoops(Kind kind, String name, int threads) {
        this.kind = kind;
        // Not daemons: a node ends when it is closed, not when its main thread has run out.
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, false),
                kind.handlers());
    }

    /// Starts loops of the kind that [#KIND_PROPERTY] names, else of the fastest kind there is.
    ///
    /// @param name of the threads, with a number after it
    public static EventLoops open(String name, int threads) {
        var forced = System.getProperty(KIND_PROPERTY);
        return open(name, threads, forced == null ? fastest() : parse(forced));
    }

    /// @throws IllegalStateException if this machine has no such loops
    public static EventLoops open(String name, int threads, Kind kind) {
        var whyNot = kind.whyNot();
        if (whyNot != null) {
            throw new IllegalStateException(
                    "no " + label(kind) + " event loops here: " + whyNot.getMessage(), whyNot);
        }
        log.info("Event loops '{}': {} × {}", name, threads, label(kind));
        return new EventLoops(kind, name, threads);
    }

    public Kind kind() {
        return kind;
    }

    /// One of the loops; they take turns.
    public IoEventLoop next() {
        return group.next();
    }

    /// Makes sockets that listen on these loops.
    public ChannelFactory<ServerChannel> servers() {
        return () -> {
            ServerChannel made = switch (kind) {
                case IO_URING -> new IoUringServerSocketChannel();
                case EPOLL -> new EpollServerSocketChannel();
                case NIO -> new NioServerSocketChannel();
            };
            made.pipeline().addLast(new AcceptErrors());
            return made;
        };
    }

    /// Makes sockets that connect from these loops.
    public ChannelFactory<Channel> sockets() {
        return switch (kind) {
            case IO_URING -> IoUringSocketChannel::new;
            case EPOLL -> EpollSocketChannel::new;
            case NIO -> NioSocketChannel::new;
        };
    }

    /// For how many milliseconds what was sent may stay unacknowledged before the connection is given up (RFC 5482); without
    /// it the system goes on for a quarter of an hour, at ever longer intervals. Null where it cannot be said.
    public @Nullable ChannelOption<Integer> userTimeout() {
        return switch (kind) {
            case IO_URING -> IoUringChannelOption.TCP_USER_TIMEOUT;
            case EPOLL -> EpollChannelOption.TCP_USER_TIMEOUT;
            case NIO -> null;
        };
    }

    /// Ends the loops once their tasks are done, and waits for that, a few seconds at most. Called off the
    /// loops.
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_MAX.toMillis());
    }

    private static Kind fastest() {
        for (var kind : Kind.values()) {
            var whyNot = kind.whyNot();
            if (whyNot == null) return kind;
            log.debug("No {} event loops here: {}", label(kind), whyNot.toString());
        }
        return Kind.NIO;
    }

    private static Kind parse(String text) {
        for (var kind : Kind.values()) {
            if (label(kind).equals(text)) return kind;
        }
        throw new IllegalArgumentException(
                KIND_PROPERTY + " must be io_uring, epoll or nio, not '" + text + "'");
    }

    private static String label(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
