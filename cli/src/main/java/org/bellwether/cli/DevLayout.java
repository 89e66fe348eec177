package org.bellwether.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bellwether.api.Address;

/// Where the nodes of a development cluster live: node *i* takes base + i − 1 of each port.
record DevLayout(int nodes, int httpPort, int respPort, int peerPort) {
    static final int NODES_MAX = 7;
    private static final String HOST = "127.0.0.1";

    DevLayout {
        if (nodes < 1 || nodes > NODES_MAX)
            throw new Failure(Exit.USAGE, "--nodes must be from 1 to " + NODES_MAX + ", got "
                    + nodes);
        int[] bases = {httpPort, respPort, peerPort};
        for (int base : bases) {
            if (base < 1 || base + nodes - 1 > 65_535)
                throw new Failure(Exit.USAGE, base + " does not leave room for " + nodes
                        + " ports up to 65535");
        }
        if (Math.abs(httpPort - peerPort) < nodes || Math.abs(httpPort - respPort) < nodes
                || Math.abs(respPort - peerPort) < nodes)
            throw new Failure(Exit.USAGE, "the port ranges from %d, %d and %d overlap for %d nodes"
                    .formatted(httpPort, respPort, peerPort, nodes));
    }

    List<Integer> numbers() {
        return IntStream.rangeClosed(1, nodes).boxed().toList();
    }

    static String name(int number) {
        return "n" + number;
    }

    static Path folder(Path dir, int number) {
        return dir.resolve(name(number));
    }

    Address http(int number) {
        return new Address(HOST, httpPort + number - 1);
    }

    Address peer(int number) {
        return new Address(HOST, peerPort + number - 1);
    }
}
