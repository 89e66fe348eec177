package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "remove",
        description = "Takes a node out of the cluster, for ever, dead or alive. It can join again only as a new node.")
final class RemoveCommand implements Runnable {
    @Parameters(paramLabel = "NODE", description = "Name or ID, as `bell status` shows them.")
    private String node = "";

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        Changes.ask(nodes.client(),
                Call.of("DELETE", Changes.MEMBERS + NodeClient.escape(node)));
        System.out.println(node + " is removed");
    }
}
