package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// While a `bell dev` runs it is asked to start the node, by a file that it looks for: the node is then its
/// child again and ends with it. Otherwise the node is started on its own.
@Command(name = "restart", description = "Starts a node of a development cluster that was killed.")
final class DevRestartCommand implements Runnable {
    private static final Pattern NAME = Pattern.compile("n([1-7])");
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration STEP = Duration.ofMillis(50);

    @Parameters(paramLabel = "NODE", description = "The node, as in n2.")
    private String node = "";

    @Option(names = "--dir", paramLabel = "DIR",
            description = "The cluster's folder (default: ./data/dev).")
    private Path dir = Path.of(DevCommand.DIR);

    @Override
    public void run() {
        var match = NAME.matcher(node);
        if (!match.matches())
            throw new Failure(Exit.USAGE, "a node is called n1 to n7, got '" + node + "'");
        int number = Integer.parseInt(match.group(1));
        var layout = DevFolder.layout(dir);
        if (layout == null || number > layout.nodes())
            throw new Failure(Exit.USAGE, "there is no " + node + " in " + dir);
        var folder = DevLayout.folder(dir, number);
        NodeProcess.running(folder).ifPresent(running -> {
            throw new Failure(Exit.USAGE, node + " is running as process " + running.pid());
        });
        if (DevFolder.isHeld(dir)) {
            ask(folder);
            awaitStart(folder, layout.http(number), () -> toldEnd(folder));
        } else {
            var process = NodeProcess.startFree(folder, layout.serving(number));
            awaitStart(folder, layout.http(number), () -> process.isAlive()
                    ? OptionalInt.empty()
                    : OptionalInt.of(process.exitValue()));
        }
    }

    // Between this command and a running `bell dev`.

    /// The file by which a running `bell dev` is asked to start this node.
    private static Path request(Path folder) {
        return folder.resolve("restart.request");
    }

    /// What the node last ended with, while it does not run.
    private static Path end(Path folder) {
        return folder.resolve("node.end");
    }

    private static void ask(Path folder) {
        try {
            Files.write(request(folder), new byte[0]);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot write into " + folder + ": " + Reason.of(broken));
        }
    }

    /// Whether this node is to be started. Of how it ended before nothing is said any more once the request is gone.
    static boolean requested(Path folder) {
        try {
            if (!Files.exists(request(folder))) return false;
            Files.deleteIfExists(end(folder));
            return Files.deleteIfExists(request(folder));
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot use " + folder + ": " + Reason.of(broken));
        }
    }

    /// Lets whoever has asked for this node know how it ended.
    static void tellTheEnd(Path folder, int exitCode) {
        try {
            Files.writeString(end(folder), Integer.toString(exitCode), US_ASCII);
        } catch (IOException broken) {
            // Somebody deletes the folder of a node that was removed. Whoever asked waits for longer.
        }
    }

    private static OptionalInt toldEnd(Path folder) {
        try {
            if (Files.exists(request(folder))) return OptionalInt.empty();
            return OptionalInt.of(Integer.parseInt(Files.readString(end(folder), US_ASCII)));
        } catch (IOException | NumberFormatException notYet) {
            return OptionalInt.empty();
        }
    }

    /// @param end how the node ended, if it has
    private void awaitStart(Path folder, Address http, Supplier<OptionalInt> end) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        var client = new NodeClient(List.of(http), Duration.ofSeconds(1));
        while (System.nanoTime() < deadline) {
            var running = NodeProcess.running(folder);
            if (running.isPresent() && answers(client)) {
                System.out.println(node + " is back as process " + running.get().pid());
                return;
            }
            end.get().ifPresent(code -> {
                throw ended(folder, code);
            });
            LockSupport.parkNanos(STEP.toNanos());
        }
        throw new Failure(Exit.UNAVAILABLE, node + " did not start within " + PATIENCE.toSeconds()
                + " s; its log ends with: " + NodeProcess.lastWords(folder));
    }

    private Failure ended(Path folder, int code) {
        if (code == Exit.REMOVED) {
            return new Failure(code, node + " was removed from the cluster; nothing in " + folder
                    + " is needed any more");
        }
        return new Failure(code == Exit.HALTED ? code : Exit.USAGE, node
                + " did not start, it ended with exit code " + code + "; its log ends with: "
                + NodeProcess.lastWords(folder));
    }

    private static boolean answers(NodeClient client) {
        try {
            return client.ask(Call.get("/livez")).status() == 200;
        } catch (Failure notYet) {
            return false;
        }
    }
}
