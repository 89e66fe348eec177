package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.KillPoint.Scene;
import org.bellwether.cli.KillPoint.Who;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `kill -9` at places of the program that are worst: real processes, each held still by a [Debugger] at a [KillPoint]
/// and killed there, while clients write and read. Each time the node starts, comes level and serves, all tables are
/// equal, and at the end one story explains everything that any client ever saw.
class KillPointsTest {
    private static final long SEED = 20_261_125;
    private static final int SOME = 10;
    private static final Duration STEP = Duration.ofMillis(200);
    private static final int TRIES = 60;
    /// Few, since every death costs the start of a process, and both share the same processors.
    private static final int CLIENTS = 2;

    /// Of the log: so that it is cut as soon as it may be.
    private static final String[] KEEP_LITTLE = {"--log-keep", "0", "--log-keep-time", "0s"};

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(KillPoint.class)
    void theNamedPlaceIsInTheProgram(KillPoint point) {
        if (!point.isInTheProgram()) throw new AssertionError(point.whyItCannotBeReached());
    }

    @Test
    void nothingIsLostByDeathsAtWork() throws Exception {
        try (var cluster = cluster();
                var traffic = new Traffic(cluster, SEED, CLIENTS)) {
            for (var point : Scene.WRITING.points())
                killAt(cluster, traffic, point, () -> {
                });
            for (var point : Scene.STARTING.points())
                killAtStart(cluster, traffic, point);
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    @Test
    void nothingIsLostByDeathsInAnElectionOrAChangeOfTheList() throws Exception {
        try (var cluster = cluster();
                var traffic = new Traffic(cluster, SEED + 1, CLIENTS)) {
            for (var point : Scene.HANDING_OVER.points())
                killAt(cluster, traffic, point, () -> {
                });
            int voters = 3;
            for (var point : Scene.LISTS.points()) {
                // Another one each time: it is not certain what became of the one before.
                var target = "/v1/cluster/voters?target=" + ++voters;
                killAt(cluster, traffic, point, () -> askAll(cluster, "PUT", target));
            }
            traffic.expectOneStory();
            cluster.awaitLevel();
        }
    }

    @Test
    void aNodeThatDiesAtEveryStepOfItsHousekeepingLosesNothing() throws Exception {
        try (var cluster = cluster(KEEP_LITTLE);
                var traffic = new Traffic(cluster, SEED + 2, CLIENTS)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            int victim = cluster.others(leader).getFirst();
            var points = Scene.ROLLING.points();
            mark(cluster, points.getFirst());
            try (var there = cluster.arm(victim, points.getFirst())) {
                fillUntil(cluster, leader, there);
                cluster.kill(victim);
            }
            try (var there = cluster.startArmed(victim, points.get(1))) {
                // Not so far behind that the leader's log has lost what it needs.
                cluster.awaitReady(victim);
                fillUntil(cluster, leader, there);
                cluster.kill(victim);
            }
            killAtEveryStart(cluster, victim, points.subList(2, points.size()));
            cluster.start(victim);
            expectAllIsWell(cluster, traffic, points.getFirst());
            traffic.expectOneStory();
        }
    }

    @Test
    void aNodeThatDiesAtEveryStepOfASnapshotIsLevelInTheEnd() throws Exception {
        try (var cluster = cluster(KEEP_LITTLE);
                var traffic = new Traffic(cluster, SEED + 3, CLIENTS)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            int away = cluster.others(leader).getFirst();
            var points = Scene.SNAPSHOT.points();
            mark(cluster, points.getFirst());
            cluster.kill(away);
            try (var _ = new Filling(cluster, leader)) {
                Await.until("logs to lose their beginning", () -> cluster.others(away).stream()
                        .allMatch(node -> Files.exists(cluster.folder(node).resolve("log/base"))));
            }
            int sender = cluster.awaitLeader(cluster.others(away));
            try (var there = cluster.arm(sender, points.getFirst())) {
                cluster.start(away);
                there.awaitThere();
                cluster.kill(sender);
            }
            cluster.start(sender);
            cluster.kill(away);
            killAtEveryStart(cluster, away, points.subList(1, points.size()));
            cluster.start(away);
            expectAllIsWell(cluster, traffic, points.getFirst());
            traffic.expectOneStory();
        }
    }

    @Test
    void aNewcomerThatDiesAtEveryStepOfItsJoiningJoinsOnce() throws Exception {
        try (var cluster = cluster(1, 2)) {
            cluster.awaitLeader(cluster.nodes());
            for (var point : Scene.JOINING.points()) {
                try (var there = cluster.joinArmed(2, "n2", point)) {
                    there.awaitThere();
                    assertEquals(List.of("n1", "n2"), listed(cluster));
                    cluster.kill(2);
                }
            }
            cluster.join(2, "n2").awaitLine("n2 is level");
            assertEquals(List.of("n1", "n2"), listed(cluster));
            cluster.admit(2);
            cluster.expectEqualTables();
        }
    }

    private static List<String> listed(TestCluster cluster) throws IOException {
        return cluster.status(1).members().stream().map(Row::name).sorted().toList();
    }

    /// Nodes that a debugger may be put on. Skipped, visibly, where the JDK has none: so the class that is one must not
    /// be asked.
    private TestCluster cluster(String... options) throws Exception {
        return cluster(3, 3, options);
    }

    private TestCluster cluster(int founding, int room, String... options) throws Exception {
        for (var module : List.of("jdk.jdi", "jdk.jdwp.agent")) {
            assumeTrue(ModuleLayer.boot().findModule(module).isPresent(),
                    () -> "not run: the JDK in " + System.getProperty("java.home")
                            + " has no module " + module);
        }
        return new TestCluster(dir, founding, room, true, options);
    }

    private static void fillUntil(TestCluster cluster, int through, Debugger there) {
        try (var _ = new Filling(cluster, through)) {
            there.awaitThere();
        }
    }

    /// A node of a cluster that is well dies there, and all is well again when it is started.
    private static void killAt(TestCluster cluster, Traffic traffic, KillPoint point,
            Runnable drive) {
        int leader = cluster.awaitLeader(cluster.nodes());
        var followers = cluster.others(leader);
        int victim = point.who == Who.LEADER ? leader : followers.getFirst();
        mark(cluster, point);
        int next = point.who == Who.SUCCESSOR ? victim : followers.getLast();
        try (var there = cluster.arm(victim, point)) {
            // Whoever is asked may not be able to, just then.
            for (int i = 0; i < TRIES && !there.isThereWithin(STEP); i++) {
                drive.run();
                if (point.scene == Scene.HANDING_OVER)
                    askAll(cluster, "POST", "/v1/cluster/transfer?to=n" + next);
            }
            there.awaitThere();
            cluster.kill(victim);
        }
        traffic.awaitAcknowledged(SOME, cluster.others(victim));
        cluster.start(victim);
        expectAllIsWell(cluster, traffic, point);
    }

    /// Dies as it works, and once more when it is started.
    private static void killAtStart(TestCluster cluster, Traffic traffic, KillPoint point) {
        int victim = cluster.others(cluster.awaitLeader(cluster.nodes())).getFirst();
        mark(cluster, point);
        cluster.kill(victim);
        killAtEveryStart(cluster, victim, List.of(point));
        traffic.awaitAcknowledged(SOME, cluster.others(victim));
        cluster.start(victim);
        expectAllIsWell(cluster, traffic, point);
    }

    /// It does not live to do more than what comes next.
    private static void killAtEveryStart(TestCluster cluster, int victim, List<KillPoint> points) {
        for (var point : points) {
            try (var there = cluster.startArmed(victim, point)) {
                there.awaitThere();
                cluster.kill(victim);
            }
        }
    }

    private static void expectAllIsWell(TestCluster cluster, Traffic traffic, KillPoint point) {
        for (int node : cluster.nodes())
            cluster.awaitReady(node);
        traffic.awaitAcknowledged(SOME, cluster.nodes());
        for (int node : cluster.nodes())
            expectMark(cluster, node, point);
        cluster.expectEqualTables();
    }

    /// Acknowledged before anything happens at this point.
    private static void mark(TestCluster cluster, KillPoint point) {
        Await.until("a write before " + point, () -> {
            try {
                return cluster.call(cluster.nodes().getFirst(), "PUT", key(point),
                        point.name().getBytes(UTF_8)).statusCode() < 300;
            } catch (IOException again) {
                return false;
            }
        });
    }

    private static void expectMark(TestCluster cluster, int node, KillPoint point) {
        Await.until("n" + node + " to serve a read", () -> {
            try {
                var answer = cluster.call(node, "GET", key(point), new byte[0]);
                if (answer.statusCode() > 500) return false;
                assertEquals(200, answer.statusCode(), () -> "n" + node + " after " + point);
                assertEquals(point.name(), new String(answer.body(), UTF_8));
                return true;
            } catch (IOException again) {
                return false;
            }
        });
    }

    private static String key(KillPoint point) {
        return "/v1/kv/" + point;
    }

    /// Any of them passes it on; who stands still or is dead does not answer.
    private static void askAll(TestCluster cluster, String method, String target) {
        for (int node : cluster.nodes())
            cluster.begin(node, method, target);
    }
}
