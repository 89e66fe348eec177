package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlownessTest {
    private static final long MILLI = 1_000_000;
    private final Slowness slowness = new Slowness(Duration.ofMillis(10));
    private long now = System.nanoTime() + Duration.ofMinutes(1).toNanos();

    private boolean after(long pauseMillis, long tookMillis) {
        now += (pauseMillis + tookMillis) * MILLI;
        slowness.took(tookMillis * MILLI, now);
        return slowness.isNow(now);
    }

    @Test
    void oneSlowReadMayHaveLostItsProcessor() {
        assertFalse(after(0, 2_000));
        assertFalse(after(201, 2_000));
        assertFalse(after(100, 10), "that is not slow");
    }

    @Test
    void twoInARowSayThatTheDiskIsSlowForAWhile() {
        assertFalse(after(0, 11));
        assertTrue(after(199, 500));
        assertTrue(slowness.isNow(now + 999 * MILLI));
        assertFalse(slowness.isNow(now + 1_000 * MILLI));
    }

    @Test
    void whileItIsSlowOneIsEnough() {
        after(0, 11);
        assertTrue(after(0, 11));
        assertTrue(after(900, 11));
        assertTrue(slowness.isNow(now + 999 * MILLI));
    }

    @Test
    void withoutPatienceItIsAlwaysSlow() {
        assertTrue(new Slowness(Duration.ZERO).isNow(now));
    }
}
