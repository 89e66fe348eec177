package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "lease",
        description = "Switches lease reads on or off for the whole cluster: a leader then serves reads that ask for it"
                + " without asking the others. Its clocks must not run at very different rates, and a dead leader"
                + " is replaced after an election timeout, not at once.")
final class LeaseCommand implements Runnable {
    @Parameters(paramLabel = "STATE", description = "One of ${COMPLETION-CANDIDATES}.")
    private State state = State.off;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    // Named as HTTP and the command line spell them.
    enum State {
        on, off
    }

    @Override
    public void run() {
        Changes.ask(nodes.client(), Call.of("PUT", "/v1/cluster/lease?reads=" + state));
        System.out.println("lease reads are " + state);
    }
}
