package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bellwether.api.Bytes;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Token;
import org.bellwether.node.LocalCluster.Running;
import org.bellwether.transport.PeerMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes whose logs lose their beginning, and those that are then brought level by a snapshot.
class SnapshotTest {
    private static final int KIB = 1024;
    private static final int VALUE_BYTES = 16 * KIB;
    /// The log is cut as soon as a segment of it, 1 MiB, is not needed.
    private static final UpkeepConfig EAGER = new UpkeepConfig(256 * KIB, Duration.ofMillis(200), 0,
            Duration.ZERO, 64 << 20, Duration.ofSeconds(1), 64 * KIB, 0);

    @TempDir
    Path folder;

    private LocalCluster cluster(int nodes) throws Exception {
        return new LocalCluster(folder, nodes, ClusterConfig.DEFAULT, EAGER);
    }

    private static Bytes key(int number) {
        return Bytes.utf8("key " + number);
    }

    private static Bytes value(int number) {
        var bytes = new byte[VALUE_BYTES];
        java.util.Arrays.fill(bytes, (byte) number);
        return Bytes.wrap(bytes);
    }

    private static void put(Running at, int from, int count) {
        for (int i = from; i < from + count; i++) {
            assertInstanceOf(Outcome.Applied.class, at.store
                    .write(new Command.Put(key(i % 200), value(i), Condition.ALWAYS), PATIENCE)
                    .join());
        }
    }

    private static long base(Running at) {
        var base = new CompletableFuture<Long>();
        at.loop.execute(() -> base.complete(at.node.raft().base().index()));
        return base.join();
    }

    private static Outcome included(Running at, Token write) {
        return at.store.read(new Read.Get(key(1)), new Consistency.Including(write), PATIENCE)
                .join();
    }

    private static void assertHolds(Running at, int number) {
        var outcome = assertInstanceOf(Outcome.Applied.class, at.store
                .read(new Read.Get(key(number % 200)), Consistency.LINEARIZABLE, PATIENCE).join());
        var found = assertInstanceOf(Result.Found.class, outcome.result());
        assertEquals(value(number), found.value().value());
    }

    @Test
    void logLosesItsBeginningAndTheTablesOutliveTheRestart() throws Exception {
        try (var cluster = cluster(1)) {
            var node = cluster.leader();
            put(node, 0, 400);
            var old = new Token(1, 5);
            assertInstanceOf(Outcome.Applied.class, included(node, old));
            await("a log that is cut", () -> base(node) > 100);
            // It was in this term's log, whose end is here.
            assertInstanceOf(Outcome.Applied.class, included(node, old));
            node.stop();
            assertTrue(Files.exists(folder.resolve("n1/base")));
            var again = cluster.start(node.self);
            cluster.awaitReady();
            for (int i = 200; i < 400; i++)
                assertHolds(again, i);
            put(again, 400, 10);
            assertHolds(again, 409);
            put(again, 410, 390);
            await("a log of the next term alone", () -> base(again) > 600);
            var refused = assertInstanceOf(Outcome.Refused.class, included(again, old));
            assertInstanceOf(Refusal.Forgotten.class, refused.why());
        }
    }

    /// Its totals are the majority's, so no verdict finds it: only who fetches its rows does.
    @Test
    void aLeaderWhoseRowsHaveRottenIsFoundByWhoFetchesThemAndIsRepaired() throws Exception {
        try (var cluster = cluster(3)) {
            cluster.awaitReady();
            var away = cluster.replica();
            put(cluster.leader(), 0, 10);
            away.stop();
            var rotten = cluster.leader();
            put(rotten, 10, 300);
            await("a log that is cut", () -> base(rotten) > 100);
            rotten.rotTables();
            var back = cluster.start(away.self);
            await("a repair", () -> !rotten.events(Kind.STATE_REPAIRED).isEmpty());
            assertEquals(1, rotten.events(Kind.STATE_DIVERGED).size());
            assertEquals(1, back.events(Kind.SNAPSHOT_REFUSED).size());
            await("all to be level", () -> cluster.nodes().stream().map(Running::mark).distinct()
                    .count() == 1);
            cluster.awaitReady();
            assertNotEquals(rotten, cluster.leader());
            assertHolds(back, 309);
            assertHolds(rotten, 309);
        }
    }

    @Test
    void replicaThatWasAwayIsBroughtLevelWhileOthersWrite() throws Exception {
        try (var cluster = cluster(3)) {
            var away = cluster.replica();
            put(cluster.leader(), 0, 10);
            away.stop();
            var leader = cluster.leader();
            put(leader, 10, 300);
            await("a log that is cut", () -> base(leader) > 50);
            var stop = new AtomicBoolean();
            var written = new int[]{310};
            var writer = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    put(leader, written[0], 1);
                    written[0]++;
                }
            });
            var back = cluster.start(away.self);
            await("a replica that is level", () -> back.view().notReady() == null);
            stop.set(true);
            writer.join();
            await("the replica's log to begin anew", () -> base(back) > 0);
            for (int i = written[0] - 200; i < written[0]; i++)
                assertHolds(back, i);
            back.stop();
            // What was installed is there after a restart, too.
            var third = cluster.start(away.self);
            await("a replica that is level", () -> third.view().notReady() == null);
            assertHolds(third, written[0] - 1);
        }
    }

    @Test
    void newcomerGetsTheStateAndThenTheLog() throws Exception {
        try (var cluster = cluster(1)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            var newcomer = cluster.join(leader, "n2");
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
            for (int i = 200; i < 400; i++)
                assertHolds(newcomer, i);
            await("its promotion", () -> newcomer.view().self().voter());
            put(leader, 400, 20);
            assertHolds(newcomer, 419);
        }
    }

    /// However large the values are: each of them is more than a slice was meant to be.
    @Test
    void noSnapshotIsSentFasterThanItMay() throws Exception {
        int rate = 4 << 20;
        var slow = new UpkeepConfig(EAGER.flushBytes(), EAGER.flushAfter(), 0, Duration.ZERO,
                EAGER.keepBytesMax(), EAGER.markerEvery(), KIB, rate);
        try (var cluster = new LocalCluster(folder, 1, ClusterConfig.DEFAULT, slow)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            long began = System.nanoTime();
            var newcomer = cluster.join(leader, "n2");
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
            double seconds = (System.nanoTime() - began) / 1e9;
            // The first one waits for nothing.
            double least = 199.0 * VALUE_BYTES / rate;
            assertTrue(seconds >= least, () -> "took " + seconds + " s, not " + least);
        }
    }

    /// The giver dies in the middle; whoever leads then offers another.
    @Test
    void giverMayDie() throws Exception {
        try (var cluster = cluster(3)) {
            var away = cluster.replica();
            away.stop();
            var leader = cluster.leader();
            put(leader, 0, 300);
            for (var node : cluster.nodes())
                await("a log that is cut", () -> base(node) > 50);
            var back = cluster.start(away.self);
            leader.stop();
            await("a replica that is level", () -> back.view().notReady() == null);
            assertHolds(back, 299);
        }
    }

    /// What was fetched before is kept: each part is sent once, but for the one that was lost.
    @Test
    void aTransferGoesOnWhereItsLinkWasInterrupted() throws Exception {
        try (var cluster = cluster(1)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            var transfers = new ConcurrentSkipListSet<Long>();
            var sent = new ConcurrentHashMap<Integer, Integer>();
            leader.transport.onTheWay = message -> {
                if (!(message instanceof PeerMessage.SnapshotSlice slice))
                    return Optional.of(message);
                transfers.add(slice.transfer());
                int times = sent.merge(slice.part(), 1, Integer::sum);
                return slice.part() == 5 && times < 3 ? Optional.empty() : Optional.of(message);
            };
            var newcomer = cluster.join(leader, "n2");
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
            assertEquals(1, transfers.size());
            assertTrue(sent.size() > 10, sent::toString);
            sent.forEach((part, times) -> assertEquals(part == 5 ? 3 : 1, times,
                    () -> "part " + part));
            for (int i = 200; i < 400; i++)
                assertHolds(newcomer, i);
        }
    }

    /// What was sent is neither there nor lost while the newcomer makes tables of it, or waits for the last part.
    @Test
    void progressDoesNotFallBetweenASnapshotAndItsTables() throws Exception {
        try (var cluster = cluster(1)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            var held = new AtomicInteger(20);
            var lost = new AtomicInteger();
            leader.transport.onTheWay = message -> {
                boolean passes = !(message instanceof PeerMessage.SnapshotSlice slice)
                        || slice.part() < held.get() && (!slice.last() || lost.get() > 3);
                if (passes) return Optional.of(message);
                lost.incrementAndGet();
                return Optional.empty();
            };
            var newcomer = cluster.join(leader, "n2");
            await("some of it to be copied", () -> share(leader, "n2") > 0.2);
            double copied = share(leader, "n2");
            lost.set(0);
            held.set(Integer.MAX_VALUE);
            // By then the leader has looked at it several times since it sent all.
            await("the last part to be lost again and again", () -> {
                double now = share(leader, "n2");
                assertTrue(now >= copied, () -> now + " behind " + copied);
                return lost.get() > 3;
            });
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
        }
    }

    private static double share(Running at, String name) {
        return at.store.cluster().join().members().stream()
                .filter(each -> each.member().name().equals(name))
                .map(ClusterView.Peer::catchUp).filter(Objects::nonNull)
                .mapToDouble(CatchUp::share).findFirst().orElse(0);
    }

    private static long durable(Running at) {
        var durable = new CompletableFuture<Long>();
        at.loop.execute(() -> durable.complete(at.storage.durable()));
        return durable.join();
    }

    /// In the last value of the part: it can be read, and is another one.
    private static PeerMessage withAChangedBit(PeerMessage.SnapshotSlice slice) {
        var rows = slice.rows().clone();
        rows[rows.length - 1] ^= 4;
        return new PeerMessage.SnapshotSlice(slice.transfer(), slice.part(), slice.last(), rows);
    }

    /// On the way, or in the giver's memory: it is found when all has come, and before anything is shown.
    @Test
    void aSnapshotWithAChangedBitIsRefusedAndAnotherIsFetched() throws Exception {
        try (var cluster = cluster(1)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            leader.transport.onTheWay = message -> Optional
                    .of(message instanceof PeerMessage.SnapshotSlice slice && slice.part() == 3
                            ? withAChangedBit(slice)
                            : message);
            var newcomer = cluster.join(leader, "n2");
            await("a refusal", () -> !newcomer.events(Kind.SNAPSHOT_REFUSED).isEmpty());
            var refused = newcomer.events(Kind.SNAPSHOT_REFUSED).getFirst();
            assertTrue(refused.text().contains("was announced with"), refused::text);
            assertEquals(0, newcomer.mark().keys());
            assertNotNull(newcomer.view().notReady());
            assertTrue(newcomer.events(Kind.SNAPSHOT_INSTALLED).isEmpty());
            leader.transport.onTheWay = Optional::of;
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
            for (int i = 200; i < 400; i++)
                assertHolds(newcomer, i);
        }
    }

    /// Who was away for less finds all that it needs, however durable the tables are.
    @Test
    void theLogIsKeptForATimeButNoMoreOfItThanIsAllowed() throws Exception {
        int most = 3 << 20;
        var keeping = new UpkeepConfig(EAGER.flushBytes(), EAGER.flushAfter(), 0,
                Duration.ofHours(1), most, EAGER.markerEvery(), EAGER.sliceBytes(), 0);
        try (var cluster = new LocalCluster(folder, 1, ClusterConfig.DEFAULT, keeping)) {
            var node = cluster.leader();
            put(node, 0, 130);
            await("durable tables", () -> durable(node) >= 130);
            put(node, 130, 40);
            await("durable tables", () -> durable(node) >= 170);
            assertEquals(0, base(node), "two segments are full, and an hour has not passed");
            var written = new int[]{170};
            await("a log that is cut", () -> {
                put(node, written[0]++, 1);
                return base(node) > 100;
            });
            assertTrue((written[0] - base(node)) * (VALUE_BYTES + 100) > most,
                    () -> "of " + written[0] + " entries, " + base(node) + " are gone");
        }
    }

    /// However long that takes; else it would need another snapshot, and so on.
    @Test
    void theLogBehindASnapshotIsKeptUntilItsReceiverIsLevel() throws Exception {
        try (var cluster = cluster(1)) {
            var leader = cluster.leader();
            put(leader, 0, 400);
            await("a log that is cut", () -> base(leader) > 100);
            var begun = new CompletableFuture<Void>();
            leader.transport.onTheWay = message -> {
                if (!(message instanceof PeerMessage.SnapshotSlice)) return Optional.of(message);
                begun.complete(null);
                return Optional.empty();
            };
            var newcomer = cluster.join(leader, "n2");
            begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            long atMost = leader.mark().applied();
            put(leader, 400, 300);
            await("durable tables", () -> durable(leader) > atMost + 250);
            put(leader, 700, 50);
            assertTrue(base(leader) <= atMost,
                    () -> base(leader) + " is gone of a log that is wanted from " + atMost);
            leader.transport.onTheWay = Optional::of;
            await("a newcomer that is level", () -> newcomer.view().notReady() == null);
            assertHolds(newcomer, 749);
            assertEquals(1, newcomer.events(Kind.SNAPSHOT_INSTALLED).size());
            var written = new int[]{750};
            await("a log that is cut", () -> {
                put(leader, written[0]++, 1);
                return base(leader) > atMost;
            });
        }
    }
}
