package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// No task of a node fails in silence.
class GuardedLoopTest {
    @Test
    void whateverFailsIsTold() throws Exception {
        var real = new ThreadLoop("guarded");
        try {
            var told = new LinkedBlockingQueue<String>();
            var loop = new GuardedLoop(real, failure -> told.add(failure.getMessage()));
            loop.execute(() -> fail("at once"));
            assertEquals("at once", told.poll(60, TimeUnit.SECONDS));
            loop.execute(() -> loop.schedule(Duration.ofMillis(1), () -> fail("later")));
            assertEquals("later", told.poll(60, TimeUnit.SECONDS));
            loop.execute(() -> loop.atEndOfTurn(() -> fail("at the end")));
            assertEquals("at the end", told.poll(60, TimeUnit.SECONDS));
        } finally {
            real.close();
        }
    }

    private static void fail(String how) {
        throw new IllegalStateException(how);
    }
}
