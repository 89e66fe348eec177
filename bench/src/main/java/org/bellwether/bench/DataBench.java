package org.bellwether.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// What a node with much data costs: how fast it takes the data, how much memory it then needs, how long a restart
/// takes, how fast a newcomer to a cluster of three gets level, and what that does to the cluster's writes.
public final class DataBench {
    private static final int HTTP = 18_601;
    private static final int PEER = 18_701;
    private static final int CLIENTS = 50;
    private static final int VOTERS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final Path jar;
    private final Path dir;
    private final int keys;
    private final String value;
    private final String storage;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, Process> running = new TreeMap<>();

    private DataBench(Path jar, Path dir, int keys, int valueBytes, String storage) {
        this.jar = jar;
        this.dir = dir;
        this.keys = keys;
        this.value = "v".repeat(valueBytes);
        this.storage = storage;
    }

    public static void main(String... args) throws Exception {
        var jar = Path.of("cli/target/bell.jar");
        int keys = 1_000_000;
        int valueBytes = 128;
        var storage = "rocksdb";
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--jar" -> jar = Path.of(args[i + 1]);
                case "--keys" -> keys = Integer.parseInt(args[i + 1]);
                case "--value-bytes" -> valueBytes = Integer.parseInt(args[i + 1]);
                case "--storage" -> storage = args[i + 1];
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        var dir = Path.of("data/bench/data-" + ProcessHandle.current().pid());
        new DataBench(jar, dir, keys, valueBytes, storage).run();
    }

    private void run() throws Exception {
        Files.createDirectories(dir);
        try {
            start(1, "--new");
            awaitReady(1);
            say("memory of an idle node, MB", rssMegabytes(1));
            long begun = System.nanoTime();
            fill();
            double seconds = (System.nanoTime() - begun) / 1e9;
            say("writes/s while " + keys + " keys are written, one voter", keys / seconds);
            LockSupport.parkNanos(QUIET.toNanos());
            say("memory with them, MB", rssMegabytes(1));
            process(1).destroy();
            process(1).waitFor();
            begun = System.nanoTime();
            start(1);
            awaitReady(1);
            say("restart until ready, s", (System.nanoTime() - begun) / 1e9);
            say("memory after the restart, MB", rssMegabytes(1));
            for (int node = 2; node <= VOTERS; node++) {
                start(node, "--join", "127.0.0.1:" + HTTP);
                awaitReady(node);
            }
            BenchCluster.await(VOTERS + " voters", PATIENCE,
                    () -> ask(1, "/v1/cluster").split("\"voter\": ?true", -1).length > VOTERS);
            catchUp(VOTERS + 1);
        } finally {
            running.values().forEach(Process::destroyForcibly);
            running.values().forEach(process -> process.onExit().join());
            http.shutdownNow();
            try (var below = Files.walk(dir)) {
                for (var each : below.sorted(Comparator.reverseOrder()).toList())
                    Files.delete(each);
            }
        }
    }

    /// From its first answer on: until then only its JVM has started.
    private void catchUp(int newcomer) throws Exception {
        try (var load = new Writers()) {
            load.take();
            LockSupport.parkNanos(QUIET.toNanos());
            var alone = load.take();
            start(newcomer, "--join", "127.0.0.1:" + HTTP);
            BenchCluster.await("n" + newcomer + " to answer", PATIENCE,
                    () -> !ask(newcomer, "/livez").isEmpty());
            load.take();
            long begun = System.nanoTime();
            awaitReady(newcomer);
            double seconds = (System.nanoTime() - begun) / 1e9;
            var meanwhile = load.take();
            double megabytes = (double) keys * (value.length() + 12) / 1e6;
            say("a newcomer to " + VOTERS + " voters is level after, s", seconds);
            say("which is MB/s of keys and values", megabytes / seconds);
            say("p99 of writes without it, ms", at(alone, 0.99));
            say("p99 of writes while it comes, ms", at(meanwhile, 0.99));
            say("which is times as much", at(meanwhile, 0.99) / at(alone, 0.99));
            say("writes/s without it", alone.size() / (QUIET.toMillis() / 1e3));
            say("writes/s while it comes", meanwhile.size() / seconds);
        }
    }

    /// What a node answers, whatever that is; empty if it does not.
    private String ask(int node, String target) {
        var request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + (HTTP + node - 1) + target)).build();
        try {
            return http.send(request, BodyHandlers.ofString()).body();
        } catch (IOException notYet) {
            return "";
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static void say(String what, double number) {
        System.out.println("| %s | %.1f |".formatted(what, number));
    }

    private void start(int node, String... how) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String flags = System.getenv("BELLWETHER_NODE_FLAGS");
        if (flags != null && !flags.isBlank()) command.addAll(List.of(flags.strip().split("\\s+")));
        command.addAll(List.of("-jar", jar.toString(), "serve", "--dir",
                dir.resolve("n" + node).toString(), "--storage", storage, "--resp", "none"));
        command.addAll(List.of(how));
        if (how.length > 0) {
            command.addAll(List.of("--http", "127.0.0.1:" + (HTTP + node - 1), "--peer",
                    "127.0.0.1:" + (PEER + node - 1)));
        }
        running.put(node, new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("n" + node + ".log").toFile()).start());
    }

    private void awaitReady(int node) {
        var request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + (HTTP + node - 1) + "/readyz")).build();
        BenchCluster.await("n" + node + " to be ready", PATIENCE, () -> {
            try {
                return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notYet) {
                return false;
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    private Process process(int node) {
        return Objects.requireNonNull(running.get(node), "it runs");
    }

    private double rssMegabytes(int node) throws IOException {
        var status = Files.readAllLines(Path.of("/proc/" + process(node).pid() + "/status"));
        for (var line : status) {
            if (line.startsWith("VmRSS:"))
                return Long.parseLong(line.replaceAll("\\D", "")) / 1000.0;
        }
        return 0;
    }

    private void fill() throws InterruptedException {
        var next = new AtomicInteger();
        var clients = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++)
            clients.add(Thread.ofVirtual().start(() -> fill(next)));
        for (var client : clients)
            client.join();
        if (next.get() < keys) throw new IllegalStateException("not everything was written");
    }

    private void fill(AtomicInteger next) {
        try (var socket = connect(); var in = new BufferedInputStream(socket.getInputStream())) {
            for (int key = next.getAndIncrement(); key < keys; key = next.getAndIncrement())
                write(socket, in, key);
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), HTTP);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void write(Socket socket, BufferedInputStream in, int key) throws IOException {
        socket.getOutputStream().write(RawHttp.put("key-%08d".formatted(key), value));
        int status = RawHttp.status(in);
        if (status != 200 && status != 201) throw new IOException("status " + status);
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }

    /// Clients that overwrite keys at random, and how long each write took.
    private final class Writers implements AutoCloseable {
        private final ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
        private final List<Thread> clients = new ArrayList<>();
        private volatile boolean ended;

        Writers() {
            for (int i = 0; i < CLIENTS; i++) {
                var random = new SplittableRandom(i);
                clients.add(Thread.ofVirtual().start(() -> overwrite(random)));
            }
        }

        private void overwrite(SplittableRandom random) {
            try (var socket = connect();
                    var in = new BufferedInputStream(socket.getInputStream())) {
                while (!ended) {
                    long sent = System.nanoTime();
                    write(socket, in, random.nextInt(keys));
                    millis.add((System.nanoTime() - sent) / 1e6);
                }
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        }

        /// Everything since the last time, sorted.
        List<Double> take() {
            var taken = new ArrayList<Double>();
            for (var each = millis.poll(); each != null; each = millis.poll())
                taken.add(each);
            taken.sort(null);
            return taken;
        }

        @Override
        public void close() throws InterruptedException {
            ended = true;
            for (var client : clients)
                client.join();
        }
    }
}
