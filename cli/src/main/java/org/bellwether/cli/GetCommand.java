package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import org.bellwether.cli.NodeClient.Call;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "get", description = "Writes the value of a key to standard output, byte for byte.")
final class GetCommand implements Runnable {
    @Parameters(paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Option(names = "--consistency", paramLabel = "LEVEL",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Level consistency = Level.linearizable;

    @Option(names = "--after", paramLabel = "WRITE",
            description = "The node's own state once it has applied this write: a revision, or the token of a"
                    + " write that the leader accepted alone.")
    private @Nullable String after;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    // Named as HTTP and the command line spell them.
    enum Level {
        linearizable, lease, local
    }

    @Override
    public void run() {
        var answer = nodes.client().ask(
                Call.get(NodeClient.pathOf(key) + (after == null
                        ? "?consistency=" + consistency
                        : "?min_revision=" + URLEncoder.encode(after, UTF_8))));
        switch (answer.status()) {
            case 200 -> System.out.writeBytes(answer.body());
            case 404 -> throw new Failure(Exit.NO, "no such key: " + key);
            default -> throw Problem.failure(answer);
        }
    }
}
