package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.node.LocalCluster.Running;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// However much is asked for at once, whatever else arrives on the loop has its turn in between.
class ReadPortionsTest {
    private static final Bytes KEY = Bytes.utf8("key");
    private static final int VALUE_BYTES = Limits.TURN_READ_BYTES / 4;
    private static final int READS = 100;
    private static final Outcome NO_ROOM = new Outcome.Overloaded(Outcome.Busy.FULL, "no room");

    private static final Duration HEARTBEAT = Duration.ofMillis(1);

    @TempDir
    Path folder;
    private LocalCluster cluster;
    private Running node;

    @BeforeEach
    void start() throws Exception {
        cluster = new LocalCluster(folder, 1, new ClusterConfig(HEARTBEAT, HEARTBEAT,
                Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofSeconds(20),
                Duration.ZERO));
        cluster.awaitReady();
        node = cluster.leader();
        var put = new Command.Put(KEY, Bytes.wrap(new byte[VALUE_BYTES]));
        assertInstanceOf(Outcome.Applied.class, node.store.write(put, PATIENCE).join());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /// Many questions of one turn, and how much of their answers came between two turns of somebody else's task.
    private final class Crowd {
        final List<Integer> answered = new ArrayList<>();
        final List<Outcome> outcomes = new ArrayList<>();
        final CompletableFuture<Void> done = new CompletableFuture<>();
        final int count;
        IntPredicate joins = _ -> false;
        @Nullable
        Outcome refusal;
        long turnBytes;
        long turnBytesMax;

        Crowd(int count) {
            this.count = count;
        }

        private final class Caller implements ReadCaller {
            private final int number;

            Caller(int number) {
                this.number = number;
            }

            @Override
            public void accept(Outcome outcome) {
                answered.add(number);
                outcomes.add(outcome);
                turnBytes += outcome.valueBytes();
                turnBytesMax = Math.max(turnBytesMax, turnBytes);
                if (answered.size() == count) done.complete(null);
            }

            @Override
            public @Nullable Outcome refusal() {
                return refusal;
            }

            @Override
            public boolean joins() {
                return joins.test(number);
            }
        }

        void ask(Read read, Consistency consistency, Duration timeout) {
            othersTurn();
            for (int i = 0; i < count; i++)
                node.node.read(read, consistency, timeout, new Caller(i));
        }

        /// Also of the turn in which all were asked.
        private void othersTurn() {
            turnBytes = 0;
            if (!done.isDone()) node.loop.execute(this::othersTurn);
        }

        void await() throws Exception {
            done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private Crowd ask(Crowd crowd, Read read, Consistency consistency) throws Exception {
        node.loop.execute(() -> crowd.ask(read, consistency, PATIENCE));
        crowd.await();
        return crowd;
    }

    private static Consistency consistency(String name) {
        return name.equals("local") ? Consistency.LOCAL : Consistency.LINEARIZABLE;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "linearizable"})
    void oneTurnAnswersNoMoreThanAPortion_inTheOrderOfAsking(String freshness) throws Exception {
        var crowd = ask(new Crowd(READS), new Read.Get(KEY), consistency(freshness));
        assertTrue(crowd.turnBytesMax < Limits.TURN_READ_BYTES + VALUE_BYTES,
                crowd.turnBytesMax + " bytes in one turn");
        assertTrue(crowd.turnBytesMax >= Limits.TURN_READ_BYTES / 2, "portions are not crumbs");
        assertEquals(IntStream.range(0, READS).boxed().toList(), crowd.answered);
        for (var outcome : crowd.outcomes)
            assertInstanceOf(Outcome.Applied.class, outcome);
    }

    @Test
    void whoAsksForLittleAtATimeNeverWaits() throws Exception {
        var waited = new CompletableFuture<Boolean>();
        var left = new int[]{2 * Limits.TURN_READ_BYTES / Limits.TURN_READ_BYTES_MIN};
        node.loop.execute(new Runnable() {
            @Override
            public void run() {
                boolean[] answered = {false};
                node.node.read(new Read.Count(List.of(Bytes.utf8("absent"))), Consistency.LOCAL,
                        PATIENCE, _ -> answered[0] = true);
                if (!answered[0] || --left[0] == 0) {
                    waited.complete(!answered[0]);
                } else {
                    node.loop.execute(this);
                }
            }
        });
        assertFalse(waited.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    /// What is looked up counts, and not what is said of it.
    @Test
    void countingTakesPortionsToo() throws Exception {
        var turns = new int[1];
        var crowd = new Crowd(READS);
        node.loop.execute(() -> {
            crowd.ask(new Read.Count(List.of(KEY)), Consistency.LOCAL, PATIENCE);
            turns[0] = crowd.answered.size();
        });
        crowd.await();
        assertTrue(turns[0] <= Limits.TURN_READ_BYTES / VALUE_BYTES, turns[0] + " in one turn");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "linearizable"})
    void whatBelongsTogetherIsAnsweredInOneTurn(String freshness) throws Exception {
        var crowd = new Crowd(READS);
        // The first half is of callers by themselves, which leaves nothing of the portion for the second.
        crowd.joins = number -> number > READS / 2;
        ask(crowd, new Read.Get(KEY), consistency(freshness));
        assertTrue(crowd.turnBytesMax >= (long) READS / 2 * VALUE_BYTES,
                "the second half, as of one moment: " + crowd.turnBytesMax);
        assertEquals(IntStream.range(0, READS).boxed().toList(), crowd.answered);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "linearizable"})
    void whoHasNoRoomIsToldSo_andNothingIsLookedUp(String freshness) throws Exception {
        var crowd = new Crowd(READS);
        crowd.refusal = NO_ROOM;
        ask(crowd, new Read.Get(KEY), consistency(freshness));
        assertEquals(List.of(NO_ROOM), crowd.outcomes.stream().distinct().toList());
        // Of what has no value, everybody is told.
        var counting = new Crowd(1);
        counting.refusal = NO_ROOM;
        ask(counting, new Read.Count(List.of(KEY)), consistency(freshness));
        assertInstanceOf(Outcome.Applied.class, counting.outcomes.getFirst());
    }

    @Test
    void whoWaitsForHisTurnIsAnsweredWhenTheNodeStops() throws Exception {
        var crowd = new Crowd(READS);
        var closed = new CompletableFuture<Void>();
        node.loop.execute(() -> {
            crowd.ask(new Read.Get(KEY), Consistency.LOCAL, PATIENCE);
            node.node.close(() -> closed.complete(null));
        });
        crowd.await();
        closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertInstanceOf(Outcome.Applied.class, crowd.outcomes.getFirst());
        assertInstanceOf(Outcome.Overloaded.class, crowd.outcomes.getLast());
    }

    @Test
    void damageAnswersAllThatWait() throws Exception {
        var crowd = new Crowd(READS);
        node.loop.execute(() -> {
            crowd.ask(new Read.Get(KEY), Consistency.LOCAL, PATIENCE);
            node.storage.damage = new StorageException("damaged");
        });
        crowd.await();
        assertInstanceOf(Outcome.Overloaded.class, crowd.outcomes.getLast());
        assertEquals(node.storage.damage, node.halted.join());
    }

    /// Four in a turn: there are more turns of them than fit between two heartbeats.
    @Test
    void whoseTurnDoesNotComeInTimeIsToldSo() throws Exception {
        var crowd = new Crowd(Limits.DEFAULT.pendingReadsMax());
        node.loop.execute(() -> crowd.ask(new Read.Get(KEY), Consistency.LOCAL, Duration.ZERO));
        crowd.await();
        assertEquals(new Outcome.Overloaded(Outcome.Busy.FULL,
                "too many reads were to be answered before this one"),
                crowd.outcomes.getLast());
    }
}
