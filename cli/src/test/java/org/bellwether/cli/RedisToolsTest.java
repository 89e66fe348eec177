package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.bellwether.api.Address;
import org.bellwether.server.StartException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The programs that come with Redis, against any node. (memtier_benchmark is in no Debian 12.)
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisToolsTest {
    private TestCluster cluster;

    @BeforeAll
    void start(@TempDir Path dir) throws StartException {
        assumeTrue(isInstalled("redis-cli") && isInstalled("redis-benchmark"),
                "redis-cli and redis-benchmark are not on the PATH: they were not tried");
        cluster = TestCluster.withRedis(dir);
        cluster.awaitLeader(cluster.nodes());
        cluster.nodes().forEach(cluster::awaitReady);
    }

    @AfterAll
    void stop() {
        if (cluster != null) cluster.close();
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static Process begin(String program, Address server, String... options)
            throws IOException {
        var command = new ArrayList<>(List.of(program, "-h", server.host(), "-p",
                Integer.toString(server.port())));
        // By lines, also where nobody looks.
        if (isInstalled("stdbuf")) command.addAll(0, List.of("stdbuf", "-oL"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// @param said to its standard input
    private static String converse(String said, String program, Address server, String... options)
            throws IOException, InterruptedException {
        var process = begin(program, server, options);
        try (var in = process.outputWriter(UTF_8)) {
            in.write(said);
        }
        var text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    private static String run(String program, Address server, String... options)
            throws IOException, InterruptedException {
        return converse("", program, server, options);
    }

    /// Of what goes on for ever.
    private static void awaitLine(BufferedReader out, Predicate<String> wanted)
            throws IOException {
        var heard = new ArrayList<String>();
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            heard.add(line);
            if (wanted.test(line)) return;
        }
        throw new AssertionError("it ended: " + heard);
    }

    @Test
    void redisCliSaysWhatItIsAnswered() throws Exception {
        var server = cluster.resp(3);
        assertEquals("OK\n", run("redis-cli", server, "SET", "cli", "a b"));
        assertEquals("a b\n", run("redis-cli", server, "-3", "GET", "cli"));
        assertTrue(run("redis-cli", server, "INFO", "server").contains("redis_version:"));
    }

    /// When it starts it asks for `COMMAND DOCS`, and helps with what it was told.
    @Test
    void redisCliKnowsOurCommands() throws Exception {
        var text = converse("help delifeq\nset interactive 1\nget interactive\nexit\n",
                "redis-cli", cluster.resp(1));
        assertTrue(text.contains("Deletes a key if it holds this value") && text.contains("9.0.0"),
                text);
        assertTrue(text.endsWith("OK\n1\n"), text);
    }

    @Test
    void redisCliFollowsToTheLeader() throws Exception {
        int leader = cluster.awaitLeader(cluster.nodes());
        var replica = cluster.respCluster(cluster.others(leader).getFirst());
        assertTrue(run("redis-cli", replica, "SET", "moved", "1").startsWith("MOVED "),
                "a replica sends writes away");
        assertEquals("OK\n", run("redis-cli", replica, "-c", "SET", "moved", "1"));
        assertEquals("1\n", run("redis-cli", replica, "-c", "GET", "moved"));
    }

    @Test
    void redisCliWalksOverTheKeys() throws Exception {
        var server = cluster.resp(2);
        for (int i = 0; i < 25; i++)
            run("redis-cli", server, "SET", "walk:" + i, "x".repeat(i + 1_000));
        var keys = run("redis-cli", server, "--scan", "--pattern", "walk:*");
        assertEquals(25, keys.lines().distinct().count(), keys);
        var sizes = run("redis-cli", server, "--bigkeys");
        assertTrue(sizes.contains("Biggest string found '\"walk:24\"' has 1024 bytes"), sizes);
    }

    @Test
    void redisCliWatchesAndListens() throws Exception {
        assumeTrue(isInstalled("stdbuf"), "stdbuf is not on the PATH: this was not tried");
        var stat = begin("redis-cli", cluster.resp(1), "--stat", "-i", "0.05");
        try (var out = stat.inputReader(UTF_8)) {
            awaitLine(out, line -> line.startsWith("keys"));
            for (int i = 0; i < 3; i++)
                awaitLine(out, line -> line.matches("\\d+ .*\\d+ \\(\\+\\d+\\).*"));
        } finally {
            stat.destroyForcibly().waitFor();
        }
        var listener = begin("redis-cli", cluster.resp(1), "SUBSCRIBE", "cli:news");
        try (var out = listener.inputReader(UTF_8)) {
            awaitLine(out, "1"::equals);
            run("redis-cli", cluster.resp(2), "PUBLISH", "cli:news", "good");
            awaitLine(out, "good"::equals);
        } finally {
            listener.destroyForcibly().waitFor();
        }
    }

    private static void benchmark(Address server, String... options) throws Exception {
        var all = new ArrayList<>(List.of("-n", "2000", "-c", "20", "--csv"));
        all.addAll(List.of(options));
        var text = run("redis-benchmark", server, all.toArray(String[]::new));
        assertTrue(text.contains("\"SET\",") && text.contains("\"GET\","), text);
    }

    /// Any error reply would end it.
    @Test
    void redisBenchmark() throws Exception {
        int leader = cluster.awaitLeader(cluster.nodes());
        var replicas = cluster.others(leader);
        benchmark(cluster.resp(leader), "-t", "ping,set,get,incr,mset");
        benchmark(cluster.resp(replicas.getFirst()), "-t", "ping,set,get,incr,mset", "-P", "16");
        benchmark(cluster.resp(replicas.getLast()), "-t", "ping,set,get,incr,mset", "-3", "-P",
                "16");
        benchmark(cluster.respCluster(leader), "-t", "set,get,incr", "-P", "16");
    }

    /// It understands `CLUSTER NODES`, and wants at least two that lead: of Redis itself, too. We have one shard.
    @Test
    void redisBenchmarkWantsTwoShardsOfACluster() throws Exception {
        var process = begin("redis-benchmark", cluster.respCluster(1), "--cluster", "-t", "set");
        var text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(1, process.waitFor());
        assertTrue(text.contains("Invalid cluster: 1 node(s)."), text);
    }
}
