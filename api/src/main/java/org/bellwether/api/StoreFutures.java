package org.bellwether.api;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// A thin façade over a [KeyValueStore] for callers on other threads: hands each request to the
/// store's loop and gives a future for its outcome. Futures complete on the loop; do not block there.
public final class StoreFutures {
    private final KeyValueStore store;
    private final Executor loop;

    public StoreFutures(KeyValueStore store, Executor loop) {
        this.store = store;
        this.loop = loop;
    }

    public CompletableFuture<Outcome> write(Command command, Duration timeout) {
        return write(command, Ack.QUORUM, timeout);
    }

    public CompletableFuture<Outcome> write(Command command, Ack ack, Duration timeout) {
        var future = new CompletableFuture<Outcome>();
        loop.execute(() -> store.write(command, ack, timeout, future::complete));
        return future;
    }

    public CompletableFuture<Outcome> read(Read read, Consistency consistency, Duration timeout) {
        var future = new CompletableFuture<Outcome>();
        loop.execute(() -> store.read(read, consistency, timeout, future::complete));
        return future;
    }

    public CompletableFuture<NodeView> node() {
        return CompletableFuture.supplyAsync(store::node, loop);
    }

    public CompletableFuture<ClusterView> cluster() {
        return CompletableFuture.supplyAsync(store::cluster, loop);
    }

    public CompletableFuture<List<ClusterEvent>> events(long after) {
        return CompletableFuture.supplyAsync(() -> store.events(after), loop);
    }
}
