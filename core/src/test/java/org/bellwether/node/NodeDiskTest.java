package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.bellwether.api.Backup;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.node.TightStorage.Refuses;
import org.bellwether.storage.StorageBehindException;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a node does when its disk lets it down.
@Timeout(120)
class NodeDiskTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Bytes KEY = Bytes.utf8("k");
    private static final Bytes LARGE = Bytes.wrap(new byte[200_000]);
    /// Many of them fit into what is kept.
    private static final Bytes SMALL = Bytes.wrap(new byte[8_000]);

    @TempDir
    Path folder;

    private static Outcome put(LocalCluster.Running at, Bytes value) {
        return at.store.write(new Command.Put(KEY, value), TIMEOUT).join();
    }

    private static boolean refusedForSpace(Outcome outcome) {
        return outcome instanceof Outcome.Refused(Refusal.StorageFull _);
    }

    @Test
    void aFullDiskRefusesWritesGoesOnReadingAndRecoversByItself() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("small")));
            node.disk.full = true;
            // What still fits into the segment at hand is taken; then the next cannot be prepared.
            int taken = 0;
            var outcome = put(node, LARGE);
            while (!refusedForSpace(outcome)) {
                assertInstanceOf(Outcome.Applied.class, outcome);
                assertTrue(++taken < 100, "writes were taken for ever");
                outcome = put(node, LARGE);
            }
            var read = node.store.read(new Read.Get(KEY), Consistency.LINEARIZABLE, TIMEOUT).join();
            var found = assertInstanceOf(Result.Found.class,
                    assertInstanceOf(Outcome.Applied.class, read).result());
            assertEquals(1 + taken, found.value().version());
            assertFalse(node.halted.isDone());

            node.disk.full = false;
            LocalCluster.await("writes to be taken again",
                    () -> put(node, Bytes.utf8("again")) instanceof Outcome.Applied);
        }
        try (var cluster = new LocalCluster(folder, 1)) {
            var read = cluster.leader().store
                    .read(new Read.Get(KEY), Consistency.LINEARIZABLE, TIMEOUT).join();
            var found = assertInstanceOf(Result.Found.class,
                    assertInstanceOf(Outcome.Applied.class, read).result());
            assertEquals(Bytes.utf8("again"), found.value().value());
        }
    }

    private static Set<Trouble> troublesOf(LocalCluster.Running node, LocalCluster.Running asked) {
        return asked.store.cluster().join().members().stream()
                .filter(peer -> peer.member().id().equals(node.self.id())).findFirst()
                .orElseThrow().troubles();
    }

    private static List<@Nullable NodeId> aboutRoom(LocalCluster.Running at, Kind kind) {
        return at.events(kind).stream().filter(event -> event.text().contains("disk is full"))
                .<@Nullable NodeId>map(ClusterEvent::node).toList();
    }

    @Test
    void aReplicaWhoseDiskIsFullShowsAsSuchOnEveryNode() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var ill = cluster.replica();
            ill.disk.full = true;
            LocalCluster.await("its disk to be full in every list", () -> {
                put(leader, LARGE);
                return cluster.nodes().stream()
                        .allMatch(node -> troublesOf(ill, node).contains(Trouble.DISK_FULL));
            });
            assertTrue(leader.store.cluster().join().warnings()
                    .contains(ill.self.name() + ": its disk is full"));
            assertEquals(List.of(ill.self.id()), aboutRoom(leader, Kind.NODE_TROUBLED));
            assertFalse(troublesOf(leader, ill).contains(Trouble.DISK_FULL));
            ill.disk.full = false;
            LocalCluster.await("it to be well again", () -> cluster.nodes().stream()
                    .noneMatch(node -> troublesOf(ill, node).contains(Trouble.DISK_FULL)));
            assertEquals(List.of(ill.self.id()), aboutRoom(leader, Kind.NODE_WELL));
        }
    }

    /// A disk may fill up while more is on its way than what is kept has room for.
    @Test
    void whatAReplicaHasNoRoomForWaitsWithoutIt() throws Exception {
        var goesOn = new CompletableFuture<Void>();
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var ill = cluster.replica();
            ill.diskThread.execute(goesOn::join);
            ill.disk.full = true;
            for (int i = 0; i < 20; i++)
                assertInstanceOf(Outcome.Applied.class, put(leader, LARGE));
            goesOn.complete(null);
            LocalCluster.await("its disk to be full in every list", () -> cluster.nodes().stream()
                    .allMatch(node -> troublesOf(ill, node).contains(Trouble.DISK_FULL)));
            assertInstanceOf(Outcome.Applied.class, put(leader, Bytes.utf8("without it")));
            assertFalse(ill.halted.isDone());
            ill.disk.full = false;
            LocalCluster.await("it to be level",
                    () -> ill.view().appliedIndex() >= leader.view().appliedIndex());
            assertFalse(ill.halted.isDone());
        } finally {
            goesOn.complete(null);
        }
    }

    @Test
    void aReplicaWhoseDiskIsSlowShowsAsSuchOnEveryNode() throws Exception {
        var goesOn = new CompletableFuture<Void>();
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var ill = cluster.replica();
            ill.diskThread.execute(goesOn::join);
            LocalCluster.await("its disk to be slow in every list", () -> {
                assertInstanceOf(Outcome.Applied.class, put(leader, SMALL));
                return cluster.nodes().stream()
                        .allMatch(node -> troublesOf(ill, node).contains(Trouble.SLOW_DISK));
            });
            assertTrue(tellsOfSlowness(leader, Kind.NODE_TROUBLED, ill));
            goesOn.complete(null);
            LocalCluster.await("it to be well again", () -> cluster.nodes().stream()
                    .noneMatch(node -> troublesOf(ill, node).contains(Trouble.SLOW_DISK)));
            assertTrue(tellsOfSlowness(leader, Kind.NODE_WELL, ill));
        } finally {
            goesOn.complete(null);
        }
    }

    /// Of others nothing is said: the machine's own disk may be slow, too.
    private static boolean tellsOfSlowness(LocalCluster.Running at, Kind kind,
            LocalCluster.Running ill) {
        return at.events(kind).stream().anyMatch(event -> ill.self.id().equals(event.node())
                && event.text().contains(Trouble.SLOW_DISK.text()));
    }

    /// What cannot be committed must not be appended: deletes, which make room, would have to wait behind it.
    @Test
    void aLeaderWithRoomRefusesWritesWhenAMajorityHasNone() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(leader, Bytes.utf8("small")));
            for (var node : cluster.nodes()) {
                if (node != leader) node.disk.full = true;
            }
            LocalCluster.await("a refusal", () -> refusedForSpace(put(leader, SMALL)));
            assertTrue(deleted(leader));
            for (var node : cluster.nodes()) {
                assertFalse(node.halted.isDone());
                node.disk.full = false;
            }
            LocalCluster.await("writes to be taken again",
                    () -> put(leader, Bytes.utf8("again")) instanceof Outcome.Applied);
        }
    }

    @Test
    void aReadOfWhatADiskThatHangsDoesNotGiveIsAnsweredInTime() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, SMALL));
            node.storage.hangs = true;
            var patience = Duration.ofMillis(50);
            for (var consistency : List.of(Consistency.LINEARIZABLE, Consistency.LOCAL)) {
                var outcome = node.store.read(new Read.Get(KEY), consistency, patience)
                        .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
                var late = assertInstanceOf(Outcome.Overloaded.class, outcome);
                assertEquals("this node's disk has not read the key in time", late.what());
            }
            node.storage.hangs = false;
            assertInstanceOf(Outcome.Applied.class,
                    node.store.read(new Read.Get(KEY), Consistency.LINEARIZABLE, TIMEOUT).join());
        }
    }

    private static boolean deleted(LocalCluster.Running at) {
        return at.store.write(new Command.Delete(KEY), TIMEOUT)
                .join() instanceof Outcome.Applied;
    }

    /// One spare segment is kept for deletes and lists of nodes; and when that has gone, too, it is no reason to die.
    @Test
    void aFullDiskTakesDeletesAndListsOfNodesUntilNothingIsLeft() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("small")));
            node.disk.full = true;
            int taken = 0;
            while (!refusedForSpace(put(node, LARGE)))
                assertTrue(++taken < 100, "writes were taken for ever");
            assertTrue(deleted(node));
            assertTrue(refusedForSpace(put(node, Bytes.utf8("small"))));
            Outcome outcome;
            int changes = 0;
            do {
                outcome = node.store.write(new Command.SetVoters(1 + changes % 2), TIMEOUT).join();
                assertTrue(++changes < 100_000, "lists were taken for ever");
            } while (outcome instanceof Outcome.Applied);
            assertTrue(changes > 10, () -> "nothing was kept for them");
            assertTrue(refusedForSpace(outcome), outcome::toString);
            LocalCluster.await("the end of what is kept", () -> !deleted(node));
            assertTrue(node.view().leads());
            assertFalse(node.halted.isDone());

            node.disk.full = false;
            LocalCluster.await("writes to be taken again",
                    () -> put(node, Bytes.utf8("again")) instanceof Outcome.Applied);
        }
    }

    private static Outcome local(LocalCluster.Running at) {
        return at.store.read(new Read.Get(KEY), Consistency.LOCAL, TIMEOUT).join();
    }

    /// When it would, what is committed waits, and the inbox answers *overloaded*.
    @ParameterizedTest
    @EnumSource(value = Refuses.class, names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
    void whatIsCommittedWaitsForTablesThatTakeNothing(Refuses how) throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("before")));
            var before = local(node);
            node.storage.refuses = how;
            var waiting = node.store.write(new Command.Put(KEY, Bytes.utf8("waits")), TIMEOUT);
            LocalCluster.await("a refused commit", () -> node.storage.seen);
            var refused = put(node, Bytes.utf8("refused"));
            if (how == Refuses.FULL)
                assertTrue(refusedForSpace(refused), refused::toString);
            else
                assertInstanceOf(Outcome.Overloaded.class, refused);
            assertEquals(before, local(node));
            assertFalse(waiting.isDone());
            assertFalse(node.halted.isDone());

            node.storage.refuses = Refuses.NOTHING;
            assertInstanceOf(Outcome.Applied.class, waiting.join());
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("after")));
        }
    }

    @Test
    void aStartWaitsForTablesThatTakeNothing() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("kept")));
            node.stop();
            cluster.tablesRefuse = Refuses.FULL;
            var latest = new AtomicReference<LocalCluster.@Nullable Running>();
            cluster.onNew = latest::set;
            var starting = CompletableFuture.supplyAsync(() -> {
                try {
                    return cluster.start(node.self);
                } catch (Exception failed) {
                    throw new CompletionException(failed);
                }
            });
            LocalCluster.await("a refused commit", () -> {
                var at = latest.get();
                return at != null && at.storage.seen;
            });
            assertFalse(starting.isDone());
            Objects.requireNonNull(latest.get()).storage.refuses = Refuses.NOTHING;
            var again = starting.join();
            var read = again.store.read(new Read.Get(KEY), Consistency.LINEARIZABLE, TIMEOUT)
                    .join();
            var found = assertInstanceOf(Result.Found.class,
                    assertInstanceOf(Outcome.Applied.class, read).result());
            assertEquals(Bytes.utf8("kept"), found.value().value());
        }
    }

    /// Who reads whole tables, and what comes of it.
    enum Reader {
        SCAN, BACKUP, COMPARISON;

        String read(LocalCluster.Running from) {
            var said = new CompletableFuture<String>();
            from.loop.execute(() -> {
                try {
                    read(from, said);
                } catch (RuntimeException failed) {
                    said.completeExceptionally(failed);
                }
            });
            return said.orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
        }

        private void read(LocalCluster.Running from, CompletableFuture<String> said) {
            switch (this) {
                case SCAN -> from.node.read(new Read.Scan(null, 10), Consistency.LOCAL, TIMEOUT,
                        outcome -> said.complete(outcome.toString()));
                case BACKUP -> rows(Objects.requireNonNull(from.node.backup()), said);
                case COMPARISON -> from.node.compare(from.storage.applied(), TIMEOUT,
                        opened -> opened.digest(Bytes.EMPTY, null, 10,
                                range -> said.complete(range.toString()), said::complete),
                        said::complete);
            }
        }

        private static void rows(Backup backup, CompletableFuture<String> said) {
            backup.next(_ -> backup.next(rows -> said.complete("some rows: " + (rows != null)),
                    said::complete), said::complete);
        }
    }

    @ParameterizedTest
    @EnumSource(Reader.class)
    void whoMeetsDamageIsToldAndTheNodeStops(Reader reader) throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, SMALL));
            cluster.awaitReady();
            node.storage.damage = new StorageException("a rotten block in 000009.sst");
            var said = reader.read(node);
            assertTrue(said.contains("000009.sst"), said);
            assertEquals("a rotten block in 000009.sst",
                    node.halted.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(Reader.class)
    void whoIsRefusedByTablesThatAreBehindDoesNotStopTheNode(Reader reader) throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, SMALL));
            cluster.awaitReady();
            node.storage.damage = new StorageBehindException("too much waits");
            var said = reader.read(node);
            assertTrue(said.contains("too much waits"), said);
            node.storage.damage = null;
            said = reader.read(node);
            assertFalse(said.contains("too much waits"), said);
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("after")));
            assertFalse(node.halted.isDone());
        }
    }

    /// After a failed `fsync` the next one can lie (USENIX ATC 2020, "Can Applications Recover from fsync
    /// Failures?"), so there is no next one.
    @Test
    void aFailedSyncStopsTheNodeAndPromisesNothing() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var node = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, put(node, Bytes.utf8("kept")));
            node.disk.syncFails = true;
            // A marker of its own may have found it out first.
            var doubtful = put(node, Bytes.utf8("doubtful"));
            assertTrue(doubtful instanceof Outcome.Unknown
                    || doubtful instanceof Outcome.Overloaded, doubtful::toString);
            var why = node.halted.get(20, TimeUnit.SECONDS);
            assertTrue(String.valueOf(why.getMessage()).contains("sync of log-"), why.toString());
            node.disk.syncFails = false;
            assertInstanceOf(Outcome.Overloaded.class, put(node, Bytes.utf8("after")));
        }
    }

    @Test
    void theOthersGoOnWithoutANodeWhoseDiskFailed() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            assertInstanceOf(Outcome.Applied.class, put(cluster.leader(), Bytes.utf8("before")));
            var failing = cluster.leader();
            failing.disk.syncFails = true;
            put(failing, Bytes.utf8("doubtful"));
            failing.halted.get(20, TimeUnit.SECONDS);
            var other = cluster.nodes().stream().filter(each -> each != failing).findFirst()
                    .orElseThrow();
            assertInstanceOf(Outcome.Applied.class, put(other, Bytes.utf8("after")));
        }
    }
}
