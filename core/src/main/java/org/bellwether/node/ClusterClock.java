package org.bellwether.node;

import java.util.function.LongSupplier;

/// The cluster's time, as this node would say it: what the log said last, and the time that has passed here since it
/// was applied, by a clock that is not set. So it goes on where the last leader's stopped, wherever the wall
/// clocks are.
///
/// It then follows the wall clock of who asks it, slowly: it gains or loses one part in [#SLEW] on real
/// time, until the two agree. A wall clock that is set forward by an hour, or wrong by an hour on a new leader,
/// therefore ends no key an hour early: a key that is to stay for a minute stays for at least 56 of its
/// seconds. The price is that a cluster that was down altogether takes 16 times as long to catch up.
final class ClusterClock {
    static final int SLEW = 16;

    private static final long NANOS = 1_000_000;
    /// More would not fit into nanoseconds since 1970.
    private static final long MILLIS_MAX = Long.MAX_VALUE / NANOS / 2;

    private final LongSupplier wallMillis;
    /// In nanoseconds since 1970; 0 before anybody has said.
    private long time;
    /// On this node's own clock, when it was that.
    private long atNanos;
    private long stamp;

    ClusterClock(LongSupplier wallMillis) {
        this.wallMillis = wallMillis;
    }

    /// The log says that it was this late when what is applied now was appended. Not to be told of entries that say
    /// nothing; but of those that repeat what was said before, since who says it may be a leader that is behind.
    ///
    /// @param own whether this node said so itself, as leader: then its clock is ahead of it, and right
    void applied(long appliedStamp, boolean own, long nowNanos) {
        stamp = appliedStamp;
        long said = Math.min(appliedStamp, MILLIS_MAX) * NANOS;
        if (own && time >= said) return;
        time = said;
        atNanos = nowNanos;
    }

    /// In milliseconds since 1970, never less than what the log has said.
    long millis(long nowNanos) {
        long wall = Math.clamp(wallMillis.getAsLong(), 1, MILLIS_MAX);
        if (time == 0) {
            time = wall * NANOS;
        } else {
            long passed = Math.max(0, nowNanos - atNanos);
            long slewed = passed / SLEW;
            time += passed + Math.clamp(wall * NANOS - (time + passed), -slewed, slewed);
        }
        atNanos = nowNanos;
        return Math.max(time / NANOS, stamp);
    }
}
