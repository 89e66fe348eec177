package org.bellwether.cli;

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
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Answer;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.server.StartException;

/// Three nodes, numbered from 1, each a process of its own on loopback, each with a real folder.
final class TestCluster implements AutoCloseable {
    private static final int NODES = 3;
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final Path dir;
    private final int firstPort = Ports.row(2 * NODES);
    private final Map<Integer, BellProcess> running = new TreeMap<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();

    TestCluster(Path dir) throws StartException {
        this.dir = dir;
        var founders = new ArrayList<Founder>();
        for (int node : nodes()) {
            founders.add(new Founder(folder(node), "n" + node, http(node), peer(node)));
        }
        Bootstrap.found(founders);
        startAll();
    }

    List<Integer> nodes() {
        return IntStream.rangeClosed(1, NODES).boxed().toList();
    }

    List<Integer> others(int node) {
        return nodes().stream().filter(each -> each != node).toList();
    }

    Path folder(int node) {
        return dir.resolve("n" + node);
    }

    Address http(int node) {
        return new Address("127.0.0.1", firstPort + node - 1);
    }

    Address peer(int node) {
        return new Address("127.0.0.1", firstPort + NODES + node - 1);
    }

    void start(int node) {
        var process = BellProcess.start("serve", "--dir", folder(node).toString());
        running.put(node, process);
        process.awaitLine("serving");
    }

    void startAll() {
        for (int node : nodes()) {
            running.put(node, BellProcess.start("serve", "--dir", folder(node).toString()));
        }
        running.values().forEach(process -> process.awaitLine("serving"));
    }

    /// `kill -9`, and nobody is there any more when it returns.
    void kill(int node) {
        process(node).close();
        running.remove(node);
    }

    /// All at once: nobody has the time to notice that another died.
    void killAll() {
        for (var process : running.values()) {
            process.signal("KILL");
        }
        running.values().forEach(BellProcess::awaitExit);
        running.clear();
    }

    private BellProcess process(int node) {
        return Objects.requireNonNull(running.get(node), "n" + node + " does not run");
    }

    void signal(int node, String name) {
        process(node).signal(name);
    }

    /// The leader, once the given nodes agree who it is, and it is one of them.
    int awaitLeader(List<Integer> among) {
        var found = new int[1];
        Await.until("a leader among " + among, () -> {
            var names = among.stream().map(this::leaderAsSeenBy).distinct().toList();
            if (names.size() != 1 || names.getFirst().isEmpty()) return false;
            found[0] = Integer.parseInt(names.getFirst().substring(1));
            return among.contains(found[0]);
        });
        return found[0];
    }

    private String leaderAsSeenBy(int node) {
        try {
            return status(node).leaderName();
        } catch (IOException | Failure notNow) {
            return "";
        }
    }

    ClusterStatus status(int node) throws IOException {
        var response = call(node, "GET", "/v1/cluster", new byte[0]);
        return ClusterStatus.of(
                new Answer(http(node), response.statusCode(), response.headers(), response.body()));
    }

    /// Until every node has applied as much as the one that is furthest.
    void awaitLevel() {
        Await.until("all nodes to be level", () -> {
            try {
                var applied = new ArrayList<Long>();
                for (int node : nodes()) {
                    for (var row : status(node).members()) {
                        if (row.name().equals("n" + node)) applied.add(row.applied());
                    }
                }
                return applied.size() == NODES && applied.stream().distinct().count() == 1;
            } catch (IOException | Failure notNow) {
                return false;
            }
        });
    }

    HttpResponse<byte[]> call(int node, String method, String target, byte[] body)
            throws IOException {
        try {
            return http.send(request(node, method, target, body), BodyHandlers.ofByteArray());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException(ended);
        }
    }

    CompletableFuture<HttpResponse<byte[]>> ask(int node, String target) {
        return http.sendAsync(request(node, "GET", target, new byte[0]),
                BodyHandlers.ofByteArray());
    }

    private HttpRequest request(int node, String method, String target, byte[] body) {
        return HttpRequest.newBuilder(URI.create("http://" + http(node) + target))
                .timeout(PATIENCE)
                .method(method, method.equals("GET")
                        ? BodyPublishers.noBody()
                        : BodyPublishers.ofByteArray(body))
                .build();
    }

    @Override
    public void close() {
        running.values().forEach(BellProcess::close);
        http.shutdownNow();
    }
}
