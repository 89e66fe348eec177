package org.bellwether.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Counts what really happened: a fault that never came about has tested nothing.
public final class Evidence {
    /// What is counted.
    public enum Of {
        ELECTIONS, CRASHES, STOPS, POWER_LOSSES, ALL_DOWN, RESTARTS, LOST_WRITES, TORN_WRITES, KEPT_WRITES, LOST_NAMES, CRASHED_IN_DISK_TASK, PAUSES, STALLS, CLOCK_JUMPS, WALL_JUMPS, PARTITIONS, ONE_WAY_PARTITIONS, CLOSED_LINKS, REPLACED_LINKS, LOST_MESSAGES, DOUBLED_MESSAGES, REORDERED_MESSAGES, HELD_MESSAGES, FAILED_SYNCS, FAILED_WRITES, HANGING_DISKS, SLOW_DISKS, FULL_DISKS, REFUSED_FOR_SPACE, STOOD_FOR_SPACE, HALTS, TRANSFERS, LEASE_SWITCHES, TRUNCATIONS, FETCHES, WRITES_APPLIED, WRITES_REFUSED, WRITES_UNKNOWN, WRITES_NOT_DONE, WRITES_ACCEPTED, WRITES_EVERYWHERE, TOKENS_KEPT, TOKENS_LOST, READS_LINEARIZABLE, READS_BY_LEASE, READS_LOCAL, READS_REFUSED, BATCHES, ADDS, TRANSACTIONS, EXPIRED, KEYS_RETIRED, JOINS, JOINS_REPEATED, PROMOTIONS, DEMOTIONS, REMOVALS, FLUSHES, LOG_CUTS, LOG_RESTARTS, SNAPSHOTS_INSTALLED, SPOILT_TABLES, REPAIRS, UNDECIDED, WIPES, WIPED_REMOVED, DEAD_REPLACED, HANDED_OVER, ROTTEN_SLICES, SNAPSHOTS_REFUSED, READ_AHEAD, PUT_BACK, FORGOTTEN
    }

    private final Map<Of, Long> counts = new EnumMap<>(Of.class);

    void count(Of what) {
        count(what, 1);
    }

    void count(Of what, long times) {
        if (times > 0) counts.merge(what, times, Long::sum);
    }

    public long of(Of what) {
        return counts.getOrDefault(what, 0L);
    }

    void add(Evidence other) {
        other.counts.forEach(this::count);
    }

    @Override
    public String toString() {
        return counts.entrySet().stream()
                .map(entry -> entry.getKey().name().toLowerCase(java.util.Locale.ROOT)
                        .replace('_', '-') + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
