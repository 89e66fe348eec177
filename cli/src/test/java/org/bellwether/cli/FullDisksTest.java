package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bellwether.api.Address;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.NodeClient.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes, each on a small file system of its own: they are filled to the last byte: a
/// follower, the leader, then all. Nothing that was acknowledged is missing in the end. Skipped where mounting is not allowed.
class FullDisksTest {
    private static final int VALUE_BYTES = 200_000;
    /// More of the log than a node has prepared ahead: two segments of 32 MiB.
    private static final int MORE_THAN_PREPARED = 400;
    private static final int KEYS_WRITTEN_OVER = 40;

    private final int port = Ports.row(6);
    private final List<BellProcess> nodes = new ArrayList<>();
    /// What was acknowledged.
    private final Map<String, String> written = new TreeMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private SmallDisk disk = new SmallDisk(Path.of("."));
    private int keys;

    @TempDir
    Path dir;

    @BeforeEach
    void found() throws IOException, InterruptedException {
        disk = new SmallDisk(dir);
        disk.require();
        start("--new");
        start("--join", http(0).toString());
        start("--join", http(0).toString());
        Await.until("three voters", () -> status(0).members().stream().filter(Row::voter)
                .count() == 3);
    }

    @AfterEach
    void end() {
        nodes.forEach(BellProcess::close);
        http.close();
    }

    private Address http(int node) {
        return new Address("127.0.0.1", port + 2 * node);
    }

    private void start(String... how) {
        int node = nodes.size();
        var args = new ArrayList<>(List.of("serve", "--dir", dir.resolve("node").toString(),
                "--http", http(node).toString(), "--peer", "127.0.0.1:" + (port + 2 * node + 1)));
        args.addAll(List.of(how));
        var process = BellProcess.startIn(disk.before(), args.toArray(String[]::new));
        nodes.add(process);
        process.awaitLine("serving");
    }

    private HttpResponse<byte[]> send(int node, String method, String target, String body) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create("http://" + http(node) + target))
                    .timeout(Duration.ofSeconds(20))
                    .method(method, BodyPublishers.ofString(body)).build(),
                    BodyHandlers.ofByteArray());
        } catch (IOException broken) {
            throw new AssertionError("every node must go on: " + nodes.get(node).text(), broken);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ended);
        }
    }

    private ClusterStatus status(int node) {
        var answer = send(node, "GET", "/v1/cluster", "");
        return ClusterStatus.of(
                new Answer(http(node), answer.statusCode(), answer.headers(), answer.body()));
    }

    private long lag(int asked, int node) {
        return Objects.requireNonNull(status(asked).find("n" + (node + 1))).lag();
    }

    private int leader() {
        var found = new int[1];
        Await.until("a leader", () -> {
            var name = status(0).leaderName();
            if (name.isEmpty()) return false;
            found[0] = Integer.parseInt(name.substring(1)) - 1;
            return true;
        });
        return found[0];
    }

    private int put(int node, String key) {
        var value = key + " ".repeat(VALUE_BYTES - key.length()) + keys++;
        int status = send(node, "PUT", "/v1/kv/" + key + "?timeout=2s", value).statusCode();
        if (status < 300) written.put(key, value);
        return status;
    }

    /// Any number of keys, each written once, so that it does not matter what became of a write without an answer.
    private String fresh() {
        return "k" + keys;
    }

    private void expectRead(int node, String key, String consistency) {
        var answer = send(node, "GET", "/v1/kv/" + key + "?timeout=15s&consistency="
                + consistency, "");
        assertEquals(200, answer.statusCode(), () -> key + " of n" + (node + 1));
        assertEquals(written.get(key), new String(answer.body(), UTF_8), key);
    }

    private void awaitRefusal(int asked) {
        Await.until("a refusal for want of space", () -> put(asked, fresh()) == 507);
    }

    private void awaitWrite(int asked) {
        Await.until("n" + (asked + 1) + " to take writes", () -> put(asked, fresh()) < 300);
    }

    @Test
    void aFullFollowerStopsNobody_aFullLeaderRefuses_andSoDoAll() throws IOException {
        int leader = leader();
        int follower = (leader + 1) % nodes.size();
        assertEquals(201, put(leader, "first"));
        expectRead(follower, "first", "linearizable");

        disk.fill(nodes.get(follower));
        for (int i = 0; i < MORE_THAN_PREPARED; i++) {
            int status = put(leader, "over" + i % KEYS_WRITTEN_OVER);
            assertTrue(status < 300, "a majority has room, and said " + status);
        }
        expectRead(follower, "first", "local");
        assertTrue(lag(leader, follower) > 0, "it had room enough");
        disk.makeRoom(nodes.get(follower));
        // Asks the leader how far it must be, and waits for that.
        expectRead(follower, "over0", "linearizable");

        leader = leader();
        disk.fill(nodes.get(leader));
        awaitRefusal(leader);
        awaitRefusal((leader + 1) % nodes.size());
        expectRead(leader, "over1", "linearizable");
        disk.makeRoom(nodes.get(leader));
        awaitWrite(leader);

        leader = leader();
        disk.fill(nodes.get(leader));
        awaitRefusal(leader);
        for (var node : nodes) {
            if (node != nodes.get(leader)) disk.fill(node);
        }
        for (int node = 0; node < nodes.size(); node++) {
            awaitRefusal(node);
            expectRead(node, "first", "local");
        }
        expectRead(leader(), "over2", "linearizable");
        for (var node : nodes)
            disk.makeRoom(node);
        for (int node = 0; node < nodes.size(); node++)
            awaitWrite(node);
        int turn = 0;
        for (var key : written.keySet())
            expectRead(turn++ % nodes.size(), key, "linearizable");
    }
}
