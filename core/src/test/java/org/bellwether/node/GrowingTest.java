package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.RemovedException;
import org.bellwether.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes join, are promoted, are replaced and leave, while the cluster serves.
@Timeout(120)
class GrowingTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Bytes KEY = Bytes.utf8("k");

    @TempDir
    Path folder;

    private static Outcome ask(LocalCluster.Running at, Command command) {
        return at.store.write(command, TIMEOUT).join();
    }

    private static void put(LocalCluster.Running at, String value) {
        assertInstanceOf(Outcome.Applied.class, ask(at, new Command.Put(KEY, Bytes.utf8(value))));
    }

    private static String get(LocalCluster.Running at) {
        var read = at.store.read(new Read.Get(KEY), Consistency.LINEARIZABLE, TIMEOUT).join();
        var found = assertInstanceOf(Result.Found.class,
                assertInstanceOf(Outcome.Applied.class, read, read::toString).result());
        return found.value().value().toString();
    }

    private static long voters(LocalCluster.Running at) {
        return at.store.cluster().join().members().stream().filter(peer -> peer.member().voter())
                .count();
    }

    private static void awaitVoters(LocalCluster cluster, int count) {
        LocalCluster.await(count + " voters in every list",
                () -> cluster.nodes().stream().allMatch(node -> voters(node) == count));
    }

    private static String refusal(Outcome outcome) {
        var refused = assertInstanceOf(Outcome.Refused.class, outcome);
        return assertInstanceOf(Refusal.Conflict.class, refused.why()).what();
    }

    private static Set<String> names(LocalCluster.Running at) {
        return at.store.cluster().join().members().stream().map(peer -> peer.member().name())
                .collect(Collectors.toSet());
    }

    /// Its log begins before it came, when there was one node.
    @Test
    void aNewcomerShowsTheListItWasTold_untilItsLogHasIt() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            cluster.join(cluster.leader(), "n2");
            cluster.onNew = node -> node.transport.cut = true;
            var newcomer = cluster.join(cluster.leader(), "n3");
            assertEquals(Set.of("n1", "n2", "n3"), names(newcomer));
            newcomer.transport.cut = false;
            cluster.onNew = _ -> {
            };
            awaitVoters(cluster, 3);
            cluster.join(cluster.leader(), "n4");
            LocalCluster.await("a later list", () -> names(newcomer).contains("n4"));
        }
    }

    @Test
    void aClusterOfOneGrowsToFiveAndShrinksAgain() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var first = cluster.leader();
            put(first, "one");
            for (int size = 2; size <= 5; size++) {
                // Whoever is asked passes it on to the leader.
                var newcomer = cluster.join(cluster.nodes().getLast(), "n" + size);
                int known = size;
                LocalCluster.await("all to know " + size + " nodes", () -> cluster.nodes().stream()
                        .allMatch(node -> node.store.cluster().join().members().size() == known));
                assertEquals("one", get(newcomer));
            }
            awaitVoters(cluster, 3);
            put(cluster.nodes().getLast(), "five");

            for (int size = 5; size > 1; size--) {
                var leaving = cluster.nodes().getLast();
                assertInstanceOf(Outcome.Applied.class,
                        ask(first, new Command.Remove(leaving.self.id())));
                var told = leaving.halted.get(20, TimeUnit.SECONDS);
                assertInstanceOf(RemovedException.class, told);
                leaving.stop();
                assertEquals("five", get(first));
            }
            assertEquals(1, voters(first));
            put(first, "alone again");
        }
    }

    @Test
    void askingTwiceJoinsOnce() throws Exception {
        try (var cluster = new LocalCluster(folder, 2)) {
            var join = new Command.Join(new UUID(1, 1), "", new Address("memory", 50),
                    new Address("memory", 51));
            var once = assertInstanceOf(Outcome.Applied.class, ask(cluster.leader(), join));
            var again = assertInstanceOf(Outcome.Applied.class, ask(cluster.replica(), join));
            assertEquals(((Result.Joined) once.result()).node(),
                    ((Result.Joined) again.result()).node());
            var members = cluster.leader().store.cluster().join().members();
            assertEquals(3, members.size());
            assertTrue(members.stream().anyMatch(peer -> peer.member().name().equals("n3")));
        }
    }

    /// It would not know whom it has voted for, nor have what it has acknowledged.
    @Test
    void whoHasTakenPartDoesNotJoinAgainAsItself() throws Exception {
        try (var cluster = new LocalCluster(folder, 2)) {
            var third = cluster.join(cluster.leader(), "third");
            LocalCluster.await("its vote", () -> voters(cluster.leader()) == 3);
            var again = new Command.Join(new UUID(8, third.self.peer().port()), "third",
                    third.self.peer(), third.self.http());
            third.stop();
            var refusal = refusal(ask(cluster.leader(), again));
            assertTrue(refusal.startsWith("node third joined with this nonce"), refusal);
        }
    }

    @Test
    void aNameOrAPlaceThatIsTakenIsRefused() throws Exception {
        try (var cluster = new LocalCluster(folder, 2)) {
            var free = new Address("memory", 50);
            assertEquals("there is a node named n2 already", refusal(ask(cluster.leader(),
                    new Command.Join(new UUID(1, 1), "n2", free, free))));
            var taken = cluster.replica().self.peer();
            assertTrue(refusal(ask(cluster.leader(),
                    new Command.Join(new UUID(1, 2), "n9", taken, free))).contains("is heard"));
        }
    }

    @Test
    void aDeadVoterIsReplaced() throws Exception {
        var config = ClusterConfig.DEFAULT.withDeadAfter(Duration.ofSeconds(2));
        try (var cluster = new LocalCluster(folder, 3, config)) {
            var spare = cluster.join(cluster.leader(), "spare");
            LocalCluster.await("the newcomer to be ready",
                    () -> spare.view().notReady() == null);
            assertEquals(3, voters(cluster.leader()));
            var dead = cluster.nodes().stream()
                    .filter(node -> node != spare && !node.view().leads()).findFirst()
                    .orElseThrow();
            dead.stop();
            LocalCluster.await("the dead voter to be gone",
                    () -> cluster.nodes().stream().allMatch(node -> node.store.cluster().join()
                            .members().stream().map(peer -> peer.member().id())
                            .noneMatch(dead.self.id()::equals)));
            awaitVoters(cluster, 3);
            put(spare, "goes on");

            // It comes back, is told, and stays out.
            var back = cluster.start(dead.self);
            assertInstanceOf(RemovedException.class, back.halted.get(20, TimeUnit.SECONDS));
            assertFalse(back.view().leads());
        }
    }

    @Test
    void aDeadVoterStaysWhereReplacingIsOff() throws Exception {
        var config = ClusterConfig.DEFAULT.withDeadAfter(Duration.ZERO);
        try (var cluster = new LocalCluster(folder, 3, config)) {
            var spare = cluster.join(cluster.leader(), "spare");
            LocalCluster.await("the newcomer to be ready",
                    () -> spare.view().notReady() == null);
            var dead = cluster.nodes().stream()
                    .filter(node -> node != spare && !node.view().leads()).findFirst()
                    .orElseThrow();
            dead.stop();
            var leader = cluster.leader();
            // Longer than it takes where two seconds are enough.
            LocalCluster.await("it to be silent for four seconds", () -> leader.store.cluster()
                    .join().members().stream()
                    .anyMatch(peer -> peer.member().id().equals(dead.self.id())
                            && Objects.requireNonNull(peer.sinceHeard()).toSeconds() >= 4));
            assertEquals(3, voters(leader));
            assertTrue(leader.events(Kind.VOTER_DEAD).isEmpty());
        }
    }

    @Test
    void theLeaderRemovesItselfAndAnotherLeads() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var old = cluster.leader();
            var outcome = ask(old, new Command.Remove(old.self.id()));
            assertInstanceOf(Outcome.Applied.class, outcome, outcome::toString);
            assertInstanceOf(RemovedException.class, old.halted.get(20, TimeUnit.SECONDS));
            old.stop();
            put(cluster.leader(), "two are left");
            assertEquals(2, voters(cluster.leader()));
        }
    }

    /// "Promote before remove": where one voter is wanted there are two for a moment.
    @Test
    void theOnlyVoterLeavesWhenAReplicaIsLevel() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var first = cluster.leader();
            assertInstanceOf(Outcome.Applied.class, ask(first, new Command.SetVoters(1)));
            put(first, "kept");
            var replica = cluster.join(first, "n2");
            LocalCluster.await("the replica to be level",
                    () -> replica.view().appliedIndex() == first.view().appliedIndex());
            LocalCluster.await("it to leave", () -> {
                var left = ask(first, new Command.Remove(first.self.id()));
                return left instanceof Outcome.Applied;
            });
            assertInstanceOf(RemovedException.class, first.halted.get(20, TimeUnit.SECONDS));
            first.stop();
            LocalCluster.await("the other to lead", () -> replica.view().leads());
            assertEquals("kept", get(replica));
            assertEquals(1, voters(replica));
            put(replica, "alone");
        }
    }

    @Test
    void theLastVoterAndStrangersAreNotRemoved() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var only = cluster.leader();
            assertEquals("it is the only voter, and no replica is level to be the next",
                    refusal(ask(only, new Command.Remove(only.self.id()))));
            var stranger = new NodeId(new UUID(9, 9));
            assertTrue(refusal(ask(only, new Command.Remove(stranger))).contains("is not one of"));
        }
    }

    @Test
    void removalThatWouldLeaveTooFewIsRefused() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var leader = cluster.leader();
            var silent = cluster.replica();
            var other = cluster.nodes().stream()
                    .filter(node -> node != leader && node != silent).findFirst().orElseThrow();
            silent.stop();
            LocalCluster.await("the leader to notice", () -> {
                var outcome = ask(leader, new Command.Remove(other.self.id()));
                return outcome instanceof Outcome.Refused(Refusal.Conflict(var why))
                        && why.contains("too few are heard");
            });
            assertInstanceOf(Outcome.Applied.class,
                    ask(leader, new Command.Remove(silent.self.id())));
        }
    }

    @Test
    void votersAreMadeAndUnmadeAsWanted() throws Exception {
        try (var cluster = new LocalCluster(folder, 5)) {
            awaitVoters(cluster, 5);
            assertInstanceOf(Outcome.Applied.class,
                    ask(cluster.replica(), new Command.SetVoters(2)));
            awaitVoters(cluster, 2);
            assertInstanceOf(Outcome.Applied.class,
                    ask(cluster.replica(), new Command.SetVoters(4)));
            awaitVoters(cluster, 4);
            assertInstanceOf(Outcome.Applied.class,
                    ask(cluster.replica(), new Command.SetVoters(1)));
            awaitVoters(cluster, 1);
            put(cluster.replica(), "one disk decides");
        }
    }

    @Test
    void leadershipIsHandedToWhomOneLikes() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var old = cluster.leader();
            var wanted = cluster.replica();
            // Asked of a third node, which passes it on.
            var third = cluster.nodes().stream().filter(node -> node != old && node != wanted)
                    .findFirst().orElseThrow();
            assertInstanceOf(Outcome.Applied.class,
                    ask(third, new Command.Transfer(wanted.self.id())));
            assertTrue(wanted.view().leads());
            assertTrue(refusal(ask(old, new Command.Transfer(new NodeId(new UUID(9, 9)))))
                    .contains("no such voter"));
        }
    }

    @Test
    void aNodeSaysWhereItHasMoved() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var moved = cluster.replica();
            var peer = moved.self.peer();
            var http = new Address("elsewhere", 80);
            assertInstanceOf(Outcome.Applied.class,
                    ask(moved, new Command.Move(moved.self.id(), peer, http)));
            // The events: it will soon say that it is where it was started.
            LocalCluster.await("all to know", () -> cluster.nodes().stream()
                    .allMatch(node -> node.store.events(0).join().stream()
                            .anyMatch(event -> event.kind() == Kind.NODE_MOVED
                                    && event.text().contains("elsewhere:80"))));
        }
    }
}
