package org.bellwether.simulation;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Many runs, one seed after the other.
public final class Simulations {
    /// Runs in which little was written prove little; more of them than this, and neither do the others.
    private static final int VOID_PERCENT_MAX = 10;

    private Simulations() {}

    /// What came of many seeds.
    ///
    /// @param runs    how many were run; fewer than asked for if one was convicted
    /// @param failure the run that went wrong, null if none did
    public record Summary(long runs, long voids, long events, double virtualSeconds,
            double seconds, Evidence evidence, @Nullable Report failure) {

        public boolean tooManyVoids() {
            return voids * 100 > runs * VOID_PERCENT_MAX && voids > 1;
        }

        public boolean isClean() {
            return failure == null && !tooManyVoids();
        }

        public String describe() {
            var text = new StringBuilder();
            if (failure != null) text.append(failure.describe());
            text.append("%d seeds in %.1f s: %s; %d void, %d events, %.0f virtual seconds%n"
                    .formatted(runs, seconds,
                            failure == null
                                    ? "none is convicted"
                                    : "stopped at seed "
                                            + failure.seed(),
                            voids, events, virtualSeconds));
            if (tooManyVoids()) text.append("too many runs wrote too little to show anything\n");
            return text.append("what happened in them: ").append(evidence).append('\n').toString();
        }
    }

    /// Runs seeds in order until one is convicted.
    ///
    /// @param progress told after every run
    public static Summary run(long firstSeed, long seeds, Wiring wiring,
            Consumer<? super Report> progress) {
        var evidence = new Evidence();
        long began = System.nanoTime();
        long runs = 0;
        long voids = 0;
        long events = 0;
        double virtual = 0;
        Report failure = null;
        while (runs < seeds && failure == null) {
            var report = Simulation.run(firstSeed + runs, wiring, false);
            runs++;
            events += report.events();
            virtual += report.virtualNanos() / 1e9;
            evidence.add(report.evidence());
            if (report.isVoid()) voids++;
            if (!report.isClean()) failure = report;
            progress.accept(report);
        }
        return new Summary(runs, voids, events, virtual, (System.nanoTime() - began) / 1e9,
                evidence,
                failure);
    }
}
