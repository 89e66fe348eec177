package org.bellwether.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.bellwether.simulation.Evidence;
import org.bellwether.simulation.Report;
import org.bellwether.simulation.Simulation;
import org.bellwether.simulation.Wiring;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "simulate", description = {
        "Runs whole clusters on virtual time, with faults of every kind, and checks them after every event.",
        "Each seed is one run, the same on every machine. Ends with 1 if any run went wrong."})
final class SimulateCommand implements Runnable {
    private static final int PROGRESS = 500;
    private static final int SHOWN_MAX = 5;

    @Option(names = "--seeds", paramLabel = "N",
            description = "How many runs (default: ${DEFAULT-VALUE}).")
    private int seeds = 100;

    @Option(names = "--seed", paramLabel = "S",
            description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long first = 1;

    @Option(names = "--threads", paramLabel = "T",
            description = "Runs at a time (default: one per core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--trace", description = "Print the whole trace of every run.")
    private boolean trace;

    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger empty = new AtomicInteger();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong virtualNanos = new AtomicLong();
    private final ConcurrentHashMap<Evidence.Of, Long> happened = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Report> violated = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();

    @Override
    public void run() {
        if (seeds < 1 || threads < 1)
            throw new Failure(Exit.USAGE, "--seeds and --threads must be at least 1");
        // What nodes log of faults that were meant to happen; a setting from outside wins.
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null)
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        long start = System.nanoTime();
        var workers = new Thread[Math.min(threads, seeds)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = Thread.ofPlatform().name("simulation-" + i).start(this::work);
        }
        try {
            for (var worker : workers) {
                worker.join();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.UNAVAILABLE, "interrupted");
        }
        conclude((System.nanoTime() - start) / 1e9);
    }

    private void work() {
        for (long i = next.getAndIncrement(); i < seeds; i = next.getAndIncrement()) {
            long seed = first + i;
            try {
                take(Simulation.run(seed, Wiring.REAL, trace));
            } catch (RuntimeException | StackOverflowError bug) {
                broken.add("seed " + seed + " threw " + bug);
            }
            int finished = done.incrementAndGet();
            if (finished % PROGRESS == 0)
                System.err.printf("%d of %d seeds, %d wrong%n", finished, seeds,
                        violated.size() + broken.size());
        }
    }

    private void take(Report report) {
        events.addAndGet(report.events());
        virtualNanos.addAndGet(report.virtualNanos());
        for (var kind : Evidence.Of.values()) {
            happened.merge(kind, report.evidence().of(kind), Long::sum);
        }
        if (report.isVoid()) empty.incrementAndGet();
        if (!report.isClean()) {
            if (violated.size() < SHOWN_MAX) System.out.println(report.describe());
            violated.add(report);
        } else if (trace || seeds == 1) {
            report.lines().forEach(System.out::println);
            System.out.println(report.describe());
        }
    }

    private void conclude(double seconds) {
        System.out.printf(
                "%d seeds from %d on: %d wrong, %d void; %d events, %.0f virtual seconds in"
                        + " %.0f s%n",
                seeds, first, violated.size() + broken.size(), empty.get(),
                events.get(), virtualNanos.get() / 1e9, seconds);
        System.out.println("happened: " + Arrays.stream(Evidence.Of.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + " "
                        + happened.getOrDefault(kind, 0L))
                .collect(Collectors.joining(", ")));
        broken.forEach(System.out::println);
        if (violated.isEmpty() && broken.isEmpty()) return;
        var wrong = violated.stream().map(Report::seed).sorted().limit(50).toList();
        throw new Failure(Exit.NO, "wrong seeds: " + wrong);
    }
}
