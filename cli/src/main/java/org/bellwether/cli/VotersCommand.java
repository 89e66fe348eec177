package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "voters",
        description = "Sets how many voters the cluster strives for. Other nodes are read replicas.")
final class VotersCommand implements Runnable {
    @Parameters(paramLabel = "N", description = "1 to 9.")
    private int target;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        Changes.ask(nodes.client(), Call.of("PUT", "/v1/cluster/voters?target=" + target));
        System.out.println("the cluster strives for " + target + " voters"
                + (target == 2 ? "; with two, the loss of either stops all writes" : ""));
    }
}
