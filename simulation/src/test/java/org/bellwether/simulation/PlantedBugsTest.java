package org.bellwether.simulation;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A simulation that has never convicted anybody has shown nothing. When a change of the core has moved the
/// runs so far that a recorded seed convicts no more, `mvn -P convict verify` prints others.
class PlantedBugsTest {
    private static final int SEEDS_MAX = 2_000;

    @ParameterizedTest
    @EnumSource
    void plantedBugIsConvictedAndNothingElse(PlantedBug bug) {
        var planted = Simulation.run(bug.seed, bug.wiring, false);
        assertNotNull(planted.violation(), bug + " went unnoticed by seed " + bug.seed);
        assertTrue(planted.violation().contains(bug.verdict), planted.violation());
        var sound = Simulation.run(bug.seed);
        assertNull(sound.violation(), sound.describe());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("convict")
    void searchFindsPlantedBug(PlantedBug bug) {
        long began = System.nanoTime();
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            var report = Simulation.run(seed, bug.wiring, false);
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
