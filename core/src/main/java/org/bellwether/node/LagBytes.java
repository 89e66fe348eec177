package org.bellwether.node;

import java.util.ArrayDeque;

/// How many bytes of entries a node is behind, by what this leader has applied when. Between two looks entries count as
/// equally large; so do those from before the first look, of which only the number is known.
final class LagBytes {
    private static final int SAMPLES_MAX = 2_048;

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    /// @param bytes of all entries up to `index` that were applied in this life
    private record Sample(long index, long bytes) {}

    /// @param applied the last entry that was applied here
    /// @param bytes   of all that were, in this life
    void look(long applied, long bytes) {
        var last = samples.peekLast();
        if (last != null && last.index >= applied) return;
        if (samples.size() == SAMPLES_MAX) thin();
        samples.addLast(new Sample(applied, bytes));
    }

    /// Half as many, for twice as long; the first stays.
    private void thin() {
        var kept = new ArrayDeque<Sample>(SAMPLES_MAX);
        boolean keep = true;
        for (var sample : samples) {
            if (keep) kept.addLast(sample);
            keep = !keep;
        }
        samples.clear();
        samples.addAll(kept);
    }

    /// @param applied the last entry that the other has applied
    /// @return -1 if nothing was applied here yet
    long behind(long applied) {
        var last = samples.peekLast();
        var first = samples.peekFirst();
        if (last == null || first == null) return -1;
        if (applied >= last.index) return 0;
        if (applied < first.index) {
            long entries = last.index - first.index;
            long each = entries == 0 ? 0 : (last.bytes - first.bytes) / entries;
            return last.bytes - first.bytes + each * (first.index - applied);
        }
        var before = first;
        for (var after : samples) {
            if (after.index >= applied) {
                long entries = after.index - before.index;
                long share = entries == 0
                        ? 0
                        : (after.bytes - before.bytes) * (after.index - applied) / entries;
                return last.bytes - after.bytes + share;
            }
            before = after;
        }
        return 0;
    }
}
