package org.bellwether.cli;

import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "leave",
        description = {"Takes the asked node out of its cluster, for ever. If it leads it"
                + " hands over first. It then stops, and its data folder can be deleted."})
final class LeaveCommand implements Runnable {
    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var client = nodes.only();
        var answer = client.ask(Call.get("/v1/cluster"));
        var status = ClusterStatus.of(answer);
        String self = answer.header(NodeClient.NODE);
        // The only voter cannot: the next one is made when it is removed.
        long voters = status.members().stream().filter(Row::voter).count();
        if (status.leaderName().equals(self) && voters > 1)
            Changes.ask(client, Call.of("POST", "/v1/cluster/transfer"));
        Changes.ask(client, Call.of("DELETE", Changes.MEMBERS + NodeClient.escape(self)));
        System.out.println(self + " has left");
    }
}
