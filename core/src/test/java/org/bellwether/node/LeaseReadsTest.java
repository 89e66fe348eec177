package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.machine.Machine;
import org.bellwether.node.LocalCluster.Running;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads by lease on real nodes: when a leader serves alone, and when it asks after all.
class LeaseReadsTest {
    private static final Bytes KEY = Bytes.utf8("key");

    @TempDir
    Path folder;

    /// Whether the answer is there before anybody else could have been asked.
    private static boolean isServedAlone(Running at) {
        var alone = new CompletableFuture<Boolean>();
        at.loop.execute(() -> {
            boolean[] answered = {false};
            at.node.read(new Read.Get(KEY), Consistency.LEASE, PATIENCE,
                    outcome -> answered[0] = outcome instanceof Outcome.Applied);
            alone.complete(answered[0]);
        });
        return alone.join();
    }

    private static Outcome read(Running at, Duration timeout) {
        return at.store.read(new Read.Get(KEY), Consistency.LEASE, timeout).join();
    }

    private static void switchTo(Running at, boolean on) {
        assertInstanceOf(Outcome.Applied.class,
                at.store.write(new Command.SetLeaseReads(on), PATIENCE).join());
    }

    private static void awaitRules(LocalCluster cluster) {
        await("the rules that all know", () -> cluster.nodes().stream()
                .allMatch(node -> node.mark().version() == Machine.VERSION));
    }

    @Test
    void onlyTheLeaderServesAlone_andOnlyWhileTheSwitchIsOn() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            awaitRules(cluster);
            var leader = cluster.leader();
            assertFalse(isServedAlone(leader), "it is off");
            for (var node : cluster.nodes())
                assertInstanceOf(Outcome.Applied.class, read(node, PATIENCE));

            switchTo(cluster.replica(), true);
            await("a lease", () -> isServedAlone(leader));
            for (var node : cluster.nodes()) {
                if (node != leader) assertFalse(isServedAlone(node));
                assertInstanceOf(Outcome.Applied.class, read(node, PATIENCE));
                await("the list everywhere", () -> node.store.cluster().join().leaseReads());
            }
            var event = leader.events(Kind.LEASE_READS_CHANGED).getLast();
            assertEquals("lease reads are switched on", event.text());

            switchTo(cluster.replica(), false);
            assertFalse(isServedAlone(leader));
            assertInstanceOf(Outcome.Applied.class, read(leader, PATIENCE));
        }
    }

    @Test
    void aLeaderThatIsCutOffServesAloneForAWhile_thenNotAtAll() throws Exception {
        var slow = new ClusterConfig(Duration.ofMillis(10), Duration.ofMillis(100),
                Duration.ofSeconds(3), Duration.ofMillis(50), Duration.ofSeconds(20),
                Duration.ZERO);
        try (var cluster = new LocalCluster(folder, 3, slow)) {
            cluster.awaitReady();
            awaitRules(cluster);
            var old = cluster.leader();
            switchTo(old, true);
            await("a lease", () -> isServedAlone(old));
            old.transport.cut = true;
            await("the end of the lease", () -> !isServedAlone(old));
            var late = assertInstanceOf(Outcome.Overloaded.class,
                    read(old, Duration.ofMillis(200)));
            assertEquals(Busy.NO_LEADER, late.cause());
            await("another leader",
                    () -> cluster.nodes().stream().anyMatch(it -> it != old && it.view().leads()));
            assertFalse(isServedAlone(old));
            old.transport.cut = false;
            await("what it lacks", () -> read(old, PATIENCE) instanceof Outcome.Applied);
        }
    }

    @Test
    void aTransferEndsTheLease_andTheNextLeaderHasOne() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            awaitRules(cluster);
            var old = cluster.leader();
            switchTo(old, true);
            await("a lease", () -> isServedAlone(old));
            assertInstanceOf(Outcome.Applied.class,
                    old.store.write(new Command.Transfer(null), PATIENCE).join());
            assertFalse(isServedAlone(old));
            var next = cluster.leader();
            assertTrue(next != old);
            await("a lease of the next leader", () -> isServedAlone(next));
        }
    }

    /// Who does not know such a list could not read its own log.
    @Test
    void theSwitchWaitsForTheLastNodeThatDoesNotKnowIt() throws Exception {
        try (var cluster = new LocalCluster(folder, 1, ClusterConfig.DEFAULT,
                UpkeepConfig.DEFAULT, 2)) {
            cluster.awaitReady();
            var only = cluster.leader();
            await("the rules of that version", () -> only.mark().version() == 2);
            var refused = assertInstanceOf(Outcome.Refused.class,
                    only.store.write(new Command.SetLeaseReads(true), PATIENCE).join());
            assertTrue(assertInstanceOf(Refusal.Conflict.class, refused.why()).toString()
                    .contains("version 3"), refused::toString);
            assertInstanceOf(Outcome.Applied.class,
                    only.store.write(new Command.SetVoters(5), PATIENCE).join());
        }
    }

    @Test
    void theSwitchOutlivesARestart() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            awaitRules(cluster);
            switchTo(cluster.leader(), true);
            var only = cluster.leader();
            only.stop();
            cluster.start(only.self);
            await("a lease", () -> isServedAlone(cluster.leader()));
        }
    }
}
