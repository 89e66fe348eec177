package org.bellwether.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Clients that write without pause, one request in flight each, spread over all nodes; one that meets trouble
/// goes on with the next node. Plain sockets: the load must cost less than what it measures.
final class WriteLoad implements AutoCloseable {
    private static final String VALUE = "bellwether-0123-".repeat(8);
    private static final int CONNECT_MILLIS = 300;
    private static final int READ_MILLIS = 1_500;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration HANGING = Duration.ofSeconds(60);
    private static final long NONE = Long.MAX_VALUE;

    private final BenchCluster cluster;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong firstAfter = new AtomicLong(NONE);
    private volatile long sentAfter = NONE;
    private volatile boolean ended;

    WriteLoad(BenchCluster cluster, int count) {
        this.cluster = cluster;
        for (int i = 0; i < count; i++) {
            int client = i;
            clients.add(Thread.ofVirtual().start(() -> run(client)));
        }
    }

    private void run(int client) {
        int node = client % BenchCluster.NODES + 1;
        while (!ended) {
            try (var socket = new Socket()) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(READ_MILLIS);
                socket.connect(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(),
                                cluster.httpPort(node)),
                        CONNECT_MILLIS);
                write(socket, client);
            } catch (IOException gone) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
            node = node % BenchCluster.NODES + 1;
        }
    }

    /// Until the first answer that is not a success.
    private void write(Socket socket, int client) throws IOException {
        var in = new BufferedInputStream(socket.getInputStream());
        byte[] request = RawHttp.put("failover-" + client, VALUE);
        OutputStream out = socket.getOutputStream();
        while (!ended) {
            long sent = System.nanoTime();
            out.write(request);
            int status = RawHttp.status(in);
            long heard = System.nanoTime();
            if (status != 200 && status != 201) {
                LockSupport.parkNanos(PAUSE.toNanos());
                return;
            }
            acknowledged.incrementAndGet();
            if (sent - sentAfter > 0 && sentAfter != NONE)
                firstAfter.accumulateAndGet(heard, Math::min);
        }
    }

    void awaitAcknowledged(long count) {
        long goal = acknowledged.get() + count;
        BenchCluster.await("writes to be acknowledged", HANGING,
                () -> acknowledged.get() >= goal);
    }

    /// When the first write was acknowledged that was sent after this moment.
    long awaitFirstSentAfter(long moment) {
        sentAfter = moment;
        BenchCluster.await("a write after the blow", HANGING, () -> firstAfter.get() != NONE);
        return firstAfter.get();
    }

    @Override
    public void close() {
        ended = true;
        for (var client : clients) {
            try {
                client.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
