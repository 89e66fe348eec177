package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bellwether.api.Limits;
import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "put", description = "Sets a key to a value and prints the revision this made.")
final class PutCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Parameters(index = "1", paramLabel = "VALUE",
            description = "The value; '-' takes it from standard input, byte for byte.")
    private String value = "";

    @Option(names = "--ack", paramLabel = "WHO",
            description = "Whose disks it waits for: one of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})."
                    + " 'leader' prints a token, by which 'get --after' tells whether it was kept.")
    private Who ack = Who.quorum;

    @Mixin
    private ConditionOptions condition = new ConditionOptions();

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    // Named as HTTP and the command line spell them.
    enum Who {
        leader, quorum, all
    }

    @Override
    public void run() {
        var answer = nodes.client().ask(new Call("PUT", NodeClient.pathOf(key) + "?ack=" + ack,
                condition.headers(), bytes()));
        switch (answer.status()) {
            case 200, 201 -> System.out.println((answer.status() == 201 ? "created" : "replaced")
                    + " at revision " + answer.header("ETag").replace("\"", "")
                    + switch (answer.header("KV-Acked")) {
                        case "all" -> ", on every voter's disk";
                        case "quorum" ->
                            ", on a majority's disks, but not in time on every voter's";
                        default -> "";
                    });
            case 202 -> System.out.println("accepted at " + answer.header("KV-Token"));
            default -> throw Problem.failure(answer);
        }
    }

    private byte[] bytes() {
        if (!value.equals("-")) return value.getBytes(UTF_8);
        return StandardInput.read("a value", Limits.DEFAULT.valueBytesMax());
    }
}
