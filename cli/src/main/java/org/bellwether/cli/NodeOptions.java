package org.bellwether.cli;

import java.time.Duration;
import java.util.List;
import org.bellwether.api.Address;
import picocli.CommandLine.Option;

/// Which nodes to ask, and for how long. Shared by every command that asks one.
final class NodeOptions {
    @Option(names = "--node", split = ",", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "HTTP address of a node; several, separated by commas, are tried in turn (default: 127.0.0.1:7401).")
    private List<Address> nodes = List.of(new Address("127.0.0.1", 7401));

    @Option(names = "--timeout", paramLabel = "TIME",
            converter = Patience.class,
            description = "How long to wait for the answer, as in 250ms or 5s, up to 60s (default: 5s).")
    private Duration timeout = Duration.ofSeconds(5);

    /// One node, not one of several.
    NodeClient only() {
        if (nodes.size() != 1) throw new Failure(Exit.USAGE, "--node must name one node");
        return client();
    }

    Duration timeout() {
        return timeout;
    }

    NodeClient client() {
        return new NodeClient(nodes, timeout);
    }
}
