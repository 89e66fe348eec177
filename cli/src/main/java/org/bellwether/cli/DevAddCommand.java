package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.NodeClient.Call;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A `bell dev` that holds the folder is asked by a file that it looks for: the node is then its child, ends with
/// it, and is one of its nodes from then on. Otherwise the node is started on its own, and the folder is held
/// for as long as that takes.
@Command(name = "add", description = {
        "Adds a node to a development cluster while it runs, and waits until it serves.",
        "It takes the next number, and the ports that go with it."})
final class DevAddCommand implements Runnable {
    /// The file by which a running `bell dev` is asked; it goes when that is done, or has failed.
    static final String REQUEST = "add.request";
    /// A newcomer asks in for 60 s, and has to start first.
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(90);
    /// Without any progress of the newcomer.
    private static final Duration LEVEL_PATIENCE = Duration.ofSeconds(60);
    /// Once it is level, a vote is a matter of a few heartbeats.
    private static final Duration VOTE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration ASK = Duration.ofSeconds(1);

    @Option(names = "--dir", paramLabel = "DIR",
            description = "The cluster's folder (default: ./data/dev).")
    private Path dir = Path.of(DevCommand.DIR);

    @Override
    public void run() {
        var layout = DevFolder.layout(dir);
        if (layout == null)
            throw new Failure(Exit.USAGE, "there is no cluster in " + dir + "; ./bell dev --dir "
                    + dir + " makes one");
        var larger = larger(layout);
        int number = larger.nodes();
        var folder = DevLayout.folder(dir, number);
        NodeProcess.running(folder).ifPresent(running -> {
            throw new Failure(Exit.USAGE, DevLayout.name(number) + " of " + dir
                    + " is running already, as process " + running.pid());
        });
        refuseIfNobodyAnswers(layout);
        larger.refuseTakenPorts(number);
        if (DevFolder.isHeld(dir)) {
            ask(number);
            awaitAnswer(number, folder);
        } else {
            startAlone(larger, folder);
        }
        System.out.println(DevLayout.name(number) + " has joined: http://" + larger.http(number)
                + ", data in " + folder);
        var client = new NodeClient(List.of(larger.http(number)), ASK);
        awaitLevel(client, larger);
        System.out.println(whatItBecame(client, number));
    }

    private DevLayout larger(DevLayout layout) {
        try {
            return layout.larger();
        } catch (Failure refused) {
            throw new Failure(refused.exitCode(),
                    "cannot add a node to " + dir + ": " + refused.getMessage());
        }
    }

    private void refuseIfNobodyAnswers(DevLayout layout) {
        try {
            new NodeClient(layout.numbers().stream().map(layout::http).toList(), ASK)
                    .ask(Call.get("/v1/cluster"));
        } catch (Failure nobody) {
            throw new Failure(Exit.UNAVAILABLE, "no node of " + dir + " answers; ./bell dev --dir "
                    + dir + " starts them (" + nobody.getMessage() + ")");
        }
    }

    // Asking a `bell dev` to do it.

    private void ask(int number) {
        try {
            Files.writeString(dir.resolve(REQUEST), Integer.toString(number), US_ASCII,
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException another) {
            throw new Failure(Exit.USAGE, "another `bell dev add` is under way on " + dir);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot write into " + dir + ": " + Reason.of(broken));
        }
    }

    /// The number of the node that is asked for; 0 if none is.
    static int requested(Path dir) {
        try {
            return Integer.parseInt(Files.readString(dir.resolve(REQUEST), US_ASCII).strip());
        } catch (NoSuchFileException none) {
            return 0;
        } catch (NumberFormatException beingWritten) {
            return 0;
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE,
                    "cannot read " + dir.resolve(REQUEST) + ": " + Reason.of(broken));
        }
    }

    static void forgetRequest(Path dir) {
        try {
            Files.deleteIfExists(dir.resolve(REQUEST));
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE,
                    "cannot delete " + dir.resolve(REQUEST) + ": " + Reason.of(broken));
        }
    }

    private void awaitAnswer(int number, Path folder) {
        long deadline = System.nanoTime() + JOIN_PATIENCE.toNanos();
        while (Files.exists(dir.resolve(REQUEST))) {
            if (!DevFolder.isHeld(dir)) {
                forgetRequest(dir);
                throw new Failure(Exit.UNAVAILABLE, "the `bell dev` of " + dir + " has ended");
            }
            if (System.nanoTime() - deadline > 0) {
                forgetRequest(dir);
                throw notJoined(number, folder);
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        var now = DevFolder.layout(dir);
        if (now == null || now.nodes() < number) throw notJoined(number, folder);
    }

    private static Failure notJoined(int number, Path folder) {
        return new Failure(Exit.UNAVAILABLE, DevLayout.name(number) + " could not join: "
                + NodeProcess.lastWords(folder));
    }

    // Doing it alone.

    private void startAlone(DevLayout larger, Path folder) {
        int number = larger.nodes();
        try (var _ = DevFolder.claim(dir)) {
            var process = NodeProcess.startFree(folder, larger.joining());
            var watch = new LeaderWatch();
            long deadline = System.nanoTime() + JOIN_PATIENCE.toNanos();
            while (!watch.answers(larger.http(number))) {
                if (!process.isAlive()) throw notJoined(number, folder);
                if (System.nanoTime() - deadline > 0) {
                    process.destroy();
                    throw notJoined(number, folder);
                }
                LockSupport.parkNanos(STEP.toNanos());
            }
            DevFolder.record(dir, larger);
        }
    }

    // Catching up.

    private static void awaitLevel(NodeClient client, DevLayout larger) {
        int number = larger.nodes();
        var line = new ProgressLine(System.out, ProgressLine.isTerminal());
        long furthest = -1;
        long deadline = System.nanoTime() + LEVEL_PATIENCE.toNanos();
        while (!isReady(client)) {
            var row = row(client, number);
            boolean moves = row != null
                    && (row.applied() > furthest || row.catchUp() != null);
            if (row != null && moves) {
                furthest = row.applied();
                deadline = System.nanoTime() + LEVEL_PATIENCE.toNanos();
                line.show(DevLayout.name(number) + " is catching up: " + percent(row));
            }
            if (System.nanoTime() - deadline > 0) {
                line.end();
                throw new Failure(Exit.UNAVAILABLE, DevLayout.name(number)
                        + " has joined but is not level with a leader; ./bell status --node "
                        + larger.http(number) + " shows how far it is");
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        line.end();
    }

    private static boolean isReady(NodeClient client) {
        try {
            return client.ask(Call.get("/readyz")).status() == 200;
        } catch (Failure notYet) {
            return false;
        }
    }

    private static @Nullable Row row(NodeClient client, int number) {
        try {
            return ClusterStatus.of(client.ask(Call.get("/v1/cluster")))
                    .find(DevLayout.name(number));
        } catch (Failure notYet) {
            return null;
        }
    }

    /// How much of what the leader has committed the node has applied.
    static String percent(Row row) {
        if (row.catchUp() != null) return row.catchUp().toString();
        long all = row.applied() + Math.max(0, row.lag());
        return (all == 0 ? 0 : row.applied() * 100 / all) + "%, entry " + row.applied() + " of "
                + all;
    }

    private static String whatItBecame(NodeClient client, int number) {
        long deadline = System.nanoTime() + VOTE_PATIENCE.toNanos();
        while (true) {
            var status = ClusterStatus.of(client.ask(Call.get("/v1/cluster")));
            var row = status.find(DevLayout.name(number));
            var voters = status.members().stream().filter(Row::voter).map(Row::name).toList();
            boolean wanted = voters.size() < status.votersTarget();
            if (row == null || row.voter() || !wanted || System.nanoTime() - deadline > 0) {
                return "%s is a %s; the voters are %s".formatted(DevLayout.name(number),
                        row != null && row.voter() ? "voter" : "read replica without a vote",
                        voters.stream().collect(Collectors.joining(", ")));
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }
}
