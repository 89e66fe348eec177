package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.bellwether.simulation.history.Linearizability;
import org.bellwether.simulation.history.Operation;
import org.bellwether.simulation.history.Operation.Answer;
import org.bellwether.simulation.history.Operation.Kind;
import org.bellwether.simulation.history.Verdict;

/// Clients that write and read through every node, over and over, and write down what they saw.
///
/// They move on to new keys together after a while, so that the history of each key stays short enough
/// for the checker, and every key is read once more at the end.
final class Traffic implements AutoCloseable {
    private static final int CLIENTS = 6;
    private static final int ROOM = 8;
    private static final int KEYS = 8;
    private static final int OPERATIONS_PER_KEY = 40;
    /// Between values that are put there is room for what is added to them.
    private static final int VALUE_STEP = 1_000;
    private static final Duration SILENCE = Duration.ofMillis(200);
    /// Between two tries of a client. Without it the clients would use up the processors on which nodes start.
    private static final Duration PACE = Duration.ofMillis(5);

    private final TestCluster cluster;
    private final Supplier<? extends Door> doors;
    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(ROOM);
    private final AtomicInteger operations = new AtomicInteger();
    private final AtomicInteger values = new AtomicInteger();
    private final Map<String, List<Operation>> histories = new TreeMap<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean ended;

    Traffic(TestCluster cluster, long seed) {
        this(cluster, seed, CLIENTS);
    }

    Traffic(TestCluster cluster, long seed, int count) {
        this(cluster, seed, count, () -> new HttpDoor(cluster));
    }

    /// Through the port for Redis clients.
    static Traffic overRedis(TestCluster cluster, long seed) {
        return new Traffic(cluster, seed, CLIENTS, () -> new RedisDoor(cluster));
    }

    private Traffic(TestCluster cluster, long seed, int count, Supplier<? extends Door> doors) {
        if (cluster.room() >= ROOM) throw new IllegalArgumentException("too many nodes");
        this.cluster = cluster;
        this.doors = doors;
        var random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            var name = "c" + i;
            var dice = random.split();
            clients.add(Thread.ofPlatform().name(name)
                    .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                    .start(() -> clientThrough(name, dice)));
        }
    }

    private void clientThrough(String name, SplittableRandom dice) {
        try (var door = doors.get()) {
            run(door, name, dice);
        }
    }

    private void run(Door door, String client, SplittableRandom dice) {
        var seen = new HashMap<String, Integer>();
        var silentUntil = new long[ROOM];
        Arrays.fill(silentUntil, System.nanoTime());
        while (!ended) {
            var nodes = cluster.nodes();
            int node = nodes.get(dice.nextInt(nodes.size()));
            // As any client would: who did not answer is left alone for a while.
            if (System.nanoTime() - silentUntil[node] < 0) {
                LockSupport.parkNanos(PACE.toNanos());
                continue;
            }
            int generation = operations.getAndIncrement() / (KEYS * OPERATIONS_PER_KEY);
            String key = "k" + dice.nextInt(KEYS) + "-" + generation;
            var asked = dice.nextInt(10) < 4
                    ? Door.Asked.GET
                    : door.write(dice.nextInt(10), seen.getOrDefault(key, Operation.ABSENT),
                            VALUE_STEP * values.incrementAndGet());
            try {
                ask(door, client, node, key, asked, seen);
            } catch (IOException nobody) {
                // Written down already, as far as it says anything.
                silentUntil[node] = System.nanoTime() + SILENCE.toNanos();
            }
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    private void ask(Door door, String client, int node, String key, Door.Asked asked,
            Map<String, Integer> seen) throws IOException {
        long called = System.nanoTime();
        try {
            switch (door.ask(node, key, asked)) {
                case Door.Heard.Said(var guard, var answer) -> {
                    record(key, new Operation(client, called, System.nanoTime(), asked.kind(),
                            guard, asked.value(), answer));
                    if (asked.kind() != Kind.GET) acknowledged.incrementAndGet(node);
                    if (answer instanceof Answer.Saw(int value)) seen.put(key, value);
                }
                case Door.Heard.Nothing _ -> {
                    // Nothing happened, says the node: if that is a lie, a later read convicts it.
                }
                case Door.Heard.Unknown _ -> recordUnknown(client, called, key, asked);
            }
        } catch (ConnectException refused) {
            throw refused;
        } catch (IOException lost) {
            recordUnknown(client, called, key, asked);
            throw lost;
        }
    }

    /// A read that was not answered says nothing.
    private void recordUnknown(String client, long called, String key, Door.Asked asked) {
        if (asked.kind() == Kind.GET) return;
        record(key, new Operation(client, called, Operation.NEVER, asked.kind(), asked.guard(),
                asked.value(), Operation.UNKNOWN));
    }

    private void record(String key, Operation operation) {
        synchronized (histories) {
            histories.computeIfAbsent(key, _ -> new ArrayList<>()).add(operation);
        }
    }

    /// Until so many more writes were acknowledged by each of these nodes.
    void awaitAcknowledged(int count, List<Integer> nodes) {
        var goals = new TreeMap<Integer, Integer>();
        for (int node : nodes)
            goals.put(node, acknowledged.get(node) + count);
        goals.forEach((node, goal) -> Await.until(count + " writes through n" + node, () -> {
            assertTrue(failures.isEmpty(), () -> "clients failed: " + failures);
            return acknowledged.get(node) >= goal;
        }));
    }

    /// Ends the traffic, reads every key through a node, and demands that one store could have shown all this.
    void expectOneStory() {
        expectOneStoryThrough(cluster.nodes());
    }

    void expectOneStoryThrough(List<Integer> nodes) {
        close();
        assertTrue(failures.isEmpty(), () -> "clients failed: " + failures);
        try (var door = doors.get()) {
            readOnceMore(door, nodes);
        }
        for (var entry : histories.entrySet()) {
            var verdict = Linearizability.check(entry.getValue());
            assertInstanceOf(Verdict.Ok.class, verdict, () -> entry.getKey() + ": " + verdict);
        }
    }

    private void readOnceMore(Door door, List<Integer> nodes) {
        int turn = 0;
        for (var entry : histories.entrySet()) {
            var key = entry.getKey();
            var history = entry.getValue();
            int asked = nodes.get(turn++ % nodes.size());
            int before = history.size();
            Await.until("a last read of " + key, () -> {
                try {
                    ask(door, "last", asked, key, Door.Asked.GET, new HashMap<>());
                } catch (IOException again) {
                    return false;
                }
                return history.size() > before;
            });
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
