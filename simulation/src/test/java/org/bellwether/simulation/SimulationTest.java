package org.bellwether.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whole clusters under harm. `-Dsimulation.seeds=N` runs more of them, `-Dsimulation.seed=S` from there.
class SimulationTest {
    private static final long SEEDS = 600;
    /// What a few hundred seeds must have met, or they have not tested what they seem to.
    private static final List<Evidence.Of> MUST_OCCUR = List.of(Evidence.Of.ELECTIONS,
            Evidence.Of.CRASHES, Evidence.Of.POWER_LOSSES, Evidence.Of.ALL_DOWN,
            Evidence.Of.LOST_WRITES, Evidence.Of.TORN_WRITES, Evidence.Of.LOST_NAMES,
            Evidence.Of.CRASHED_IN_DISK_TASK, Evidence.Of.PAUSES, Evidence.Of.CLOCK_JUMPS,
            Evidence.Of.PARTITIONS, Evidence.Of.ONE_WAY_PARTITIONS, Evidence.Of.REPLACED_LINKS,
            Evidence.Of.LOST_MESSAGES, Evidence.Of.DOUBLED_MESSAGES,
            Evidence.Of.REORDERED_MESSAGES, Evidence.Of.HELD_MESSAGES, Evidence.Of.FAILED_SYNCS,
            Evidence.Of.FAILED_WRITES, Evidence.Of.HANGING_DISKS, Evidence.Of.FULL_DISKS,
            Evidence.Of.REFUSED_FOR_SPACE, Evidence.Of.HALTS, Evidence.Of.TRANSFERS,
            Evidence.Of.TRUNCATIONS, Evidence.Of.WRITES_REFUSED, Evidence.Of.WRITES_UNKNOWN,
            Evidence.Of.STALLS, Evidence.Of.LEASE_SWITCHES, Evidence.Of.READS_BY_LEASE,
            Evidence.Of.READS_LINEARIZABLE, Evidence.Of.READS_LOCAL, Evidence.Of.BATCHES,
            Evidence.Of.JOINS, Evidence.Of.JOINS_REPEATED, Evidence.Of.PROMOTIONS,
            Evidence.Of.DEMOTIONS, Evidence.Of.REMOVALS, Evidence.Of.HANDED_OVER,
            Evidence.Of.FLUSHES, Evidence.Of.LOG_CUTS, Evidence.Of.LOG_RESTARTS,
            Evidence.Of.SNAPSHOTS_INSTALLED, Evidence.Of.SPOILT_TABLES, Evidence.Of.REPAIRS,
            Evidence.Of.UNDECIDED, Evidence.Of.WIPES, Evidence.Of.WIPED_REMOVED,
            Evidence.Of.DEAD_REPLACED, Evidence.Of.ROTTEN_SLICES, Evidence.Of.SNAPSHOTS_REFUSED,
            Evidence.Of.READ_AHEAD, Evidence.Of.PUT_BACK, Evidence.Of.FORGOTTEN);

    @Test
    @Timeout(value = 20, unit = TimeUnit.HOURS)
    void clustersSurviveWhatTheirSeedsHold() {
        long first = Long.getLong("simulation.seed", 1);
        long seeds = Long.getLong("simulation.seeds", SEEDS);
        var summary = Simulations.run(first, seeds, Wiring.REAL);
        System.out.print(summary.describe());
        assertTrue(summary.isClean(), summary.describe());
        if (seeds < SEEDS) return;
        for (var what : MUST_OCCUR)
            assertTrue(summary.evidence().of(what) > 0, what + " never happened");
    }

    @Test
    void oneSeedIsOneRun() {
        var once = Simulation.run(7);
        var again = Simulation.run(7, Wiring.REAL, true);
        assertEquals(once.digest(), again.digest());
        assertEquals(once.events(), again.events());
        assertTrue(once.digest() != Simulation.run(8).digest(), "another seed, another run");
    }

    @Test
    void oneSeedIsOneRunInAnotherJvm() throws IOException, InterruptedException {
        var child = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xint",
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                Digests.class.getName(), "3", "4", "11")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output;
        try {
            output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(child.waitFor(5, TimeUnit.MINUTES), "the other JVM hangs");
        } finally {
            child.destroyForcibly();
        }
        assertEquals(Digests.of(3) + Digests.of(4) + Digests.of(11), output);
    }

    /// Run in another JVM, interpreted: neither the compiler nor a hash code may matter.
    static final class Digests {
        private Digests() {}

        public static void main(String[] seeds) {
            for (var seed : seeds)
                System.out.print(of(Long.parseLong(seed)));
        }

        static String of(long seed) {
            var report = Simulation.run(seed);
            return "%d: %016x after %d%n".formatted(seed, report.digest(), report.events());
        }
    }
}
