package org.bellwether.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.server.StartException;

/// How long nobody can write when the leader dies, or falls silent.
///
/// Three nodes on loopback, clients that write without pause through all of them. The leader's process is
/// killed (`kill -9`) or stopped (SIGSTOP), and the time until the first write is acknowledged that was
/// sent after that is taken; then the node is brought back and level again before the next round.
public final class FailoverBench {
    private static final Duration SETTLE = Duration.ofMillis(1_500);

    private final Options options;

    private FailoverBench(Options options) {
        this.options = options;
    }

    /// How the leader goes.
    private enum Blow {
        KILL, STOP
    }

    /// @param jar    the packaged program
    /// @param dir    where the nodes' folders go; deleted at the end
    /// @param out    a file the table is appended to; empty for none
    private record Options(Path jar, Path dir, int rounds, int clients, List<Blow> blows,
            String out) {
        static Options parse(String... args) {
            var jar = Path.of("cli/target/bell.jar");
            var dir = Path.of("data/bench/failover-" + ProcessHandle.current().pid());
            int rounds = 20;
            int clients = 50;
            var blows = List.of(Blow.values());
            var out = "";
            for (int i = 0; i + 1 < args.length; i += 2) {
                String value = args[i + 1];
                switch (args[i]) {
                    case "--jar" -> jar = Path.of(value);
                    case "--dir" -> dir = Path.of(value);
                    case "--rounds" -> rounds = Integer.parseInt(value);
                    case "--clients" -> clients = Integer.parseInt(value);
                    case "--only" -> blows = List.of(Blow.valueOf(value.toUpperCase(Locale.ROOT)));
                    case "--out" -> out = value;
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
            return new Options(jar, dir, rounds, clients, blows, out);
        }
    }

    public static void main(String... args) throws IOException, StartException {
        var options = Options.parse(args);
        var text = new FailoverBench(options).run();
        System.out.print(text);
        if (!options.out().isEmpty())
            Files.writeString(Path.of(options.out()), text + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
    }

    private String run() throws IOException, StartException {
        var text = new StringBuilder("## First acknowledged write after the leader is gone, "
                + LocalDate.now(java.time.ZoneOffset.UTC) + "\n\n"
                + Runtime.getRuntime().availableProcessors() + " cores, three nodes, "
                + options.clients() + " clients writing 128 bytes. Milliseconds.\n\n"
                + "| the leader is | rounds | min | median | p90 | p99 | max |\n"
                + "|---|---|---|---|---|---|---|\n");
        try (var cluster = new BenchCluster(options.jar(), options.dir())) {
            for (var blow : options.blows()) {
                var millis = measure(cluster, blow);
                text.append("| %s | %d | %.0f | %.0f | %.0f | %.0f | %.0f |%n".formatted(
                        blow == Blow.KILL ? "killed (`kill -9`)" : "stopped (SIGSTOP)",
                        millis.size(), at(millis, 0), at(millis, 0.5), at(millis, 0.9),
                        at(millis, 0.99), at(millis, 1)));
            }
        }
        return text.toString();
    }

    private List<Double> measure(BenchCluster cluster, Blow blow) throws IOException {
        var millis = new ArrayList<Double>();
        for (int round = 1; round <= options.rounds(); round++) {
            cluster.awaitLevel();
            try (var load = new WriteLoad(cluster, options.clients())) {
                load.awaitAcknowledged(options.clients() * 20L);
                LockSupport.parkNanos(SETTLE.toNanos());
                int leader = cluster.leader();
                long start = System.nanoTime();
                if (blow == Blow.KILL) {
                    cluster.kill(leader);
                } else {
                    cluster.signal(leader, "STOP");
                }
                // What was sent before may have been on its way back already: it proves nothing.
                long first = load.awaitFirstSentAfter(System.nanoTime());
                millis.add((first - start) / 1e6);
                System.err.printf("%s round %d: n%d gone for %.0f ms%n", blow, round, leader,
                        millis.getLast());
                if (blow == Blow.KILL) {
                    cluster.start(leader);
                } else {
                    cluster.signal(leader, "CONT");
                }
            }
        }
        millis.sort(null);
        return millis;
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }
}
