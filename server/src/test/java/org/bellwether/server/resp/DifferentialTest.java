package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random conversations, held with a real Redis and with us at the same time: every reply is the same, but for what
/// `docs/redis-compatibility.md` lists. `-Dbellwether.differential.sequences=N` holds more of them,
/// `-Dbellwether.differential.seed=S` others.
@EnabledIf("org.bellwether.server.resp.RealRedis#isInstalled")
@Timeout(600)
class DifferentialTest {
    private static final int SEQUENCES = Integer.getInteger("bellwether.differential.sequences",
            1_500);
    /// Each write run of a pipeline waits for a real disk.
    private static final int PIPELINES = Integer.getInteger("bellwether.differential.pipelines",
            SEQUENCES / 5);
    private static final long SEED = Long.getLong("bellwether.differential.seed", 1);
    private static final int DIFFERENCES_MAX = 5;

    /// What one seed makes.
    @FunctionalInterface
    private interface Attempt {
        /// @return null if all was the same; else all that was said until it was not
        @Nullable
        String with(long seed) throws Exception;
    }

    @TempDir
    Path dir;

    /// Two clients that take turns, and one that listens to channels; our state machine answers at once.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyReplyIsTheSame(int protocol) throws Exception {
        try (var redis = new RealRedis(dir);
                var node = new FakeNode();
                var a = new RespPair("A", redis.connect(), node.connect());
                var b = new RespPair("B", redis.connect(), node.connect());
                var listener = new RespPair("L", redis.connect(), node.connect())) {
            expectNoDifference(SEQUENCES,
                    seed -> new Talk(seed, protocol, node, List.of(a, b), listener).hold());
        }
    }

    /// Everything at once, to a node with a log on a real disk.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyReplyToAPipelineIsTheSame(int protocol) throws Exception {
        try (var redis = new RealRedis(dir);
                var node = new RealNode(dir.resolve("node"));
                var client = new RespPair("A", redis.connect(), node.connect())) {
            expectNoDifference(PIPELINES, seed -> new Pipeline(seed, protocol).hold(client));
        }
    }

    private static void expectNoDifference(int count, Attempt attempt) throws Exception {
        var differences = new ArrayList<String>();
        for (long seed = SEED; seed < SEED + count
                && differences.size() < DIFFERENCES_MAX; seed++) {
            var difference = attempt.with(seed);
            if (difference != null) differences.add("seed " + seed + "\n" + difference);
        }
        assertEquals(List.of(), differences, () -> String.join("\n\n", differences));
    }
}
