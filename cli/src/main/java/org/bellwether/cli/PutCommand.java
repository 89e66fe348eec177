package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "put", description = "Sets a key to a value and prints the revision this made.")
final class PutCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Parameters(index = "1", paramLabel = "VALUE",
            description = "The value; '-' takes it from standard input, byte for byte.")
    private String value = "";

    @Mixin
    private ConditionOptions condition = new ConditionOptions();

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var answer = nodes.client().ask(
                new Call("PUT", NodeClient.pathOf(key), condition.headers(), bytes()));
        switch (answer.status()) {
            case 200, 201 -> System.out.println((answer.status() == 201 ? "created" : "replaced")
                    + " at revision " + answer.header("ETag").replace("\"", ""));
            default -> throw Problem.failure(answer);
        }
    }

    private byte[] bytes() {
        if (!value.equals("-")) return value.getBytes(UTF_8);
        try {
            return System.in.readAllBytes();
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot read standard input: " + broken.getMessage());
        }
    }
}
