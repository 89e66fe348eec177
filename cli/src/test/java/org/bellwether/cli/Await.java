package org.bellwether.cli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for a condition; gives up, loudly, when it must be hanging.
final class Await {
    private static final Duration HANGING = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(20);

    private Await() {}

    static void until(Supplier<String> what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + HANGING.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline)
                throw new AssertionError("waited in vain for " + what.get());
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    static void until(String what, BooleanSupplier condition) {
        until(() -> what, condition);
    }
}
