package org.bellwether.cli;

import org.bellwether.api.Token;
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
            description = "One of ${COMPLETION-CANDIDATES} (default: linearizable).")
    private @Nullable Level consistency;

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
        var answer = nodes.client().ask(Call.get(NodeClient.pathOf(key) + "?" + freshness()));
        switch (answer.status()) {
            case 200 -> System.out.writeBytes(answer.body());
            case 404 -> throw new Failure(Exit.NO, "no such key: " + key);
            default -> throw Problem.failure(answer);
        }
    }

    private String freshness() {
        if (after == null)
            return "consistency=" + (consistency == null ? Level.linearizable : consistency);
        if (consistency != null) {
            throw new Failure(Exit.USAGE,
                    "--after and --consistency exclude each other: what is read"
                            + " after a write is as fresh as that write");
        }
        // As the node spells it, whatever else can be read as the same.
        var token = Token.parse(after);
        if (token != null) return "min_revision=" + token;
        if (after.matches("\\d{1,18}")) return "min_revision=" + after;
        throw new Failure(Exit.USAGE, "--after takes a revision like 17 or a token like 3.17, got '"
                + after + "'");
    }
}
