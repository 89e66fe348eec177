package org.bellwether.server.resp;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.server.loop.EventLoops;
import org.jspecify.annotations.Nullable;

/// A [FakeStore] behind a real front end on a real port.
final class FakeNode implements AutoCloseable {
    static final Duration HANG = Duration.ofSeconds(60);
    static final RespBounds BOUNDS = RespBounds.of(Limits.DEFAULT);

    private final EventLoops loops;
    private final IoEventLoop loop;
    private final FakeStore store = new FakeStore(Limits.DEFAULT);
    private final RespServer server;
    final Address address;

    FakeNode() throws Exception {
        this(RespConfig.DEFAULT.withFlush(), BOUNDS);
    }

    FakeNode(RespConfig config, RespBounds bounds) throws Exception {
        this(config, bounds, EventLoops.open("resp-test", 1));
    }

    FakeNode(RespConfig config, RespBounds bounds, EventLoops loops) throws Exception {
        this.loops = loops;
        loop = loops.next();
        server = new RespServer(store, store, store, loop, "test", config, bounds);
        address = server.bind(new Address("127.0.0.1", 0), loops.servers());
    }

    RespClient connect() throws Exception {
        return new RespClient(address);
    }

    /// What is done with the store, on its loop.
    interface Visit<T> {
        T with(FakeStore store) throws Exception;
    }

    <T> T store(Visit<T> visit) throws Exception {
        return loop.submit((Callable<T>) () -> visit.with(store)).get();
    }

    /// What the node holds for all its clients.
    long heldBytes() throws Exception {
        return loop.submit(() -> {
            server.connections().forEach(RespConnection::recount);
            return server.holdings().bytes();
        }).get();
    }

    /// Whether anything more is read from the client with this port.
    boolean isRead(int port) {
        try {
            return loop.submit(() -> server.connections().stream()
                    .filter(each -> port(each.channel().remoteAddress()) == port)
                    .anyMatch(each -> each.channel().config().isAutoRead())).get();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    /// As if the system had given this instead of a connection.
    void failToAccept(IOException why) throws Exception {
        loop.submit(() -> server.listening().pipeline().fireExceptionCaught(why)).get();
    }

    @Nullable
    NodeId lastLeader() {
        try {
            return loop.submit(server::lastLeader).get();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    boolean accepts() throws Exception {
        return loop.submit(() -> server.listening().config().isAutoRead()).get();
    }

    void hold() throws Exception {
        store(it -> it.holds = true);
    }

    void letGo() throws Exception {
        store(it -> {
            it.letGo();
            return true;
        });
    }

    void awaitHeld(int count) {
        await(count + " questions", () -> held() == count);
    }

    int held() {
        try {
            return store(FakeStore::heldCount);
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > HANG.toNanos())
                throw new AssertionError("waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws Exception {
        loop.submit(server::close).get();
        loops.close();
    }
}
