package org.bellwether.node;

import java.time.Duration;
import org.bellwether.api.Limits;

/// How a cluster keeps time. All but the last must be equal on every node.
///
/// @param tick            the core's unit of time
/// @param heartbeat       between heartbeats of a leader
/// @param electionTimeout a voter that hears nothing waits between once and twice this
/// @param hintMax         a voter whose link to the leader closed tries within this (ADR 2)
/// @param diskPatience    a node whose disk has not answered for this long ends
/// @param deadAfter       a leader replaces a voter that has been silent for this long, if a learner is level;
///                        zero for never
public record ClusterConfig(Duration tick, Duration heartbeat, Duration electionTimeout,
        Duration hintMax, Duration diskPatience, Duration deadAfter) {
    public static final ClusterConfig DEFAULT = new ClusterConfig(Duration.ofMillis(10),
            Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(50),
            Duration.ofSeconds(20), Duration.ofMinutes(10));

    public ClusterConfig {
        require(tick.isPositive(), "tick must be positive");
        require(heartbeat.compareTo(tick) >= 0, "heartbeat must be at least one tick");
        require(electionTimeout.compareTo(heartbeat.multipliedBy(5)) >= 0,
                "election-timeout must be at least 5 × heartbeat");
        require(hintMax.compareTo(tick) >= 0 && hintMax.compareTo(electionTimeout) < 0,
                "hint must be at least one tick and less than the election timeout");
        require(deadAfter.isZero() || deadAfter.compareTo(electionTimeout) > 0,
                "dead-after must be longer than the election timeout, or 0 for never");
        require(deadAfter.compareTo(Limits.DEAD_AFTER_MAX) <= 0,
                "dead-after must be " + Limits.DEAD_AFTER_MAX.toDays() + " days at most");
        require(diskPatience.compareTo(electionTimeout) > 0,
                "disk-patience must be longer than the election timeout");
    }

    public ClusterConfig withDeadAfter(Duration silence) {
        return new ClusterConfig(tick, heartbeat, electionTimeout, hintMax, diskPatience, silence);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }

    /// For how long after it sent what a majority has echoed a leader may serve reads by lease. A tick less than the
    /// shortest election timeout, since a voter counts ticks and the first may come at once; and a tenth less,
    /// by which clocks may differ in their rates.
    public Duration lease() {
        return tick.multipliedBy(ticks(electionTimeout) - 1L).multipliedBy(9).dividedBy(10);
    }

    int ticks(Duration duration) {
        return Math.toIntExact(duration.dividedBy(tick));
    }
}
