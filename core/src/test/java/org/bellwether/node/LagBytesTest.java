package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Bytes behind, from a few samples.
class LagBytesTest {
    private final LagBytes lag = new LagBytes();

    @Test
    void whatLiesBetweenTwoLooksCountsAsEquallyLarge() {
        assertEquals(-1, lag.behind(0));
        lag.look(100, 0);
        lag.look(110, 1_000);
        lag.look(120, 11_000);
        assertEquals(0, lag.behind(120));
        assertEquals(0, lag.behind(125));
        assertEquals(5_000, lag.behind(115));
        assertEquals(10_000, lag.behind(110));
        assertEquals(10_500, lag.behind(105));
        assertEquals(11_000, lag.behind(100));
        // From before this leader's life: as large as those that it knows, 550 bytes.
        assertEquals(11_000 + 10 * 550, lag.behind(90));
    }

    @Test
    void itRemembersFarBackInBoundedSpace() {
        for (int i = 1; i <= 100_000; i++)
            lag.look(i, 10L * i);
        for (int at : new int[]{1, 500, 50_000, 99_999}) {
            long exact = 10L * (100_000 - at);
            assertTrue(Math.abs(lag.behind(at) - exact) <= 10, () -> at + ": " + lag.behind(at));
        }
    }
}
