package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// A client that counts with `INCR` while the leader is killed, and what it was told.
final class Counting implements Runnable {
    private static final int BEFORE = 200;
    private static final int AFTER = 400;

    private final Supplier<Long> incr;
    private final List<Long> told = new ArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private int unknown;

    private Counting(Supplier<Long> incr) {
        this.incr = incr;
    }

    @Override
    public void run() {
        while (!enough.get()) {
            try {
                told.add(incr.get());
                acknowledged.incrementAndGet();
            } catch (JedisDataException | RedisCommandExecutionException refused) {
                // By any other word we say that nothing happened.
                if (String.valueOf(refused.getMessage()).startsWith("UNKNOWN")) unknown++;
            } catch (JedisException | RedisException | CancellationException broken) {
                unknown++;
            }
        }
    }

    /// No acknowledged one is lost, none counted twice.
    ///
    /// @param repeated how many the library may have sent again by itself
    void check(long value, int repeated) {
        var once = new HashSet<>(told);
        assertEquals(told.size(), once.size(), "a number was given twice: " + told);
        assertEquals(told.stream().sorted().toList(), told, "numbers went back");
        assertTrue(value >= told.size() && value <= told.size() + unknown + repeated,
                "the counter is "
                        + value + "; acknowledged were " + told.size() + ", unknown " + unknown);
    }

    static void throughFailover(TestCluster cluster, Supplier<Long> incr, Supplier<String> get)
            throws InterruptedException {
        throughFailover(cluster, incr, get, 0);
    }

    static void throughFailover(TestCluster cluster, Supplier<Long> incr, Supplier<String> get,
            int repeated) throws InterruptedException {
        int leader = cluster.awaitLeader(cluster.nodes());
        var count = new Counting(incr);
        var thread = Thread.ofPlatform().start(count);
        Await.until("counting", () -> count.acknowledged.get() > BEFORE);
        cluster.kill(leader);
        int atKill = count.acknowledged.get();
        Await.until("counting after the leader was killed",
                () -> count.acknowledged.get() > atKill + AFTER);
        count.enough.set(true);
        thread.join();
        count.check(Long.parseLong(get.get()), repeated);
    }
}
