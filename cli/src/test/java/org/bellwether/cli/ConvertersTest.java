package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.bellwether.node.ClusterConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/// What people write on the command line.
class ConvertersTest {
    @ParameterizedTest
    @ValueSource(strings = {"off", "0", "0s", "0ms"})
    void aDeadVoterMayNeverBeReplaced(String text) {
        assertEquals(Duration.ZERO, new DeadAfter().convert(text));
    }

    @Test
    void aSilenceIsBounded() {
        assertEquals(Duration.ofSeconds(90), new DeadAfter().convert("90s"));
        var longest = new DeadAfter().convert("288000m");
        assertEquals(longest, ClusterConfig.DEFAULT.withDeadAfter(longest).deadAfter());
        for (var text : new String[]{"288001m", "999999999m"}) {
            var refused = assertThrows(TypeConversionException.class,
                    () -> new DeadAfter().convert(text));
            assertTrue(String.valueOf(refused.getMessage()).contains("at most 288000m"),
                    refused::toString);
        }
        assertThrows(IllegalArgumentException.class,
                () -> ClusterConfig.DEFAULT.withDeadAfter(longest.plusMillis(1)));
    }

    @Test
    void patienceIsThatOfANode() {
        assertEquals(Duration.ofMinutes(1), new Patience().convert("1m"));
        assertEquals(Duration.ofMillis(1), new Patience().convert("1ms"));
        for (var text : new String[]{"0s", "0ms", "61s", "2m", "60001ms"}) {
            var refused = assertThrows(TypeConversionException.class,
                    () -> new Patience().convert(text));
            assertTrue(String.valueOf(refused.getMessage()).contains("from 1ms to 60s"),
                    refused::toString);
        }
        for (var command : new String[]{"status", "events", "verify", "leave"}) {
            var said = Typed.run(Exit.USAGE, command, "--timeout", "2m");
            assertTrue(said.contains("from 1ms to 60s"), said);
        }
    }

    @Test
    void readsOfRedisClientsAreOfThreeKinds() {
        for (var text : new String[]{"linearizable", "lease", "local"})
            assertEquals(text, RespReads.text(new RespReads().convert(text)));
        for (var text : new String[]{"", "Local", "after 5"})
            assertThrows(TypeConversionException.class, () -> new RespReads().convert(text));
    }

    @Test
    void votersAreFromOneToNine() {
        assertEquals(1, new Voters().convert("1"));
        assertEquals(9, new Voters().convert("9"));
        for (var text : new String[]{"0", "10", "-1", "three", ""}) {
            assertThrows(TypeConversionException.class, () -> new Voters().convert(text));
        }
    }
}
