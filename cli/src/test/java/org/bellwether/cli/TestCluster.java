package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.bellwether.api.RespAddresses;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Answer;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.server.StartException;

/// Nodes, numbered from 1, each a process of its own on loopback, each with a real folder. Three, unless said
/// otherwise; more may join, and any may go.
final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final Path dir;
    private final int room;
    private final int firstPort;
    private final List<String> options;
    private final boolean debuggable;
    /// Whether Redis clients are let in.
    private final boolean redis;
    /// Whom clients ask.
    private volatile List<Integer> nodes;
    private final Map<Integer, BellProcess> running = new TreeMap<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();

    TestCluster(Path dir) throws StartException {
        this(dir, 3, 3);
    }

    /// @param room    most nodes that there will ever be
    /// @param options given to every node
    TestCluster(Path dir, int founding, int room, String... options) throws StartException {
        this(dir, founding, room, false, options);
    }

    /// @param debuggable whether a [Debugger] may be put on any of them
    TestCluster(Path dir, int founding, int room, boolean debuggable, String... options)
            throws StartException {
        this(dir, founding, room, debuggable, false, List.of(options));
    }

    /// Three nodes that let Redis clients in.
    static TestCluster withRedis(Path dir, String... options) throws StartException {
        return new TestCluster(dir, 3, 3, false, true, List.of(options));
    }

    private TestCluster(Path dir, int founding, int room, boolean debuggable, boolean redis,
            List<String> options) throws StartException {
        this.dir = dir;
        this.debuggable = debuggable;
        this.redis = redis;
        this.room = room;
        this.firstPort = Ports.row(4 * room);
        this.options = options;
        this.nodes = IntStream.rangeClosed(1, founding).boxed().toList();
        var founders = new ArrayList<Founder>();
        for (int node : nodes()) {
            founders.add(new Founder(folder(node), "n" + node, http(node), peer(node),
                    redis
                            ? new RespAddresses(resp(node), respCluster(node))
                            : RespAddresses.NONE));
        }
        Bootstrap.found(founders);
        startAll();
    }

    List<Integer> nodes() {
        return nodes;
    }

    /// The highest number that a node may have.
    int room() {
        return room;
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
        return new Address("127.0.0.1", firstPort + room + node - 1);
    }

    Address resp(int node) {
        return new Address("127.0.0.1", firstPort + 2 * room + node - 1);
    }

    /// For clients of Redis Cluster.
    Address respCluster(int node) {
        return new Address("127.0.0.1", firstPort + 3 * room + node - 1);
    }

    void start(int node) {
        run(node, List.of()).awaitLine("serving");
    }

    /// Everything of it stands still, from its first instruction on, until it is armed: then it starts.
    Debugger startArmed(int node, KillPoint point) {
        var process = run(node, List.of(Debugger.agent(true)), List.of());
        return Debugger.arm(process, point);
    }

    /// From now on it will stand still there; others go on.
    Debugger arm(int node, KillPoint point) {
        return Debugger.arm(process(node), point);
    }

    private BellProcess run(int node, List<String> more) {
        return run(node, debuggable ? List.of(Debugger.agent(false)) : List.of(), more);
    }

    private BellProcess run(int node, List<String> jvm, List<String> more) {
        var args = new ArrayList<>(List.of("serve", "--dir", folder(node).toString()));
        args.addAll(options);
        if (redis) {
            args.addAll(List.of("--resp", resp(node).toString(), "--resp-cluster",
                    respCluster(node).toString()));
        }
        args.addAll(more);
        var process = BellProcess.startWith(jvm, args.toArray(String[]::new));
        running.put(node, process);
        return process;
    }

    /// Starts a newcomer, which asks the nodes that there are to be let in.
    BellProcess join(int node, String name) {
        return run(node, joining(node, name));
    }

    /// As [#startArmed], of a newcomer.
    Debugger joinArmed(int node, String name, KillPoint point) {
        return Debugger.arm(run(node, List.of(Debugger.agent(true)), joining(node, name)), point);
    }

    private List<String> joining(int node, String name) {
        var contacts = nodes.stream().filter(other -> other != node)
                .map(other -> http(other).toString()).collect(Collectors.joining(","));
        return List.of("--join", contacts, "--name", name, "--http", http(node).toString(),
                "--peer", peer(node).toString());
    }

    /// From now on clients ask it too; it must be able to serve.
    void admit(int node) {
        awaitReady(node);
        var all = new ArrayList<>(nodes);
        all.add(node);
        nodes = List.copyOf(all);
    }

    /// Clients ask it no more.
    void dismiss(int node) {
        nodes = others(node);
    }

    void awaitReady(int node) {
        Await.until("n" + node + " to be ready", () -> {
            try {
                return call(node, "GET", "/readyz", new byte[0]).statusCode() == 200;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    /// How a node ended that ends by itself.
    int awaitExit(int node) {
        int code = process(node).awaitExit();
        running.remove(node);
        return code;
    }

    void startAll() {
        for (int node : nodes()) {
            run(node, List.of());
        }
        running.values().forEach(process -> process.awaitLine("serving"));
    }

    /// `kill -9`, and nobody is there any more when it returns.
    void kill(int node) {
        process(node).close();
        running.remove(node);
    }

    /// SIGTERM: it has the time to leave everything in order.
    void stop(int node) {
        process(node).signal("TERM");
        awaitExit(node);
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

    boolean isRunning(int node) {
        return running.containsKey(node);
    }

    /// What a node has said in this life.
    String text(int node) {
        return process(node).text();
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
                return applied.size() == nodes.size() && applied.stream().distinct().count() == 1;
            } catch (IOException | Failure notNow) {
                return false;
            }
        });
    }

    /// As of one entry, also while clients write; every listed node must run.
    void expectEqualTables() {
        Await.until("tables to be compared", () -> {
            int code = Bell.execute("verify", "--node",
                    http(nodes().getFirst()).toString());
            if (code == Exit.UNAVAILABLE) return false;
            assertEquals(Exit.OK, code, "tables differ");
            return true;
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

    /// Asks for something, and does not wait for an answer.
    void begin(int node, String method, String target) {
        http.sendAsync(request(node, method, target, new byte[0]), BodyHandlers.discarding());
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
