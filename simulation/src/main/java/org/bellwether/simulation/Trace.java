package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that happened in a run, as one number that two runs can be compared by, and the end of it in
/// words.
final class Trace {
    private final Line[] ring;
    private final List<String> all;
    private final boolean keepAll;
    private long count;
    private long digest = 0x9e3779b97f4a7c15L;

    /// @param number what of `detail` goes into the digest; the detail itself is for people
    private record Line(long time, int node, String what, @Nullable Object detail, long number) {
        @Override
        public String toString() {
            String where = node < 0 ? "  " : "n" + (node + 1);
            return "%12.6f %s %s%s".formatted(time / 1e9, where, what,
                    detail == null ? "" : " " + detail);
        }
    }

    Trace(int ringLines, boolean keepAll) {
        this.ring = new Line[ringLines];
        this.keepAll = keepAll;
        this.all = new ArrayList<>();
    }

    void add(long time, int node, String what, @Nullable Object detail, long number) {
        var line = new Line(time, node, what, detail, number);
        ring[(int) (count++ % ring.length)] = line;
        mix(time);
        mix(node);
        mix(what.hashCode());
        mix(number);
        if (keepAll) all.add(line.toString());
    }

    private void mix(long value) {
        digest = (digest ^ value) * 0xbf58476d1ce4e5b9L;
        digest ^= digest >>> 31;
    }

    long digest() {
        return digest;
    }

    long count() {
        return count;
    }

    /// The last lines; all of them if they were kept.
    List<String> lines() {
        if (keepAll) return List.copyOf(all);
        var last = new ArrayList<String>();
        for (long i = Math.max(0, count - ring.length); i < count; i++)
            last.add(ring[(int) (i % ring.length)].toString());
        return last;
    }
}
