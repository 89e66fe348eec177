package org.bellwether.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Clients that write so much that tables are made durable and logs lose their beginning, over and over the same few
/// large values, until this is closed.
final class Filling implements AutoCloseable {
    static final int KEYS = 24;
    private static final int CLIENTS = 2;
    private static final int VALUE_BYTES = 1 << 20;

    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean ended;

    Filling(TestCluster cluster, int node) {
        for (int i = 0; i < CLIENTS; i++) {
            int first = i;
            clients.add(Thread.ofPlatform().name("filling " + i)
                    .start(() -> run(cluster, node, first)));
        }
    }

    private void run(TestCluster cluster, int node, int first) {
        var value = new byte[VALUE_BYTES];
        for (int i = first; !ended; i += CLIENTS) {
            try {
                cluster.call(node, "PUT", "/v1/kv/large-" + i % KEYS, value);
            } catch (IOException again) {
                // Whether it was written does not matter.
            }
        }
    }

    @Override
    public void close() {
        ended = true;
        for (var client : clients) {
            try {
                client.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
