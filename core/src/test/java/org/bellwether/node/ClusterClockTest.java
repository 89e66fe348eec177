package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterClockTest {
    private static final long NANOS = 1_000_000;
    private static final long START = 1_700_000_000_000L;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;

    private final AtomicLong wall = new AtomicLong(START);
    private final ClusterClock clock = new ClusterClock(wall::get);
    private long millis = 5;

    private void pass(long passed) {
        millis += passed;
        wall.addAndGet(passed);
    }

    private long now() {
        return clock.millis(millis * NANOS);
    }

    @Test
    void beforeTheLogHasSaidAnythingItIsTheWallClock() {
        assertEquals(START, now());
        pass(MINUTE);
        assertEquals(START + MINUTE, now());
    }

    @ParameterizedTest
    @ValueSource(longs = {-HOUR, HOUR, 365 * 24 * HOUR, Long.MAX_VALUE / 4})
    void aWallClockThatJumpsIsFollowedByOnePartInSixteen(long jump) {
        now();
        wall.addAndGet(jump);
        assertEquals(START, now(), "at first nothing happens");
        for (int i = 0; i < 60; i++) {
            pass(1000);
            now();
        }
        long slewed = jump < 0 ? -MINUTE / 16 : MINUTE / 16;
        assertEquals(START + MINUTE + slewed, now());
    }

    @Test
    void itArrivesAndGoesNoFurther() {
        now();
        wall.addAndGet(HOUR);
        pass(16 * HOUR);
        assertEquals(wall.get(), now());
        pass(HOUR);
        assertEquals(wall.get(), now());
    }

    /// Its own wall clock is an hour off; what it goes by is how long ago it applied the last stamp.
    @ParameterizedTest
    @ValueSource(longs = {-HOUR, 0, HOUR})
    void aNewLeaderGoesOnWhereTheLogStopped(long off) {
        wall.addAndGet(off);
        clock.applied(START - 100, false, millis * NANOS);
        pass(MINUTE);
        long expected = START - 100 + MINUTE;
        assertTrue(Math.abs(now() - expected) <= MINUTE / 16, "off by " + (now() - expected));
    }

    @Test
    void aFollowerGoesByTheLeaderNotByItself() {
        clock.applied(START, false, millis * NANOS);
        pass(MINUTE);
        now();
        clock.applied(START + 100, false, millis * NANOS);
        assertEquals(START + 100, now(), "the leader's clock is slower");
    }

    /// A leader that is behind may stamp its first entries as its predecessor stamped the last ones. From seed 16162 of the
    /// simulation: there the next leader was ahead of it, and keys that it had set ended early.
    @Test
    void aFollowerGoesByAStampThatItHasHeardBefore() {
        clock.applied(START, false, millis * NANOS);
        pass(MINUTE);
        now();
        clock.applied(START, false, millis * NANOS);
        assertEquals(START, now());
    }

    @Test
    void aLeaderIsNotSetBackByItsOwnStamps() {
        long said = now();
        pass(50);
        clock.applied(said, true, millis * NANOS);
        assertEquals(START + 50, now());
        clock.applied(START + HOUR, true, millis * NANOS);
        assertEquals(START + HOUR, now(), "but by nobody's is it behind what was said");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void itNeverGoesBackWhateverTheWallClockDoes(long seed) {
        var random = new SplittableRandom(seed);
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            millis += random.nextInt(100);
            wall.set(random.nextInt(10) == 0 ? random.nextLong() : wall.get() + 50);
            long next = now();
            assertTrue(next >= last, "seed " + seed + ": from " + last + " to " + next);
            last = next;
            if (random.nextInt(3) == 0) clock.applied(last, true, millis * NANOS);
        }
    }
}
