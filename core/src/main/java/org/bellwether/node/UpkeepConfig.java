package org.bellwether.node;

import java.time.Duration;

/// How a node looks after what it keeps, beside its work. Every node may have its own.
///
/// @param flushBytes         the tables are made durable after so many bytes of entries: what a restart applies again
/// @param flushAfter         and after so long, if there is anything to make durable
/// @param keepBytes          so much of the log is kept behind that, for replicas that are not far behind
/// @param keepTime           and whatever was applied within this time, up to [#keepBytesMax]
/// @param keepBytesMax       more of the log than this is never kept for anybody, be it time or a snapshot being sent
/// @param sliceBytes         one part of a snapshot
/// @param markerEvery        while this node leads, and something is applied: how often all nodes compare what their
///                           tables come to; zero for never
/// @param sendBytesPerSecond how fast all snapshots together are sent; 0 for as fast as they are read
public record UpkeepConfig(long flushBytes, Duration flushAfter, long keepBytes, Duration keepTime,
        long keepBytesMax, Duration markerEvery, int sliceBytes, long sendBytesPerSecond) {
    private static final long MIB = 1 << 20;

    public static final UpkeepConfig DEFAULT = new UpkeepConfig(64 * MIB, Duration.ofMinutes(5),
            64 * MIB, Duration.ofMinutes(1), 1024 * MIB, Duration.ofSeconds(1), 128 << 10,
            64 * MIB);

    public UpkeepConfig {
        require(flushBytes > 0, "flush-bytes must be positive");
        require(flushAfter.isPositive(), "flush-after must be positive");
        require(keepBytes >= 0 && keepBytesMax >= keepBytes,
                "log-keep must not be negative, nor more than the most that is kept");
        require(!keepTime.isNegative(), "log-keep-time must not be negative");
        require(!markerEvery.isNegative(), "marker-every must not be negative");
        require(sliceBytes > 0, "slice-bytes must be positive");
        require(sendBytesPerSecond >= 0, "snapshot-rate must not be negative");
    }

    public UpkeepConfig withSendBytesPerSecond(long rate) {
        return new UpkeepConfig(flushBytes, flushAfter, keepBytes, keepTime, keepBytesMax,
                markerEvery, sliceBytes, rate);
    }

    public UpkeepConfig withFlushBytes(long bytes) {
        return new UpkeepConfig(bytes, flushAfter, keepBytes, keepTime, keepBytesMax, markerEvery,
                sliceBytes, sendBytesPerSecond);
    }

    public UpkeepConfig withKeep(long bytes, Duration time) {
        return new UpkeepConfig(flushBytes, flushAfter, bytes, time,
                Math.max(keepBytesMax, bytes), markerEvery, sliceBytes, sendBytesPerSecond);
    }

    public UpkeepConfig withMarkerEvery(Duration interval) {
        return new UpkeepConfig(flushBytes, flushAfter, keepBytes, keepTime, keepBytesMax,
                interval, sliceBytes, sendBytesPerSecond);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }
}
