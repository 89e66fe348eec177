package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bellwether.api.Address;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.server.TamperedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `bell verify` finds nothing where there is nothing, also under load, and finds one changed value.
class VerifyTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Test
    void equalTablesAreFoundEqualWhileClientsWrite(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir)) {
            try (var traffic = new Traffic(cluster, 11)) {
                traffic.awaitAcknowledged(50, cluster.nodes());
                var said = Typed.run(Exit.OK, "verify", "--node", cluster.http(2).toString(),
                        "--range-keys", "3");
                assertTrue(said.contains("3 nodes hold the same"), said);
            }
            var said = Typed.run(Exit.OK, "verify", "--node", cluster.http(1).toString());
            assertTrue(said.contains("3 nodes hold the same"), said);
        }
    }

    @Test
    void whoDoesNotAnswerIsLeftOutAndNamed(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir)) {
            Typed.run(Exit.OK, "put", "key", "value", "--node", cluster.http(1).toString());
            cluster.kill(3);
            var said = Typed.run(Exit.UNAVAILABLE, "verify", "--node", cluster.http(1).toString());
            assertTrue(said.contains("2 nodes hold the same"), said);
            assertTrue(said.contains("n3 is left out"), said);
            assertTrue(said.contains("not compared: n3"), said);
        }
    }

    /// Nobody writes, so that no entry comes which all could meet at.
    @Test
    void whoAnswersAndIsNotLevelIsLeftOut(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir);
                var behind = Stranger.saying(503, "{\"status\":503,\"detail\":\"it is behind\"}",
                        Map.of("KV-Node", "n4", "KV-Applied", "1"))) {
            Typed.run(Exit.OK, "put", "key", "value", "--node", cluster.http(1).toString());
            var rows = new ArrayList<Row>();
            for (int i = 1; i <= 3; i++)
                rows.add(row("n" + i, cluster.http(i).toString()));
            rows.add(row("n4", behind.address()));
            var compared = VerifyCommand.openAll(rows, TIMEOUT);
            assertEquals(Set.of("n4"), compared.leftOut().keySet());
            assertEquals(List.of("n1", "n2", "n3"), compared.opened().stream()
                    .map(VerifyCommand.Opened::name).toList());
        }
    }

    @Test
    void whoFailsMeanwhileIsLeftOutAndTheOthersAreCompared(@TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir);
                var rotten = Stranger.saying(410, "{\"status\":410,\"detail\":\"it is rotten\"}",
                        Map.of("KV-Node", "n4"))) {
            for (int i = 0; i < 8; i++)
                Typed.run(Exit.OK, "put", "key" + i, "value", "--node", cluster.http(1).toString());
            var rows = new ArrayList<Row>();
            for (int i = 1; i <= 3; i++)
                rows.add(row("n" + i, cluster.http(i).toString()));
            var compared = new ArrayList<>(VerifyCommand.openAll(rows, TIMEOUT).opened());
            compared.addFirst(new VerifyCommand.Opened("n4",
                    new NodeClient(List.of(Address.parse(rotten.address())), TIMEOUT),
                    1, 1, 1, 8));
            var leftOut = new TreeMap<String, String>();
            assertEquals(0, new VerifyCommand().compare(compared, leftOut));
            assertEquals(Set.of("n4"), leftOut.keySet());
            assertEquals(3, compared.size());
        }
    }

    @Test
    void whereNobodyCanBeComparedNothingIsSaidOfAnybody() throws Exception {
        try (var rotten = Stranger.saying(410, "{\"status\":410,\"detail\":\"it is rotten\"}",
                Map.of("KV-Node", "n4"))) {
            var only = new VerifyCommand.Opened("n4",
                    new NodeClient(List.of(Address.parse(rotten.address())), TIMEOUT),
                    1, 1, 1, 8);
            var failed = assertThrows(Failure.class, () -> new VerifyCommand()
                    .compare(new ArrayList<>(List.of(only)), new TreeMap<>()));
            assertEquals(Exit.UNAVAILABLE, failed.exitCode());
        }
    }

    private static Row row(String name, String http) {
        return new Row(name, name, "voter", true, http, http, 0, 0, 0, 0, 0, null, List.of());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"key10,from the beginning to 'key13'",
            "key17,from 'key16' to the end"})
    void aChangedValueIsFoundWithItsRangeAndItsNode(String changed, String range,
            @TempDir Path dir) throws Exception {
        try (var cluster = new TestCluster(dir)) {
            for (int i = 0; i < 8; i++)
                Typed.run(Exit.OK, "put", "key" + (10 + i), "value", "--node",
                        cluster.http(1).toString());
            cluster.kill(3);
            TamperedFolder.rot(cluster.folder(3), changed, "other");
            cluster.start(3);
            cluster.awaitReady(3);
            var said = Typed.run(Exit.NO, "verify", "--node", cluster.http(1).toString(),
                    "--range-keys",
                    "3");
            assertTrue(said.contains("keys " + range), said);
            assertTrue(said.contains("differ in 1 range,"), said);
        }
    }
}
