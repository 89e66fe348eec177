package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bellwether.cli.LeaderWatch.Sight;

/// A running development cluster: starts the nodes, says when they are ready, tells of leaders and of nodes
/// that are gone, starts those again that it is asked for, and stops all at the end.
///
/// Nothing outlives it: every node ends when the pipe to this process closes, however this process ended.
final class DevCluster {
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(8);

    private final Path dir;
    private final DevLayout layout;
    private final LeaderWatch watch;
    private final TreeMap<Integer, Process> running = new TreeMap<>();
    private final CountDownLatch stopping = new CountDownLatch(1);

    DevCluster(Path dir, DevLayout layout) {
        this.dir = dir;
        this.layout = layout;
        this.watch = new LeaderWatch(layout);
    }

    /// Returns only by [Failure]; else the process is told to stop by a signal.
    void run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        for (int i : layout.numbers()) {
            start(i);
        }
        var sight = awaitReady();
        System.out.print(table(sight));
        System.out.println("ready: " + sight.leader() + " leads in term " + sight.term()
                + "; try: curl http://" + layout.http(1) + "/v1/cluster; Ctrl-C stops all");
        while (pause()) {
            tellOfTheGone();
            startTheAskedFor();
            sight = tellOfTheLeader(sight);
        }
    }

    private synchronized void start(int number) {
        if (stopping.getCount() > 0) running.put(number, NodeProcess.startTied(folder(number)));
    }

    private Path folder(int number) {
        return DevLayout.folder(dir, number);
    }

    /// Every node answers and names the same leader.
    private Sight awaitReady() {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            running.forEach((number, process) -> {
                if (!process.isAlive())
                    throw new Failure(Exit.USAGE, DevLayout.name(number) + " did not start: "
                            + NodeProcess.lastWords(folder(number)));
            });
            var sight = watch.look();
            if (sight.agreed()) return sight;
            if (!pause()) break;
        }
        throw new Failure(Exit.UNAVAILABLE, "no leader within " + START_PATIENCE.toSeconds()
                + " s; the nodes' logs are " + dir + "/n*/node.log");
    }

    private String table(Sight sight) {
        var table = new Table().row("NODE", "ROLE", "HTTP", "PEER", "DATA", "PID");
        running.forEach((number, process) -> {
            String name = DevLayout.name(number);
            table.row(name, name.equals(sight.leader()) ? "leader" : "replica",
                    "http://" + layout.http(number), layout.peer(number).toString(),
                    folder(number).toString(), Long.toString(process.pid()));
        });
        return table.toString();
    }

    private Sight tellOfTheLeader(Sight before) {
        var now = watch.look();
        if (now.leader().equals(before.leader()) && now.term() == before.term()) return before;
        System.out.println(now.leader().isEmpty()
                ? "no leader"
                : "leader: " + now.leader() + " (term " + now.term() + ")");
        return now;
    }

    private synchronized void tellOfTheGone() {
        running.entrySet().removeIf(entry -> {
            var process = entry.getValue();
            if (process.isAlive() || stopping.getCount() == 0) return false;
            String name = DevLayout.name(entry.getKey());
            System.out.println("%s is gone (exit code %d); ./bell dev restart %s --dir %s starts it"
                    .formatted(name, process.exitValue(), name, dir));
            return true;
        });
    }

    private void startTheAskedFor() {
        for (int i : layout.numbers()) {
            if (!running.containsKey(i) && asked(i)) {
                start(i);
                System.out.println(DevLayout.name(i) + " is started again");
            }
        }
    }

    private boolean asked(int number) {
        try {
            return Files.deleteIfExists(DevRestartCommand.request(folder(number)));
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot read " + folder(number) + ": " + broken);
        }
    }

    /// Waits a moment; false once everything is being stopped.
    private boolean pause() {
        try {
            return !stopping.await(STEP.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Run at exit. The nodes are asked, waited for, and killed if they do not hear.
    private synchronized void stop() {
        stopping.countDown();
        running.values().forEach(Process::destroy);
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        for (var process : running.values()) {
            try {
                if (!process.waitFor(Math.max(0, deadline - System.nanoTime()),
                        TimeUnit.NANOSECONDS))
                    process.destroyForcibly().waitFor();
            } catch (InterruptedException ended) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        System.out.println("stopped");
    }
}
