package org.bellwether.simulation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of one seed.
///
/// @param plan      what the seed chose
/// @param violation what went wrong; null if nothing did
/// @param isVoid    whether so little was written that the run has shown nothing
/// @param digest    of the whole trace: equal for equal runs
/// @param lines     the end of the trace, or all of it
public record Report(long seed, String plan, @Nullable String violation, boolean isVoid,
        long digest, long events, long virtualNanos, Evidence evidence, List<String> lines) {

    public boolean isClean() {
        return violation == null;
    }

    /// For whoever has to find out why.
    public String describe() {
        var text = new StringBuilder();
        text.append("seed ").append(seed).append(": ")
                .append(violation == null ? "clean" : violation).append('\n');
        text.append("chosen: ").append(plan).append('\n');
        text.append("happened: ").append(evidence).append('\n');
        text.append("trace %016x, %d events in %.3f virtual seconds%n".formatted(digest, events,
                virtualNanos / 1e9));
        if (violation != null) {
            text.append("the last ").append(lines.size()).append(" of them:\n");
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
            text.append("replay: ./bell simulate --seed ").append(seed)
                    .append(" --seeds 1 --trace\n");
        }
        return text.toString();
    }
}
