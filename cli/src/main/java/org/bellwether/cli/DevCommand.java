package org.bellwether.cli;

import java.nio.file.Path;
import org.bellwether.api.Consistency;
import org.bellwether.server.StartException;
import org.bellwether.server.StorageKind;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "dev", subcommands = {DevAddCommand.class, DevRestartCommand.class}, description = {
        "Runs a whole cluster on this machine, every node a process of its own, and shows who leads.",
        "Ctrl-C stops it. What was written is kept for the next time."})
final class DevCommand implements Runnable {
    static final String DIR = "data/dev";
    private static final int NODES = 3;

    @Option(names = "--nodes", paramLabel = "N",
            description = "How many nodes, 1 to 7 (default: 3, or as many as the folder has).")
    private @Nullable Integer nodes;

    @Option(names = "--voters", paramLabel = "N", converter = Voters.class,
            description = "For a new cluster: how many of them have a vote (default: 3, or all of --nodes).")
    private @Nullable Integer voters;

    @Option(names = "--dir", paramLabel = "DIR",
            description = "Where the nodes keep their data (default: ./data/dev).")
    private Path dir = Path.of(DIR);

    @Option(names = "--fresh",
            description = "Delete what an earlier `bell dev` left in the folder.")
    private boolean fresh;

    @Option(names = "--http-port", paramLabel = "PORT",
            description = "HTTP port of the first node, the next ones follow (default: 7401).")
    private @Nullable Integer httpPort;

    @Option(names = "--resp-port", paramLabel = "PORT",
            description = "Port for Redis clients of the first node (default: 6401).")
    private @Nullable Integer respPort;

    @Option(names = "--peer-port", paramLabel = "PORT",
            description = "Port between nodes of the first node (default: 7501).")
    private @Nullable Integer peerPort;

    @Option(names = "--storage", paramLabel = "KIND", converter = StorageKinds.class,
            description = "Where the nodes keep their tables: rocksdb (on disk, the default) or memory. For the life of the folder.")
    private @Nullable StorageKind storage;

    @Option(names = "--resp-reads", paramLabel = "HOW", converter = RespReads.class,
            description = "How fresh reads of Redis clients are: linearizable (the default), lease, which is faster on the leader while `bell lease` is on, or local, which any node serves alone, maybe late.")
    private @Nullable Consistency respReads;

    @Override
    public void run() {
        refuseVotersWithoutNodes();
        try (var folder = DevFolder.claim(dir)) {
            if (fresh) folder.empty();
            var layout = layout(folder);
            refuseIfRunning(layout);
            DevFolder.record(dir, layout);
            DevAddCommand.forgetRequest(dir);
            new DevCluster(dir, layout).run();
        } catch (StartException refused) {
            throw new Failure(Exit.USAGE, Reason.of(refused));
        }
    }

    /// Before anything is deleted or made.
    private void refuseVotersWithoutNodes() {
        int count = nodes == null ? NODES : nodes;
        if (voters != null && voters > count) {
            throw new Failure(Exit.USAGE, "--voters " + voters + " is more than the " + count
                    + " nodes there are to be (--nodes)");
        }
    }

    private DevLayout layout(DevFolder folder) throws StartException {
        var found = DevFolder.found(dir);
        var base = found == null
                ? new DevLayout(NODES, 7401, 6401, 7501)
                : found;
        var wanted = new DevLayout(nodes == null ? base.nodes() : nodes,
                httpPort == null ? base.httpPort() : httpPort,
                respPort == null ? base.respPort() : respPort,
                peerPort == null ? base.peerPort() : peerPort,
                storage == null ? base.storage() : storage,
                respReads == null ? base.respReads() : respReads);
        if (found == null) {
            refuseTakenPorts(wanted);
            folder.found(wanted, voters);
        } else if (voters != null) {
            throw new Failure(Exit.USAGE, "--voters is for a new cluster, and " + dir
                    + " holds one; `bell voters N` changes what it strives for");
        } else if (!found.isLaidOutAs(wanted)) {
            throw new Failure(Exit.USAGE,
                    ("%s holds a cluster of %d nodes with ports from %d (HTTP),"
                            + " %d (RESP) and %d (peers), and tables in %s; ./bell dev add adds a node to it while it"
                            + " runs, and --fresh starts anew")
                            .formatted(dir, found.nodes(), found.httpPort(), found.respPort(),
                                    found.peerPort(), found.storage().label()));
        }
        return wanted;
    }

    private void refuseIfRunning(DevLayout layout) {
        for (int i : layout.numbers()) {
            var running = NodeProcess.running(DevLayout.folder(dir, i));
            if (running.isPresent())
                throw new Failure(Exit.USAGE,
                        "%s of %s is still running as process %d; stop it first"
                                .formatted(DevLayout.name(i), dir, running.get().pid()));
        }
        refuseTakenPorts(layout);
    }

    private static void refuseTakenPorts(DevLayout layout) {
        try {
            layout.numbers().forEach(layout::refuseTakenPorts);
        } catch (Failure taken) {
            throw new Failure(taken.exitCode(), taken.getMessage()
                    + "; choose others with --http-port, --resp-port and --peer-port");
        }
    }
}
