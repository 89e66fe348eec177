package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisException;

/// Redis clients that move amounts from one key to another, each move between `MULTI` and `EXEC`, and look at both with
/// `MGET`: whoever looks, whatever becomes of a move, and through every failover, nothing is missing.
final class Movers implements AutoCloseable {
    private static final int CLIENTS = 2;
    private static final String ONE = "moved:one";
    private static final String OTHER = "moved:other";

    private final TestCluster cluster;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger moved = new AtomicInteger();
    private final AtomicInteger looked = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    Movers(TestCluster cluster, long seed) {
        this.cluster = cluster;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < CLIENTS; i++) {
            var dice = random.split();
            threads.add(Thread.ofPlatform().name("mover " + i)
                    .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                    .start(() -> run(dice)));
        }
    }

    private void run(SplittableRandom dice) {
        var clients = cluster.nodes().stream()
                .map(node -> PlainClient.jedis(cluster.resp(node))).toList();
        int use = 0;
        while (!ended) {
            var client = clients.get(use % clients.size());
            try {
                if (dice.nextBoolean()) {
                    move(client, dice.nextInt(-50, 50));
                } else {
                    requireNothingLost(client.mget(ONE, OTHER));
                    looked.incrementAndGet();
                }
            } catch (JedisException unsure) {
                use++;
            }
        }
        clients.forEach(RedisClient::close);
    }

    private void move(RedisClient client, int amount) {
        try (var transaction = client.multi()) {
            transaction.incrBy(ONE, amount);
            transaction.decrBy(OTHER, amount);
            var both = transaction.mget(ONE, OTHER);
            transaction.exec();
            requireNothingLost(both.get());
            moved.incrementAndGet();
        }
    }

    private static void requireNothingLost(List<String> both) {
        assertEquals(0, number(both.get(0)) + number(both.get(1)), () -> "they hold " + both);
    }

    private static long number(@Nullable String value) {
        return value == null ? 0 : Long.parseLong(value);
    }

    /// Ends them.
    void expectNothingLost() {
        close();
        assertEquals(List.of(), List.copyOf(failures));
        assertTrue(moved.get() > 0 && looked.get() > 0, moved + " moves, " + looked + " looks");
    }

    @Override
    public void close() {
        ended = true;
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
