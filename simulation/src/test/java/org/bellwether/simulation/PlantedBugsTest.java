package org.bellwether.simulation;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A simulation that has never convicted anybody has shown nothing.
class PlantedBugsTest {
    private static final int SEEDS_MAX = 2_000;
    /// A change of the core moves all runs: the recorded seed may convict no more, but one soon after it
    /// must. `mvn -P convict verify` prints the first of each, to be recorded anew.
    private static final int DRIFT_MAX = 60;

    @ParameterizedTest
    @MethodSource("org.bellwether.simulation.PlantedBug#all")
    void plantedBugIsConvictedAndNothingElse(PlantedBug bug) {
        long seed = bug.seed();
        var planted = Simulation.run(seed, bug.wiring(), false);
        while (planted.violation() == null && seed < bug.seed() + DRIFT_MAX)
            planted = Simulation.run(++seed, bug.wiring(), false);
        String verdict = planted.violation();
        assertNotNull(verdict, bug + " went unnoticed by seeds " + bug.seed() + " to " + seed);
        assertTrue(Pattern.compile(bug.verdict()).matcher(verdict).find(), verdict);
        var sound = Simulation.run(seed);
        assertNull(sound.violation(), sound.describe());
    }

    /// What clients hear and what the tables hold in the end convicts by itself, invariants or not.
    @ParameterizedTest
    @CsvSource({"stale read, is not linearizable", //
            "ack before commit, is not linearizable|contradict each other|told to cut the log", //
            "apply skipped on one node, hold the same|is not linearizable"})
    void harmIsSeenFromOutside(String name, String verdicts) {
        var bug = PlantedBug.all().stream().filter(it -> it.name().equals(name)).findFirst()
                .orElseThrow();
        var expected = Pattern.compile(verdicts);
        for (long seed = 1; seed <= DRIFT_MAX; seed++) {
            var report = Simulation.run(seed, bug.wiring().withBlindInvariants(), false);
            String verdict = report.violation();
            if (verdict != null && expected.matcher(verdict).find()) return;
        }
        fail(name + " was not seen from outside by " + DRIFT_MAX + " seeds");
    }

    @ParameterizedTest
    @MethodSource("org.bellwether.simulation.PlantedBug#all")
    @Tag("convict")
    void searchFindsPlantedBug(PlantedBug bug) {
        long began = System.nanoTime();
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            var report = Simulation.run(seed, bug.wiring(), false);
            if (report.violation() != null) {
                System.out.printf("%s: convicted by seed %d, after %.1f s: %s%n", bug, seed,
                        (System.nanoTime() - began) / 1e9,
                        report.violation().lines().findFirst().orElse(""));
                return;
            }
        }
        fail(bug + " went unnoticed by " + SEEDS_MAX + " seeds");
    }
}
