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

/// One of several clients that add to the same counter with `INCR` while the leader is killed, and what it was told.
final class Counting implements Runnable {
    private static final int BEFORE = 100;
    private static final int AFTER = 200;

    private final Supplier<Long> incr;
    private final List<Long> told = new ArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicBoolean enough;
    private int unknown;

    private Counting(Supplier<Long> incr, AtomicBoolean enough) {
        this.incr = incr;
        this.enough = enough;
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

    private void awaitMore(int count) {
        int goal = acknowledged.get() + count;
        Await.until("counting", () -> acknowledged.get() > goal);
    }

    /// No acknowledged one is lost, none counted twice.
    ///
    /// @param repeated how many the libraries may have sent again by themselves
    private static void check(List<Counting> all, long value, int repeated) {
        var once = new HashSet<Long>();
        int acknowledged = 0;
        int unknown = 0;
        for (var each : all) {
            assertEquals(each.told.stream().sorted().toList(), each.told, "numbers went back");
            once.addAll(each.told);
            acknowledged += each.told.size();
            unknown += each.unknown;
        }
        assertEquals(acknowledged, once.size(), "a number was given twice");
        assertTrue(value >= acknowledged && value <= acknowledged + unknown + repeated,
                "the counter is " + value + "; acknowledged were " + acknowledged + ", unknown "
                        + unknown);
    }

    /// Each client goes on by itself when the leader is gone.
    ///
    /// @param clients  how each of them counts; more than one, so that some are always waiting for an answer
    /// @param repeated how many the libraries may have sent again by themselves
    /// @return the node that was killed
    static int throughFailover(TestCluster cluster, List<Supplier<Long>> clients,
            Supplier<String> get, int repeated) throws InterruptedException {
        int leader = cluster.awaitLeader(cluster.nodes());
        var enough = new AtomicBoolean();
        var all = clients.stream().map(incr -> new Counting(incr, enough)).toList();
        var threads = all.stream().map(each -> Thread.ofPlatform().start(each)).toList();
        try {
            all.forEach(each -> each.awaitMore(BEFORE));
            cluster.kill(leader);
            all.forEach(each -> each.awaitMore(AFTER));
        } finally {
            enough.set(true);
            for (var thread : threads)
                thread.join();
        }
        check(all, Long.parseLong(get.get()), repeated);
        return leader;
    }
}
