package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "delete",
        description = "Removes a key. Removing an absent key is no error, but ends with 1.")
final class DeleteCommand implements Runnable {
    @Parameters(paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Mixin
    private ConditionOptions condition = new ConditionOptions();

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var answer = nodes.client().ask(
                new Call("DELETE", NodeClient.pathOf(key), condition.headers(), new byte[0]));
        if (answer.status() != 200) throw Problem.failure(answer);
        var result = Json.object(answer.body());
        if (Json.number(result, "deleted") == 0) throw new Failure(Exit.NO, "no such key: " + key);
        System.out.println("deleted at revision " + Json.number(result, "revision"));
    }
}
