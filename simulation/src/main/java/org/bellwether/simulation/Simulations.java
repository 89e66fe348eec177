package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Many runs, each of its own seed.
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

    /// Runs seeds, one on every processor at a time, until one is convicted: of those the first.
    public static Summary run(long firstSeed, long seeds, Wiring wiring) {
        long began = System.nanoTime();
        var total = new Total(firstSeed, firstSeed + seeds);
        var workers = new ArrayList<FutureTask<Void>>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            var worker = new FutureTask<Void>(() -> total.work(wiring), null);
            workers.add(worker);
            Thread.ofPlatform().name("simulation " + i).start(worker);
        }
        try {
            for (var worker : workers)
                worker.get();
        } catch (ExecutionException broken) {
            throw new IllegalStateException("a simulation is broken", broken.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", stopped);
        }
        return total.summary((System.nanoTime() - began) / 1e9);
    }

    /// What has come of the runs so far.
    private static final class Total {
        private final Evidence evidence = new Evidence();
        private long next;
        private long end;
        private long runs;
        private long voids;
        private long events;
        private double virtual;
        private @Nullable Report failure;

        Total(long first, long end) {
            this.next = first;
            this.end = end;
        }

        void work(Wiring wiring) {
            for (long seed = take(); seed >= 0; seed = take())
                add(Simulation.run(seed, wiring, false));
        }

        private synchronized long take() {
            return next < end ? next++ : -1;
        }

        private synchronized void add(Report report) {
            runs++;
            events += report.events();
            virtual += report.virtualNanos() / 1e9;
            evidence.add(report.evidence());
            if (report.isVoid()) voids++;
            if (report.isClean() || report.seed() >= end) return;
            // Earlier ones are under way, and may be convicted too.
            end = report.seed();
            failure = report;
        }

        synchronized Summary summary(double seconds) {
            return new Summary(runs, voids, events, virtual, seconds, evidence, failure);
        }
    }
}
