package org.bellwether.cli;

import org.bellwether.simulation.Report;
import org.bellwether.simulation.Simulation;
import org.bellwether.simulation.Simulations;
import org.bellwether.simulation.Wiring;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "simulate", description = {
        "Runs whole clusters on virtual time under faults, one per seed, and judges what their clients saw.",
        "The same seed gives the same run, byte for byte. Ends at the first seed that is convicted, with 1."})
final class SimulateCommand implements Runnable {
    private static final int SEEDS_PER_LINE = 500;

    @Option(names = "--seed", paramLabel = "S", description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--seeds", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
    private long seeds = 300;

    @Option(names = "--trace", description = "Prints everything that happens in every run.")
    private boolean trace;

    private long done;

    @Override
    public void run() {
        if (trace) {
            for (long each = seed; each < seed + seeds; each++)
                traceOne(each);
            return;
        }
        var summary = Simulations.run(seed, seeds, Wiring.REAL, this::progress);
        System.out.print(summary.describe());
        if (!summary.isClean()) throw new Failure(Exit.NO, "not clean");
    }

    private static void traceOne(long seed) {
        var report = Simulation.run(seed, Wiring.REAL, true);
        if (report.isClean()) report.lines().forEach(System.out::println);
        System.out.print(report.describe());
        if (!report.isClean()) throw new Failure(Exit.NO, "seed " + seed + " is convicted");
    }

    private void progress(Report report) {
        if (++done % SEEDS_PER_LINE == 0)
            System.err.printf("%d seeds, through %d%n", done, report.seed());
    }
}
