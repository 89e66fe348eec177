package org.bellwether.server.transport;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next attempt: twice as long after each, and never quite as long as somebody
/// else, so that nodes that lost each other at one moment do not all come back at one.
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(10);
    static final Duration LONGEST = Duration.ofMillis(500);

    private final RandomGenerator dice;
    private Duration next = FIRST;

    Backoff(RandomGenerator dice) {
        this.dice = dice;
    }

    Duration next() {
        long nanos = next.toNanos();
        next = next.multipliedBy(2);
        if (next.compareTo(LONGEST) > 0) next = LONGEST;
        return Duration.ofNanos(nanos / 2 + dice.nextLong(nanos / 2 + 1));
    }

    void reset() {
        next = FIRST;
    }
}
