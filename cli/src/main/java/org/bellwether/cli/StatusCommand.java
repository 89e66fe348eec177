package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Prints the list of all nodes, as the asked node knows it.")
final class StatusCommand implements Runnable {
    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var answer = nodes.client().ask(Call.get("/v1/cluster"));
        var status = ClusterStatus.of(answer);
        System.out.println("cluster " + status.cluster() + ", term " + status.term()
                + (status.leaderName().isEmpty() ? ", no leader known" : "")
                + (status.votersTarget() < 0 ? "" : ", voters wanted: " + status.votersTarget())
                + (status.leaseReads() ? ", lease reads on" : "")
                + ", as " + answer.node() + " knows it");
        var table = new Table().row("NODE", "ROLE", "VOTER", "HTTP", "PEER", "APPLIED", "LAG",
                "BYTES", "BEHIND", "HEARD", "TROUBLE", "ID");
        for (var row : status.members()) {
            table.row(row.name(), row.role(), row.voter() ? "yes" : "no", row.http(), row.peer(),
                    count(row.applied()), count(row.lag()), count(row.lagBytes()),
                    row.lagMillis() < 0 ? "?" : row.lagMillis() + " ms",
                    row.heardMillis() < 0 ? "never" : row.heardMillis() + " ms ago",
                    row.troubles().isEmpty() ? "-" : String.join(",", row.troubles()), row.id());
        }
        System.out.print(table);
        for (var row : status.members()) {
            if (row.catchUp() != null)
                System.out.println(row.name() + " is catching up: " + row.catchUp());
        }
        for (var warning : status.warnings())
            System.out.println("warning: " + warning);
    }

    private static String count(long number) {
        return number < 0 ? "?" : Long.toString(number);
    }
}
