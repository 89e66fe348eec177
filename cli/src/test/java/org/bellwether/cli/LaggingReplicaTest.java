package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A replica is away for so long that the logs of the others have lost what it needs next, as real processes.
class LaggingReplicaTest {
    private static final String LARGE = "v".repeat(500_000);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static void fill(TestCluster cluster, int through, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            var uri = URI.create("http://" + cluster.http(through) + "/v1/kv/large-" + i % 40);
            var answer = HTTP.send(HttpRequest.newBuilder(uri).PUT(BodyPublishers.ofString(LARGE))
                    .build(), BodyHandlers.ofString());
            assertTrue(answer.statusCode() < 300, answer.body());
        }
    }

    private static boolean hasBase(TestCluster cluster, int node) {
        return Files.exists(cluster.folder(node).resolve("log/base"));
    }

    /// More than one only while another is put together, or not yet removed.
    private static long states(TestCluster cluster, int node) {
        try (var files = Files.list(cluster.folder(node).resolve("tables"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("state-"))
                    .count();
        } catch (IOException notYet) {
            return 0;
        }
    }

    @Test
    void itIsBroughtLevelBySnapshotAlsoWhenItDiesOnTheWay(@TempDir Path dir)
            throws Exception {
        try (var cluster = new TestCluster(dir, 3, 3, "--log-keep", "0", "--log-keep-time", "0s")) {
            try (var traffic = new Traffic(cluster, 5)) {
                traffic.awaitAcknowledged(30, cluster.nodes());
                cluster.kill(3);
                // Two rounds of 64 MiB, after each of which the tables are made durable.
                fill(cluster, 1, 300);
                Await.until("logs to lose their beginning",
                        () -> hasBase(cluster, 1) && hasBase(cluster, 2));
                traffic.awaitAcknowledged(30, cluster.others(3));
                cluster.start(3);
                Await.until("a snapshot on its way, or there",
                        () -> states(cluster, 3) > 1 || hasBase(cluster, 3));
                cluster.kill(3);
                cluster.start(3);
                cluster.awaitReady(3);
                Await.until("its log to begin anew", () -> hasBase(cluster, 3));
                traffic.awaitAcknowledged(30, cluster.nodes());
                traffic.expectOneStory();
            }
            assertEquals(LARGE, get(cluster, 3, "large-7"));
        } catch (IOException | StartException broken) {
            throw new AssertionError(broken);
        }
    }

    /// Its process lives all the time, and clients read through it until, while and after its tables are exchanged.
    @Test
    void aRunningOneExchangesItsTablesUnderReads(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir, 3, 3, "--log-keep", "0", "--log-keep-time", "0s",
                "--snapshot-rate", "20m");
                var traffic = new Traffic(cluster, 6)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            int away = cluster.others(leader).getFirst();
            traffic.awaitAcknowledged(30, cluster.nodes());
            cluster.signal(away, "STOP");
            fill(cluster, leader, 300);
            Await.until("logs to lose their beginning",
                    () -> cluster.others(away).stream().allMatch(node -> hasBase(cluster, node)));
            cluster.signal(away, "CONT");
            Await.until("a snapshot on its way", () -> states(cluster, away) > 1
                    || hasBase(cluster, away));
            while (!hasBase(cluster, away)) {
                // As of before, or after, and never anything else.
                var read = cluster.call(away, "GET", "/v1/kv/large-7?consistency=local",
                        new byte[0]);
                if (read.statusCode() == 404 || read.statusCode() == 503) continue;
                assertEquals(200, read.statusCode());
                assertEquals(LARGE, new String(read.body(), UTF_8));
            }
            traffic.awaitAcknowledged(30, cluster.nodes());
            var events = new String(cluster.call(away, "GET", "/v1/cluster/events", new byte[0])
                    .body(), UTF_8);
            assertTrue(events.contains("snapshot_installed"), events);
            traffic.expectOneStory();
            cluster.expectEqualTables();
        }
    }

    private static String get(TestCluster cluster, int node, String key) throws Exception {
        var uri = URI.create("http://" + cluster.http(node) + "/v1/kv/" + key);
        return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
}
