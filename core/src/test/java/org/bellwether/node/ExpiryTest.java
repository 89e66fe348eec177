package org.bellwether.node;

import static org.bellwether.node.LocalCluster.PATIENCE;
import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Expiry;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.node.LocalCluster.Running;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Time in a whole cluster.
class ExpiryTest {
    private static final Bytes KEY = Bytes.utf8("key");

    @TempDir
    Path folder;

    private LocalCluster cluster(int nodes) throws Exception {
        var cluster = new LocalCluster(folder, nodes);
        cluster.awaitReady();
        await("rules that know time",
                () -> cluster.nodes().stream().allMatch(node -> node.mark().version() >= 2));
        return cluster;
    }

    private static Outcome write(Running at, Command command) {
        return at.store.write(command, PATIENCE).join();
    }

    private static Result result(Outcome outcome) {
        return assertInstanceOf(Outcome.Applied.class, outcome).result();
    }

    private static void put(Running at, Bytes key, Duration stays) {
        result(write(at, new Command.Put(key, key, Condition.ALWAYS,
                new Expiry.In(stays.toMillis()), false)));
    }

    private static boolean isThere(Running at) {
        var read = at.store.read(new Read.Get(KEY), Consistency.LINEARIZABLE, PATIENCE).join();
        return result(read) instanceof Result.Found;
    }

    private static void rest(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }

    @Test
    void aKeyEndsOnTimeAlthoughNobodyWrites() throws Exception {
        try (var cluster = cluster(3)) {
            long start = System.nanoTime();
            put(cluster.replica(), KEY, Duration.ofMillis(700));
            assertTrue(isThere(cluster.replica()));
            await("the key's end", () -> cluster.replica().mark().keys() == 0);
            long millis = (System.nanoTime() - start) / 1_000_000;
            assertTrue(millis >= 650, "it ended after " + millis + " ms");
            assertTrue(!isThere(cluster.replica()));
            await("the same everywhere",
                    () -> cluster.nodes().stream().allMatch(node -> node.mark().keys() == 0));
        }
    }

    @Test
    void veryManyKeysThatEndTogetherGoInSlices() throws Exception {
        try (var cluster = cluster(1)) {
            var only = cluster.leader();
            var writes = new ArrayList<CompletableFuture<Outcome>>();
            for (int i = 0; i < 3_000; i++) {
                writes.add(only.store.write(new Command.Put(Bytes.utf8("k" + i), KEY,
                        Condition.ALWAYS, new Expiry.In(300), false), PATIENCE));
            }
            for (var write : writes)
                result(write.join());
            await("their end", () -> only.mark().keys() == 0);
        }
    }

    /// It is as if somebody set the clock of every machine by a day.
    @Test
    void wallClocksThatJumpEndNoKeyEarly() throws Exception {
        try (var cluster = cluster(3)) {
            put(cluster.leader(), KEY, Duration.ofSeconds(60));
            cluster.wallMillis.addAndGet(Duration.ofDays(1).toMillis());
            rest(Duration.ofMillis(300));
            assertTrue(isThere(cluster.leader()));
            var old = cluster.leader();
            old.stop();
            await("another leader", () -> cluster.nodes().stream()
                    .anyMatch(node -> node.view().leads() && node != old));
            assertTrue(isThere(cluster.leader()), "on a new leader neither");
            cluster.wallMillis.addAndGet(-Duration.ofDays(30).toMillis());
            put(cluster.leader(), KEY, Duration.ofMillis(300));
            await("the key's end", () -> !isThere(cluster.leader()));
        }
    }

    @Test
    void aRestartedClusterGoesOnWithTheTimeOfItsLog() throws Exception {
        try (var cluster = cluster(1)) {
            put(cluster.leader(), KEY, Duration.ofSeconds(60));
            var only = cluster.leader();
            only.stop();
            cluster.wallMillis.addAndGet(Duration.ofDays(1).toMillis());
            cluster.start(only.self);
            cluster.awaitReady();
            rest(Duration.ofMillis(100));
            assertTrue(isThere(cluster.leader()));
            put(cluster.leader(), KEY, Duration.ofMillis(200));
            await("the key's end", () -> !isThere(cluster.leader()));
        }
    }

    @Test
    void untilEveryNodeKnowsTheNewRulesTheirCommandsAreRefused() throws Exception {
        try (var cluster = new LocalCluster(folder, 1, ClusterConfig.DEFAULT,
                UpkeepConfig.DEFAULT, 1)) {
            cluster.awaitReady();
            var refused = assertInstanceOf(Outcome.Refused.class,
                    write(cluster.leader(), new Command.Edit(KEY, new Amendment.Add(1))));
            assertInstanceOf(Refusal.Conflict.class, refused.why());
            result(write(cluster.leader(), new Command.Put(KEY, KEY)));
        }
    }

    @Test
    void aScanShowsEveryKeyInPages() throws Exception {
        try (var cluster = cluster(3)) {
            for (int i = 0; i < 25; i++)
                result(write(cluster.leader(),
                        new Command.Put(Bytes.utf8("k%02d".formatted(i)), KEY)));
            var replica = cluster.replica();
            var seen = new ArrayList<Bytes>();
            List<Bytes> page;
            do {
                var scan = new Read.Scan(seen.isEmpty() ? null : seen.getLast(), 10);
                var answer = result(replica.store.read(scan, Consistency.LINEARIZABLE, PATIENCE)
                        .join());
                page = assertInstanceOf(Result.Page.class, answer).keys();
                seen.addAll(page);
                result(write(replica, new Command.Delete(Bytes.utf8("k24"))));
            } while (page.size() == 10);
            assertEquals(25, seen.size(), "what goes meanwhile may still be shown");
            assertEquals(seen.stream().sorted().toList(), seen);
        }
    }
}
