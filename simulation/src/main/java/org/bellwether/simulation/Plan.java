package org.bellwether.simulation;

import java.time.Duration;
import org.bellwether.api.Limits;
import org.bellwether.disk.Disk;
import org.bellwether.log.LogConfig;
import org.bellwether.node.ClusterConfig;
import org.bellwether.node.UpkeepConfig;

/// What a seed chooses before a run begins. Times and sizes are small, so that a short run meets what a real
/// cluster meets in weeks: every buffer overflows, every file ends.
///
/// @param nodes     that found the cluster
/// @param outsiders that may join it later
/// @param leaseReads whether lease reads are on from the beginning
record Plan(int nodes, int outsiders, long harmNanos, long meanNanosBetweenFaults,
        ClusterConfig config, UpkeepConfig upkeep,
        Limits limits, LogConfig logConfig, SimulatedNetwork.Weather weather, Workload.Mix mix,
        int diskMicros, int clockDriftPerMille, boolean leaseReads) {
    private static final int KIB = 1024;
    private static final int VALUE_BYTES_MAX = 2 * KIB;
    private static final int FAR_MICROS = 35_000;

    static Plan of(Chance chance) {
        int nodes = switch (chance.below(50)) {
            case 0, 1 -> 1;
            case 2, 3, 4 -> 2;
            case 5, 6, 7, 8 -> 4;
            case 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> 5;
            case 20 -> 7;
            default -> 3;
        };
        var weather = weather(chance);
        int slowness = weather.delayMicrosMax() < FAR_MICROS ? 1 : 4;
        long harm = (long) slowness * chance.between(3, 9) * World.SECOND;
        long between = (long) slowness * chance.between(60, 900) * World.MILLI;
        return new Plan(nodes, chance.percent(50) ? 0 : chance.between(1, 3), harm, between,
                config(chance), upkeep(chance), limits(chance), logConfig(chance),
                weather, mix(chance), chance.between(50, 1_500),
                chance.percent(30) ? chance.between(-60, 60) : 0, chance.percent(50));
    }

    private static ClusterConfig config(Chance chance) {
        return new ClusterConfig(Duration.ofMillis(10),
                Duration.ofMillis(chance.between(2, 5) * 10L),
                Duration.ofMillis(chance.between(25, 40) * 10L),
                Duration.ofMillis(chance.between(1, 6) * 10L),
                Duration.ofMillis(chance.between(1_500, 4_000)),
                chance.percent(50) ? Duration.ZERO : Duration.ofMillis(chance.between(500, 3_000)));
    }

    /// In a third of the runs logs stay whole.
    private static UpkeepConfig upkeep(Chance chance) {
        var markerEvery = Duration.ofMillis(chance.between(50, 600));
        if (chance.percent(33)) return UpkeepConfig.DEFAULT.withMarkerEvery(markerEvery);
        return new UpkeepConfig((long) chance.between(2, 48) * KIB,
                Duration.ofMillis(chance.between(50, 2_000)),
                (long) (chance.percent(60) ? 0 : chance.between(0, 32)) * KIB,
                Duration.ofMillis(chance.percent(50) ? 0 : chance.between(10, 1_000)), 256 * KIB,
                markerEvery,
                chance.between(64, 4 * KIB),
                chance.percent(50) ? 0 : (long) chance.between(20, 400) * KIB);
    }

    private static Limits limits(Chance chance) {
        int batchBytes = 4 * (VALUE_BYTES_MAX + 64);
        int entryBytes = batchBytes + 4 * 64 + chance.between(0, 8 * KIB);
        int appendBytes = chance.between(256, 8 * KIB);
        int frameBytes = entryBytes + appendBytes + 64 * KIB;
        int small = chance.percent(20) ? chance.between(2, 8) : 256;
        return new Limits(64, VALUE_BYTES_MAX, 4, batchBytes, 10_000, small, 64 * KIB, small,
                small, chance.between(1, 3), entryBytes,
                2 * entryBytes + chance.between(0, 16 * KIB),
                chance.percent(50) ? chance.between(0, 4 * KIB) : 64 * KIB, appendBytes,
                chance.between(1, 8), frameBytes, 2 * frameBytes, 1, 1, 256, 16);
    }

    private static LogConfig logConfig(Chance chance) {
        return new LogConfig(
                chance.between(2, 12) * Disk.BLOCK_BYTES * (chance.percent(20) ? 4 : 1), 4 * KIB,
                chance.between(1, 16) * 512 * 2);
    }

    /// The nodes of a tenth of the clusters are far from each other: a message takes several heartbeats.
    private static SimulatedNetwork.Weather weather(Chance chance) {
        boolean likeTcp = chance.percent(35);
        int delayMicros = chance.percent(10)
                ? chance.between(FAR_MICROS, 3 * FAR_MICROS)
                : chance.between(200, chance.percent(20) ? 30_000 : 4_000);
        return new SimulatedNetwork.Weather(likeTcp ? 0 : chance.between(0, 80_000),
                likeTcp ? 0 : chance.between(0, 40_000), likeTcp ? 0 : chance.between(0, 150_000),
                delayMicros);
    }

    private static Workload.Mix mix(Chance chance) {
        return new Workload.Mix(chance.between(2, 5), chance.between(1, 4),
                chance.between(4_000, 40_000), chance.between(20, 60), chance.between(0, 50),
                chance.between(2, 25), chance.between(0, 25), VALUE_BYTES_MAX,
                chance.between(300, 2_500));
    }
}
