package org.bellwether.simulation;

import java.util.SplittableRandom;

/// Where a run's luck comes from. Every part of a run has its own, split off in a fixed order, so that one
/// part's appetite does not change another part's luck. Integer and strict arithmetic only: the same
/// seed gives the same run on every machine.
final class Chance {
    private final SplittableRandom random;

    Chance(long seed) {
        this(new SplittableRandom(seed));
    }

    private Chance(SplittableRandom random) {
        this.random = random;
    }

    Chance split() {
        return new Chance(random.split());
    }

    /// From 0 (inclusive) to `bound` (exclusive).
    int below(int bound) {
        return random.nextInt(bound);
    }

    /// Both ends inclusive.
    int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    long between(long low, long high) {
        return random.nextLong(low, high + 1);
    }

    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    /// True in `parts` of a million cases.
    boolean perMillion(int parts) {
        return parts > 0 && random.nextInt(1_000_000) < parts;
    }

    /// Time until the next of events that come at random, so many nanoseconds apart on average.
    long untilNext(long meanNanos) {
        double uniform = 1.0 - random.nextInt(1 << 20) / (double) (1 << 20);
        return (long) (-StrictMath.log(uniform) * meanNanos) + 1;
    }

    long number() {
        return random.nextLong();
    }
}
