package org.bellwether.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bellwether.cli.LeaderWatch.Sight;
import org.jspecify.annotations.Nullable;

/// A running development cluster: starts the nodes, says when they are ready, tells of leaders and of nodes
/// that are gone, starts those again that it is asked for, adds new ones, and stops all at the end.
///
/// Nothing outlives it: every node ends when the pipe to this process closes, however this process ended.
final class DevCluster {
    private static final Duration STEP = Duration.ofMillis(100);
    /// While all nodes say the same: asking them took a hundredth of a machine's time.
    private static final int STEPS_PER_LOOK = 10;
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(8);

    private final Path dir;
    private final LeaderWatch watch = new LeaderWatch();
    private final TreeMap<Integer, Process> running = new TreeMap<>();
    /// Who was removed from the cluster for good.
    private final TreeSet<Integer> removed = new TreeSet<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private DevLayout layout;
    /// The layout with the node that is joining; null if none is.
    private @Nullable DevLayout growing;

    DevCluster(Path dir, DevLayout layout) {
        this.dir = dir;
        this.layout = layout;
    }

    /// Returns only by [Failure]; else the process is told to stop by a signal.
    void run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        for (int i : layout.numbers()) {
            start(i, layout.serving(i));
        }
        var sight = awaitReady();
        System.out.print(table(sight));
        System.out.println("ready: " + sight.leader() + " leads in term " + sight.term()
                + "; try: curl http://" + layout.http(1) + "/v1/cluster, or redis-cli -p "
                + layout.resp(1).port() + "; Ctrl-C stops all");
        for (int steps = 1; pause(); steps++) {
            int were = running.size();
            tellOfTheGone();
            startTheAskedFor();
            addTheAskedFor();
            boolean isQuiet = sight.agreed() && running.size() == were;
            if (!isQuiet || steps % STEPS_PER_LOOK == 0) sight = tellOfTheLeader(sight);
        }
    }

    private synchronized void start(int number, List<String> options) {
        if (stopping.getCount() > 0)
            running.put(number, NodeProcess.startTied(folder(number), options));
    }

    private Sight look() {
        return watch.look(layout.numbers().stream().filter(i -> !removed.contains(i))
                .map(layout::http).toList());
    }

    private Path folder(int number) {
        return DevLayout.folder(dir, number);
    }

    /// Every node answers and names the same leader.
    private Sight awaitReady() {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            tellOfTheRemoved();
            running.forEach((number, process) -> {
                if (!process.isAlive())
                    throw new Failure(Exit.USAGE, DevLayout.name(number) + " did not start: "
                            + NodeProcess.lastWords(folder(number)));
            });
            var sight = look();
            if (sight.agreed()) return sight;
            if (!pause()) break;
        }
        throw new Failure(Exit.UNAVAILABLE, "no leader within " + START_PATIENCE.toSeconds()
                + " s; the nodes' logs are " + dir + "/n*/node.log");
    }

    private String table(Sight sight) {
        var table = new Table().row("NODE", "ROLE", "HTTP", "REDIS", "PEER", "DATA", "PID");
        running.forEach((number, process) -> {
            String name = DevLayout.name(number);
            table.row(name, name.equals(sight.leader()) ? "leader" : "replica",
                    "http://" + layout.http(number), layout.resp(number).toString(),
                    layout.peer(number).toString(),
                    folder(number).toString(), Long.toString(process.pid()));
        });
        return table.toString();
    }

    private Sight tellOfTheLeader(Sight before) {
        var now = look();
        if (!now.leader().equals(before.leader()) || now.term() != before.term()) {
            System.out.println(now.leader().isEmpty()
                    ? "no leader"
                    : "leader: " + now.leader() + " (term " + now.term() + ")");
        }
        return now;
    }

    private synchronized void tellOfTheRemoved() {
        running.entrySet().removeIf(entry -> {
            var process = entry.getValue();
            if (process.isAlive() || process.exitValue() != Exit.REMOVED) return false;
            System.out.println(DevLayout.name(entry.getKey())
                    + " was removed from the cluster; nothing in " + folder(entry.getKey())
                    + " is needed any more");
            removed.add(entry.getKey());
            DevRestartCommand.tellTheEnd(folder(entry.getKey()), Exit.REMOVED);
            return true;
        });
    }

    private synchronized void tellOfTheGone() {
        tellOfTheRemoved();
        running.entrySet().removeIf(entry -> {
            var process = entry.getValue();
            if (process.isAlive() || stopping.getCount() == 0) return false;
            // Of a newcomer is told where it is waited for.
            if (entry.getKey() > layout.nodes()) return false;
            String name = DevLayout.name(entry.getKey());
            System.out.println("%s is gone (exit code %d); ./bell dev restart %s --dir %s starts it"
                    .formatted(name, process.exitValue(), name, dir));
            DevRestartCommand.tellTheEnd(folder(entry.getKey()), process.exitValue());
            return true;
        });
    }

    private void startTheAskedFor() {
        for (int i : layout.numbers()) {
            if (!running.containsKey(i) && DevRestartCommand.requested(folder(i))) {
                removed.remove(i);
                start(i, layout.serving(i));
                System.out.println(DevLayout.name(i) + " is started again");
            }
        }
    }

    /// Starts a newcomer, and counts it as one of the nodes when it has joined. Whoever asked waits until the
    /// request is gone, and then sees by the layout whether it has.
    private void addTheAskedFor() {
        var larger = growing;
        if (larger == null) {
            int asked = DevAddCommand.requested(dir);
            if (asked == 0) return;
            if (asked != layout.nodes() + 1) {
                // Asked by somebody to whom another add was not known yet.
                DevAddCommand.forgetRequest(dir);
                return;
            }
            larger = layout.larger();
            growing = larger;
            start(larger.nodes(), larger.joining());
            System.out.println(DevLayout.name(larger.nodes()) + " is joining");
        }
        int number = larger.nodes();
        if (watch.answers(larger.http(number))) {
            DevFolder.record(dir, larger);
            layout = larger;
            System.out.println(DevLayout.name(number) + " has joined: http://"
                    + larger.http(number));
        } else if (endedBeforeItJoined(number)) {
            System.out.println(DevLayout.name(number) + " could not join: "
                    + NodeProcess.lastWords(folder(number)));
        } else {
            return;
        }
        growing = null;
        DevAddCommand.forgetRequest(dir);
    }

    private synchronized boolean endedBeforeItJoined(int number) {
        var process = running.get(number);
        if (process != null && process.isAlive()) return false;
        running.remove(number);
        return true;
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
