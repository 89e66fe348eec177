package org.bellwether.cli;

import java.io.IOException;
import org.bellwether.cli.NodeClient.Call;
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

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    // Named as HTTP and the command line spell them.
    enum Level {
        linearizable, local
    }

    @Override
    public void run() {
        var answer = nodes.client().ask(
                Call.get(NodeClient.pathOf(key) + "?consistency=" + consistency));
        switch (answer.status()) {
            case 200 -> write(answer.body());
            case 404 -> throw new Failure(Exit.NO, "no such key: " + key);
            default -> throw Problem.failure(answer);
        }
    }

    private static void write(byte[] value) {
        try {
            System.out.write(value);
        } catch (IOException closed) {
            throw new Failure(Exit.UNAVAILABLE, "cannot write to standard output: "
                    + closed.getMessage());
        }
        System.out.flush();
    }
}
