package org.bellwether.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bellwether.api.Address;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.server.StartException;

/// Three nodes as processes of their own, started from the packaged jar.
final class BenchCluster implements AutoCloseable {
    static final int NODES = 3;
    private static final int HTTP = 18_401;
    private static final int PEER = 18_501;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(2);

    private final Path jar;
    private final Path dir;
    private final Map<Integer, Process> running = new TreeMap<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(300)).build();

    BenchCluster(Path jar, Path dir) throws IOException, StartException {
        this.jar = jar;
        this.dir = dir;
        var founders = new ArrayList<Founder>();
        for (int node = 1; node <= NODES; node++) {
            founders.add(new Founder(folder(node), "n" + node,
                    new Address("127.0.0.1", httpPort(node)),
                    new Address("127.0.0.1", PEER + node - 1)));
        }
        Bootstrap.found(founders);
        for (int node = 1; node <= NODES; node++) {
            start(node);
        }
    }

    private Path folder(int node) {
        return dir.resolve("n" + node);
    }

    int httpPort(int node) {
        return HTTP + node - 1;
    }

    void start(int node) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String flags = System.getenv("BELLWETHER_NODE_FLAGS");
        if (flags != null && !flags.isBlank()) command.addAll(List.of(flags.strip().split("\\s+")));
        command.addAll(
                List.of("-jar", jar.toString(), "serve", "--dir", folder(node).toString(), "--resp",
                        "none"));
        var log = Redirect.appendTo(folder(node).resolve("node.log").toFile());
        running.put(node, new ProcessBuilder(command).redirectOutput(log).redirectError(log)
                .start());
    }

    void kill(int node) {
        var process = running.remove(node);
        if (process != null) process.destroyForcibly();
    }

    void signal(int node, String name) throws IOException {
        var process = running.get(node);
        if (process == null) throw new IllegalStateException("n" + node + " does not run");
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException(ended);
        }
    }

    /// The node that all nodes that answer name as the leader; waits until they agree.
    int leader() {
        var found = new int[1];
        await("one leader", PATIENCE, () -> {
            var names = new ArrayList<String>();
            for (int node : running.keySet()) {
                names.add(header(node, "KV-Leader"));
            }
            int colon = names.getFirst().lastIndexOf(':');
            if (names.stream().distinct().count() != 1 || colon < 0) return false;
            found[0] = Integer.parseInt(names.getFirst().substring(colon + 1)) - HTTP + 1;
            return running.containsKey(found[0]);
        });
        return found[0];
    }

    /// Waits until all nodes are ready and have applied the same.
    void awaitLevel() {
        leader();
        await("all nodes to be level", PATIENCE, () -> {
            var applied = running.keySet().stream().map(node -> header(node, "KV-Applied"))
                    .distinct().toList();
            return applied.size() == 1 && !applied.getFirst().isEmpty();
        });
    }

    /// A header of a ready node's answer; empty if it is not ready.
    private String header(int node, String name) {
        var request = HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + httpPort(node) + "/readyz"))
                .timeout(Duration.ofSeconds(1)).build();
        try {
            var response = http.send(request, BodyHandlers.discarding());
            return response.statusCode() == 200
                    ? response.headers().firstValue(name).orElse("")
                    : "";
        } catch (IOException notNow) {
            return "";
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static void await(String what, Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted())
                throw new IllegalStateException("waited in vain for " + what);
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    @Override
    public void close() throws IOException {
        running.values().forEach(Process::destroyForcibly);
        running.values().forEach(process -> process.onExit().join());
        http.shutdownNow();
        try (var below = Files.walk(dir)) {
            for (var each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
