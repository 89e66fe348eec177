package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bellwether.api.Address;
import org.bellwether.api.Consistency;
import org.bellwether.server.Listening;
import org.bellwether.server.StorageKind;

/// Where the nodes of a development cluster live: node *i* takes base + i − 1 of each port. For clients of Redis Cluster, it
/// listens [#CLUSTER_PORT] ports above that for other Redis clients.
///
/// @param storage  of every node, for good
/// @param respReads as in `bell serve --resp-reads`
record DevLayout(int nodes, int httpPort, int respPort, int peerPort, StorageKind storage,
        Consistency respReads) {
    static final int NODES_MAX = 7;
    private static final int CLUSTER_PORT = 10;
    private static final String HOST = "127.0.0.1";

    DevLayout {
        if (nodes < 1 || nodes > NODES_MAX)
            throw new Failure(Exit.USAGE, "--nodes must be from 1 to " + NODES_MAX + ", got "
                    + nodes);
        int[] bases = {httpPort, respPort, respPort + CLUSTER_PORT, peerPort};
        for (int base : bases) {
            if (base < 1 || base + nodes - 1 > 65_535)
                throw new Failure(Exit.USAGE, base + " does not leave room for " + nodes
                        + " ports up to 65535");
        }
        Arrays.sort(bases);
        for (int i = 1; i < bases.length; i++) {
            if (bases[i] - bases[i - 1] < nodes)
                throw new Failure(Exit.USAGE, "the port ranges from %d and %d overlap for %d nodes"
                        .formatted(bases[i - 1], bases[i], nodes));
        }
    }

    /// As nobody wanted it otherwise.
    DevLayout(int nodes, int httpPort, int respPort, int peerPort) {
        this(nodes, httpPort, respPort, peerPort, StorageKind.ROCKSDB, Consistency.LINEARIZABLE);
    }

    /// The same with one node more.
    DevLayout larger() {
        if (nodes == NODES_MAX)
            throw new Failure(Exit.USAGE, "it has " + nodes
                    + " nodes already, and a development cluster has at most " + NODES_MAX);
        return new DevLayout(nodes + 1, httpPort, respPort, peerPort, storage, respReads);
    }

    /// Whether it is the same but for what may differ from one start to the next.
    boolean isLaidOutAs(DevLayout other) {
        return equals(new DevLayout(other.nodes, other.httpPort, other.respPort, other.peerPort,
                other.storage, respReads));
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

    Address resp(int number) {
        return new Address(HOST, respPort + number - 1);
    }

    Address respCluster(int number) {
        return new Address(HOST, respPort + CLUSTER_PORT + number - 1);
    }

    Address peer(int number) {
        return new Address(HOST, peerPort + number - 1);
    }

    /// What a node of the cluster is started with, now and every time.
    List<String> serving(int number) {
        return List.of("--resp", resp(number).toString(), "--resp-cluster",
                respCluster(number).toString(), "--resp-reads", RespReads.text(respReads),
                "--resp-cluster-reads", RespReads.text(respReads), "--resp-flush", "--storage",
                storage.label());
    }

    /// What makes a node of its last number out of an empty folder: the others let it in.
    List<String> joining() {
        var others = numbers().subList(0, nodes - 1).stream().map(i -> http(i).toString());
        var options = new ArrayList<>(serving(nodes));
        options.addAll(List.of("--join", others.collect(Collectors.joining(",")), "--name",
                name(nodes), "--http", http(nodes).toString(), "--peer", peer(nodes).toString()));
        return options;
    }

    /// Better said before a node is started than by the node into its log.
    void refuseTakenPorts(int number) {
        refuseIfTaken(http(number), "HTTP", number);
        refuseIfTaken(resp(number), "RESP", number);
        refuseIfTaken(respCluster(number), "RESP cluster", number);
        refuseIfTaken(peer(number), "peer", number);
    }

    private static void refuseIfTaken(Address address, String what, int number) {
        try {
            Listening.tryOut(address);
        } catch (IOException taken) {
            throw new Failure(Exit.USAGE, "port %d (%s of %s) is in use"
                    .formatted(address.port(), what, name(number)));
        }
    }
}
