package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
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
        } else {
            NodeProcess.startFree(folder, layout.serving(number));
        }
        awaitStart(folder, layout, number);
    }

    /// The file by which a running `bell dev` is asked to start this node.
    static Path request(Path folder) {
        return folder.resolve("restart.request");
    }

    private static void ask(Path folder) {
        try {
            Files.write(request(folder), new byte[0]);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot write into " + folder + ": " + broken);
        }
    }

    private void awaitStart(Path folder, DevLayout layout, int number) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        var client = new NodeClient(List.of(layout.http(number)), Duration.ofSeconds(1));
        while (System.nanoTime() < deadline) {
            var running = NodeProcess.running(folder);
            if (running.isPresent() && answers(client)) {
                System.out.println(node + " is back as process " + running.get().pid());
                return;
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        throw new Failure(Exit.UNAVAILABLE, node + " did not start within " + PATIENCE.toSeconds()
                + " s; its log ends with: " + NodeProcess.lastWords(folder));
    }

    private static boolean answers(NodeClient client) {
        try {
            return client.ask(Call.get("/livez")).status() == 200;
        } catch (Failure notYet) {
            return false;
        }
    }
}
