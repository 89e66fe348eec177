package org.bellwether.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
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
import java.util.regex.Pattern;
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
    private static final Pattern LEADER = Pattern.compile("\"KV-Leader\"");

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
        if (flags != null && !flags.isBlank())
            command.addAll(List.of(flags.strip().split("\\s+")));
        command.addAll(List.of("-jar", jar.toString(), "serve", "--dir", folder(node).toString()));
        var log = Redirect.appendTo(folder(node).resolve("node.log").toFile());
        running.put(node, new ProcessBuilder(command).redirectOutput(log).redirectError(log)
                .start());
    }

    void kill(int node) {
        var process = running.remove(node);
        if (process != null)
            process.destroyForcibly();
    }

    void signal(int node, String name) throws IOException {
        var process = running.get(node);
        if (process == null)
            throw new IllegalStateException("n" + node + " does not run");
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException(ended);
        }
    }
}
