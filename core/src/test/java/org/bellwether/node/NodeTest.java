package org.bellwether.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bellwether.raft.Message;
import org.bellwether.transport.PeerMessage;
import java.util.Optional;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.HashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.bellwether.api.Ack;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real nodes on real folders, in one process.
@Timeout(120)
class NodeTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Bytes KEY = Bytes.utf8("k");

    @TempDir
    Path folder;

    private static Outcome put(LocalCluster.Running at, Bytes key, String value) {
        return at.store.write(new Command.Put(key, Bytes.utf8(value)), TIMEOUT).join();
    }

    private static String get(LocalCluster.Running at, Consistency consistency) {
        var outcome = at.store.read(new Read.Get(KEY), consistency, TIMEOUT).join();
        var applied = assertInstanceOf(Outcome.Applied.class, outcome);
        return applied.result() instanceof Result.Found(var found)
                ? new String(found.value().array(), UTF_8)
                : "absent";
    }

    @Test
    void aWriteThroughAnyNodeIsReadOnEveryNode() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            int revision = 0;
            for (var writer : cluster.nodes()) {
                var outcome = put(writer, KEY, writer.self.name());
                var applied = assertInstanceOf(Outcome.Applied.class, outcome);
                assertEquals(++revision, applied.at().number());
                for (var reader : cluster.nodes()) {
                    assertEquals(writer.self.name(), get(reader, Consistency.LINEARIZABLE));
                }
            }
        }
    }

    /// Were it told with ticks and heartbeats only, two writes would take one.
    @Test
    void aReplicaHearsOfACommitBeforeTheNextTick() throws Exception {
        var tick = Duration.ofMillis(500);
        var slow = new ClusterConfig(tick, tick, tick.multipliedBy(5), tick,
                Duration.ofSeconds(20), Duration.ZERO);
        int writes = 40;
        try (var cluster = new LocalCluster(folder, 2, slow)) {
            var leader = cluster.leader();
            var replica = cluster.replica();
            cluster.awaitReady();
            long began = System.nanoTime();
            for (int i = 0; i < writes; i++) {
                var value = "v" + i;
                put(leader, KEY, value);
                LocalCluster.await(value, () -> get(replica, Consistency.LOCAL).equals(value));
            }
            long ticks = (System.nanoTime() - began) / tick.toNanos();
            assertTrue(ticks < writes / 4, () -> writes + " writes took " + ticks + " ticks");
        }
    }

    @Test
    void aSoleVoterIsAWorkingCluster() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            assertInstanceOf(Outcome.Applied.class, put(cluster.leader(), KEY, "v"));
            assertEquals("v", get(cluster.leader(), Consistency.LINEARIZABLE));
        }
    }

    @Test
    void writesSurviveTheLossOfTheLeaderAndTheRestartOfAll() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var first = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(first, KEY, "before"));
            first.stop();
            assertEquals("before", get(cluster.leader(), Consistency.LINEARIZABLE));
            assertInstanceOf(Outcome.Applied.class, put(cluster.replica(), KEY, "after"));
            var back = cluster.start(first.self);
            assertEquals("after", get(back, Consistency.LINEARIZABLE));
        }
        try (var cluster = new LocalCluster(folder, 3)) {
            assertEquals("after", get(cluster.replica(), Consistency.LINEARIZABLE));
            cluster.awaitReady();
            for (var node : cluster.nodes())
                assertEquals("after", get(node, Consistency.LOCAL));
        }
    }

    @Test
    void conditionsAreDecidedWhereTheWriteIsApplied() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var replica = cluster.replica();
            var create = new Command.Put(KEY, Bytes.utf8("1"), Condition.ABSENT);
            assertInstanceOf(Outcome.Applied.class, replica.store.write(create, TIMEOUT).join());
            var again = assertInstanceOf(Outcome.Refused.class,
                    replica.store.write(create, TIMEOUT).join());
            var failed = assertInstanceOf(Refusal.ConditionFailed.class, again.why());
            assertNotNull(failed.current());
            assertEquals(Bytes.utf8("1"), failed.current().value());
        }
    }

    @Test
    void manyWritesAtOnceKeepTheirOwnAnswers() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var answers = new ArrayList<CompletableFuture<Outcome>>();
            for (int i = 0; i < 3000; i++) {
                var node = cluster.nodes().get(i % 3);
                var key = Bytes.utf8("k" + i);
                answers.add(node.store.write(new Command.Put(key, key), TIMEOUT)
                        .thenCompose(
                                _ -> node.store.read(new Read.Get(key), Consistency.LINEARIZABLE,
                                        TIMEOUT)));
            }
            for (int i = 0; i < answers.size(); i++) {
                var read = assertInstanceOf(Outcome.Applied.class,
                        answers.get(i).get(30, TimeUnit.SECONDS));
                var found = assertInstanceOf(Result.Found.class, read.result());
                assertEquals(Bytes.utf8("k" + i), found.value().value());
            }
        }
    }

    @Test
    void whatIsPublishedIsHeardOnEveryNode_inOrder() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var heard = new HashMap<NodeId, List<String>>();
            for (var node : cluster.nodes()) {
                var own = new CopyOnWriteArrayList<String>();
                heard.put(node.self.id(), own);
                node.loop.execute(() -> node.node
                        .listen((channel, message) -> own.add(channel + " " + message)));
            }
            for (var node : cluster.nodes()) {
                for (int i = 0; i < 100; i++) {
                    var message = Bytes.utf8(node.self.name() + "-" + i);
                    node.loop.execute(() -> node.node.publish(KEY, message));
                }
            }
            for (var own : heard.values()) {
                LocalCluster.await("all messages", () -> own.size() == 300);
                for (var node : cluster.nodes()) {
                    var of = own.stream().filter(it -> it.startsWith("k " + node.self.name()))
                            .toList();
                    assertEquals(100, of.size());
                    for (int i = 0; i < 100; i++)
                        assertEquals("k " + node.self.name() + "-" + i, of.get(i));
                }
            }
            var refused = new CompletableFuture<RuntimeException>();
            var first = cluster.nodes().getFirst();
            first.loop.execute(() -> {
                try {
                    first.node.publish(KEY, Bytes.wrap(new byte[2 << 20]));
                } catch (IllegalArgumentException tooLong) {
                    refused.complete(tooLong);
                }
            });
            assertTrue(
                    String.valueOf(refused.get(10, TimeUnit.SECONDS)).contains("over the limit"));
        }
    }

    @Test
    void leadershipIsHandedOver() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var done = new CompletableFuture<Boolean>();
            old.loop.execute(() -> old.node.transfer(null, TIMEOUT, done::complete));
            assertTrue(done.get(20, TimeUnit.SECONDS));
            assertNotEquals(old.self, cluster.leader().self);
            assertInstanceOf(Outcome.Applied.class, put(old, KEY, "v"));
        }
    }

    /// Whoever was asked to take over may do so later.
    @Test
    void aTransferThatIsNotSeenToEndIsUnknown() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var deaf = cluster.replica();
            deaf.transport.cut = true;
            var transfer = leader.store.write(new Command.Transfer(deaf.self.id()),
                    Duration.ofMillis(50));
            assertInstanceOf(Outcome.Unknown.class, transfer.join());
            deaf.transport.cut = false;
        }
    }

    /// The core gives up after an election timeout, in which a busy disk may not have come to it.
    @Test
    void aTransferIsTriedAgainUntilItsTimeIsUp() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var next = cluster.replica();
            old.transport.onTheWay = message -> message instanceof PeerMessage.Consensus said
                    && said.message() instanceof Message.TimeoutNow
                            ? Optional.empty()
                            : Optional.of(message);
            var transfer = old.store.write(new Command.Transfer(next.self.id()), TIMEOUT);
            // Waits while the attempt is under way, so it is over now.
            assertInstanceOf(Outcome.Applied.class, put(old, KEY, "v"));
            old.transport.onTheWay = Optional::of;
            assertInstanceOf(Outcome.Applied.class, transfer.join());
            assertEquals(next.self, cluster.leader().self);
        }
    }

    /// Who asks it then whether it leads is not told of a replica.
    @Test
    void aTransferIsDoneWhenTheNewLeaderServes() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var next = cluster.replica();
            // It is elected, and nothing of its term is committed.
            var others = cluster.nodes().stream().filter(each -> each != next).toList();
            for (var other : others) {
                other.transport.onTheWay = message -> message instanceof PeerMessage.Consensus said
                        && said.message() instanceof Message.AppendAck
                                ? Optional.empty()
                                : Optional.of(message);
            }
            var transfer = old.store.write(new Command.Transfer(next.self.id()), TIMEOUT);
            LocalCluster.await("the old leader to know",
                    () -> next.self.id().equals(leader(old.view())));
            assertFalse(transfer.isDone());
            for (var other : others)
                other.transport.onTheWay = Optional::of;
            assertInstanceOf(Outcome.Applied.class, transfer.join());
            assertTrue(next.view().leaderServes());
        }
    }

    /// Whoever takes over has them, and commits them.
    @Test
    void whatWasAppendedBeforeATransferHasItsOutcome() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var next = cluster.replica();
            // Nothing is applied before it is on the own disk.
            var held = holdDisk(old);
            long before = lastIndex(old);
            var write = old.store.write(new Command.Put(KEY, Bytes.utf8("v")), TIMEOUT);
            LocalCluster.await("it to be appended", () -> lastIndex(old) > before);
            var transfer = old.store.write(new Command.Transfer(next.self.id()), TIMEOUT);
            LocalCluster.await("the old leader to know",
                    () -> next.self.id().equals(leader(old.view())));
            var quiet = new CompletableFuture<Boolean>();
            old.loop.execute(() -> old.node.awaitQuiet(Duration.ofMillis(20),
                    () -> quiet.complete(write.isDone())));
            assertFalse(quiet.join());
            assertFalse(write.isDone());
            var quietLater = new CompletableFuture<Boolean>();
            old.loop.execute(() -> old.node.awaitQuiet(TIMEOUT,
                    () -> quietLater.complete(write.isDone())));
            held.countDown();
            assertTrue(quietLater.join());
            assertInstanceOf(Outcome.Applied.class, write.join());
            assertInstanceOf(Outcome.Applied.class, transfer.join());
        }
    }

    /// The node that asked hears of it from the old leader, however long that takes.
    @Test
    void whatWasPassedOnBeforeATransferHasItsOutcome() throws Exception {
        var patient = new ClusterConfig(Duration.ofMillis(10), Duration.ofMillis(50),
                Duration.ofSeconds(3), Duration.ofMillis(50), Duration.ofSeconds(20),
                Duration.ofMinutes(10));
        try (var cluster = new LocalCluster(folder, 3, patient)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var next = cluster.replica();
            var asked = cluster.nodes().stream().filter(each -> each != old && each != next)
                    .findFirst().orElseThrow();
            var held = holdDisk(old);
            long before = lastIndex(old);
            var write = asked.store.write(new Command.Put(KEY, Bytes.utf8("v")), TIMEOUT);
            LocalCluster.await("it to be appended", () -> lastIndex(old) > before);
            var transfer = old.store.write(new Command.Transfer(next.self.id()), TIMEOUT);
            LocalCluster.await("who asked to know",
                    () -> next.self.id().equals(leader(asked.view())));
            var heard = new AtomicInteger();
            next.transport.onTheWay = message -> {
                if (message instanceof PeerMessage.Consensus) heard.incrementAndGet();
                return Optional.of(message);
            };
            LocalCluster.await("some heartbeats", () -> heard.get() > 20);
            assertFalse(write.isDone());
            held.countDown();
            assertInstanceOf(Outcome.Applied.class, write.join());
            assertInstanceOf(Outcome.Applied.class, transfer.join());
        }
    }

    /// The others do not speak to a node that was removed, not even of what it has asked of them.
    @Test
    void whoLeavesHearsFirstWhatBecameOfItsWrites() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var leaves = cluster.replica();
            var held = holdDisk(leader);
            long last = lastIndex(leader);
            var write = leaves.store.write(new Command.Put(KEY, Bytes.utf8("v")), TIMEOUT);
            LocalCluster.await("it to be appended", () -> lastIndex(leader) > last);
            var leave = leaves.store.write(new Command.Remove(leaves.self.id()), TIMEOUT);
            var late = leaves.store.write(new Command.Put(KEY, Bytes.utf8("late")), TIMEOUT);
            assertInstanceOf(Outcome.Overloaded.class, late.join());
            assertFalse(write.isDone());
            held.countDown();
            assertInstanceOf(Outcome.Applied.class, write.join());
            assertInstanceOf(Outcome.Applied.class, leave.join());
        }
    }

    /// Writes that arrive together are passed on together.
    @Test
    void whoHasLittleTimeTakesNoneFromOthers() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var writer = cluster.replica();
            var hasty = new CompletableFuture<Outcome>();
            var patient = new CompletableFuture<Outcome>();
            cluster.nodes().stream().filter(node -> node != leader && node != writer).findFirst()
                    .orElseThrow().stop();
            var held = holdDisk(leader);
            writer.loop.execute(() -> {
                writer.node.write(new Command.Put(KEY, Bytes.utf8("a")), Ack.QUORUM,
                        Duration.ofMillis(50), hasty::complete);
                writer.node.write(new Command.Put(KEY, Bytes.utf8("b")), Ack.QUORUM, TIMEOUT,
                        patient::complete);
            });
            assertInstanceOf(Outcome.Unknown.class, hasty.join());
            assertThrows(TimeoutException.class,
                    () -> patient.get(400, TimeUnit.MILLISECONDS));
            held.countDown();
            assertInstanceOf(Outcome.Applied.class, patient.join());
        }
    }

    /// What is done in the background may take long.
    @Test
    void aScanIsAnsweredInTimeAndWhenTheNodeStops() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            cluster.awaitReady();
            var only = cluster.leader();
            var held = new CountDownLatch(1);
            only.background.execute(() -> {
                try {
                    held.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            });
            var scan = new Read.Scan(null, 10);
            var late = only.store.read(scan, Consistency.LINEARIZABLE, Duration.ofMillis(100))
                    .join();
            assertTrue(late.toString().contains("has not read the keys in time"),
                    late::toString);
            var cut = only.store.read(scan, Consistency.LOCAL, TIMEOUT);
            var closed = new CompletableFuture<Void>();
            only.loop.execute(() -> only.node.close(() -> closed.complete(null)));
            assertTrue(cut.get(60, TimeUnit.SECONDS).toString().contains("is closing"));
            held.countDown();
            closed.join();
        }
    }

    @Test
    void aReadThatTheTablesCannotAnswerEndsTheNode() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            cluster.awaitReady();
            var only = cluster.leader();
            put(only, "v");
            only.storage.damage = new StorageException("a row cannot be read");
            var outcome = only.store.read(new Read.Get(KEY), Consistency.LOCAL, TIMEOUT).join();
            assertInstanceOf(Outcome.Overloaded.class, outcome);
            assertInstanceOf(StorageException.class, only.halted.join());
        }
    }

    @Test
    void whoMayNotLeaveGoesOn() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            cluster.awaitReady();
            var only = cluster.leader();
            assertInstanceOf(Outcome.Refused.class, only.store
                    .write(new Command.Remove(only.self.id()), TIMEOUT).join());
            put(only, "v");
        }
    }

    @Test
    void aTransferToOneIsNotDoneWhenAnotherLeads() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var replicas = cluster.nodes().stream().filter(each -> each != old).toList();
            var asked = new CompletableFuture<List<CompletableFuture<Outcome>>>();
            // In one turn of the loop, so that neither has begun to end when the other is asked for.
            old.loop.execute(() -> asked.complete(replicas.stream()
                    .map(each -> old.store.write(new Command.Transfer(each.self.id()), TIMEOUT))
                    .toList()));
            var outcomes = asked.join();
            assertInstanceOf(Outcome.Applied.class, outcomes.getFirst().join());
            var refused = assertInstanceOf(Outcome.Refused.class, outcomes.getLast().join());
            assertInstanceOf(Refusal.Conflict.class, refused.why());
        }
    }

    /// What nobody should do. What it had promised by its disk it has not, and gets it again.
    @Test
    void aNodeWhoseOldFolderWasPutBackCatchesUp() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            put(leader, "before");
            awaitLevel(cluster);
            var replica = cluster.replica();
            replica.stop();
            var its = folder.resolve(replica.self.name());
            var old = folder.resolve("old");
            copy(its, old);
            cluster.start(replica.self);
            put(leader, "after");
            awaitLevel(cluster);
            var again = cluster.nodes().stream()
                    .filter(each -> each.self.equals(replica.self)).findFirst().orElseThrow();
            again.stop();
            delete(its);
            copy(old, its);
            cluster.start(replica.self);
            awaitLevel(cluster);
            LocalCluster.await("the leader to say so",
                    () -> !leader.events(Kind.ENTRIES_FORGOTTEN).isEmpty());
        }
    }

    private static void awaitLevel(LocalCluster cluster) {
        long last = lastIndex(cluster.leader());
        for (var node : cluster.nodes()) {
            LocalCluster.await(node.self + " to be level", () -> {
                var view = node.view();
                return view.appliedIndex() >= last && view.notReady() == null;
            });
        }
    }

    private static void put(LocalCluster.Running at, String value) {
        assertInstanceOf(Outcome.Applied.class,
                at.store.write(new Command.Put(KEY, Bytes.utf8(value)), TIMEOUT).join());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (var path : paths.toList())
                Files.copy(path, to.resolve(from.relativize(path)));
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList())
                Files.delete(path);
        }
    }

    /// Also a node that comes back when nothing is written any more.
    @Test
    void everyNodeLearnsThatTheLeaderMayServe() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            awaitServingLeader(cluster);
            var replica = cluster.replica();
            replica.stop();
            cluster.start(replica.self);
            awaitServingLeader(cluster);
            var first = cluster.leader();
            first.stop();
            awaitServingLeader(cluster);
        }
    }

    @Test
    void alsoANodeThatIsBehindLearnsIt() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var old = cluster.leader();
            var behind = cluster.replica();
            var held = holdDisk(behind);
            var next = cluster.nodes().stream().filter(each -> each != old && each != behind)
                    .findFirst().orElseThrow();
            assertInstanceOf(Outcome.Applied.class,
                    old.store.write(new Command.Transfer(next.self.id()), TIMEOUT).join());
            LocalCluster.await("it to know", () -> {
                var view = behind.view();
                return view.leaderServes() && next.self.id().equals(leader(view));
            });
            assertTrue(behind.view().appliedIndex() < next.view().appliedIndex());
            held.countDown();
        }
    }

    /// @return what lets it go on
    private static CountDownLatch holdDisk(LocalCluster.Running at) {
        var held = new CountDownLatch(1);
        at.diskThread.execute(() -> {
            try {
                held.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        return held;
    }

    private static long lastIndex(LocalCluster.Running at) {
        var last = new CompletableFuture<Long>();
        at.loop.execute(() -> last.complete(at.node.raft().last().index()));
        return last.join();
    }

    private static @Nullable NodeId leader(NodeView view) {
        return view.leader() == null ? null : view.leader().id();
    }

    private static void awaitServingLeader(LocalCluster cluster) {
        LocalCluster.await("all to know a leader that serves", () -> cluster.nodes().stream()
                .allMatch(each -> each.view().leader() != null && each.view().leaderServes()));
    }

    @Test
    void withoutAMajorityNothingIsPromised() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            assertInstanceOf(Outcome.Applied.class, put(cluster.leader(), KEY, "v"));
            cluster.replica().stop();
            cluster.replica().stop();
            var last = cluster.nodes().getFirst();
            var write = last.store.write(new Command.Put(KEY, Bytes.utf8("w")),
                    Duration.ofSeconds(3));
            var outcome = write.join();
            assertTrue(outcome instanceof Outcome.Unknown || outcome instanceof Outcome.Overloaded,
                    () -> "promised " + outcome);
            var read = last.store
                    .read(new Read.Get(KEY), Consistency.LINEARIZABLE, Duration.ofSeconds(1))
                    .join();
            assertInstanceOf(Outcome.Overloaded.class, read);
        }
    }

    @Test
    void everyNodeKnowsTheListOfAllNodes() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader().self;
            for (var node : cluster.nodes()) {
                LocalCluster.await("everybody heard, as seen by " + node.self.name(), () -> {
                    var view = node.store.cluster().join();
                    return leader.id().equals(view.leader()) && view.members().size() == 3
                            && view.members().stream().allMatch(
                                    each -> each.sinceHeard() != null && each.appliedIndex() > 1);
                });
            }
        }
    }

    @Test
    void overlongKeysAndEmptyOnesAreRefused() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            cluster.awaitReady();
            var node = cluster.leader();
            var refused = assertInstanceOf(Outcome.Refused.class,
                    put(node, Bytes.wrap(new byte[8193]), "v"));
            assertEquals("key of 8193 bytes is over the limit of 8192", refused.why().toString());
            assertInstanceOf(Outcome.Refused.class, put(node, Bytes.EMPTY, "v"));
        }
    }
}
