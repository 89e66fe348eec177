package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "transfer", description = "Hands leadership over to another voter.")
final class TransferCommand implements Runnable {
    @Parameters(paramLabel = "NODE", arity = "0..1",
            description = "Name or ID of the next leader (default: the voter that is furthest).")
    private @Nullable String to;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var client = nodes.client();
        Changes.ask(client, Call.of("POST", "/v1/cluster/transfer"
                + (to == null ? "" : "?to=" + NodeClient.escape(to))));
        var status = ClusterStatus.of(client.ask(Call.get("/v1/cluster")));
        System.out.println((status.leaderName().isEmpty() ? "nobody known" : status.leaderName())
                + " leads in term " + status.term());
    }
}
