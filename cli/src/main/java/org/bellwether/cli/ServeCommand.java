package org.bellwether.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.bellwether.api.Address;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.LostEntriesException;
import org.bellwether.api.RemovedException;
import org.bellwether.raft.Membership;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Server;
import org.bellwether.server.ServerConfig;
import org.bellwether.server.StartException;
import org.bellwether.server.StorageKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "serve",
        description = "Runs one node until it is told to stop. SIGTERM hands leadership over first.")
final class ServeCommand implements Runnable {
    static final Address HTTP = new Address("127.0.0.1", 7401);
    static final Address RESP = new Address("127.0.0.1", 6401);
    static final Address PEER = new Address("127.0.0.1", 7501);

    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "The node's data folder.")
    private Path dir = Path.of("");

    @Option(names = "--new",
            description = "Found a new cluster of one in an empty folder. Without it an empty folder is refused, so that a wiped node does not come back as a new cluster.")
    private boolean fresh;

    @Option(names = "--join", split = ",", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "Make this a node of an existing cluster: HTTP addresses of any of its nodes. Nothing is done if the folder holds a node already.")
    private List<Address> join = List.of();

    @Option(names = "--name", paramLabel = "NAME",
            description = "Short name of a new node (default: n1, or the next that is free).")
    private String name = "";

    @Option(names = "--voters", paramLabel = "N", converter = Voters.class,
            description = "With --new: how many voters the cluster strives for (default: 3). `bell voters` changes it later.")
    private @Nullable Integer voters;

    @Option(names = "--dead-after", paramLabel = "TIME", converter = DeadAfter.class,
            description = "While this node leads: replace a voter that is silent for so long by a level replica, as in 90s (default: 10m; off or 0: never).")
    private Duration deadAfter = Duration.ofMinutes(10);

    @Option(names = "--storage", paramLabel = "KIND", converter = StorageKinds.class,
            description = "Where the node keeps its tables: rocksdb (on disk, the default) or memory. For the life of the folder.")
    private StorageKind storage = StorageKind.ROCKSDB;

    @Option(names = "--snapshot-rate", paramLabel = "BYTES", converter = Sizes.class,
            description = "Most that this node sends of snapshots in a second, as in 16m (default: 64m; 0: no limit).")
    private Long snapshotRate = 64L << 20;

    @Option(names = "--log-keep", paramLabel = "BYTES", converter = Sizes.class,
            description = "So much of the log is kept for replicas that fell behind, as in 256m (default: 64m).")
    private Long logKeep = 64L << 20;

    @Option(names = "--log-keep-time", paramLabel = "TIME", converter = Durations.class,
            description = "And what is younger than this, but 1 GiB at most (default: 60s).")
    private Duration logKeepTime = Duration.ofMinutes(1);

    @Option(names = "--http", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "Where it listens for HTTP clients (default for a new node: 127.0.0.1:7401).")
    private @Nullable Address http;

    @Option(names = "--resp", paramLabel = "HOST:PORT", converter = RespAddress.Converter.class,
            description = "Where Redis clients reach it, or none (default: 127.0.0.1:6401).")
    private RespAddress resp = new RespAddress(RESP);

    @Option(names = "--advertise-resp", paramLabel = "HOST:PORT", converter = Addresses.class,
            description = "What Redis clients are told instead, if they reach it elsewhere.")
    private @Nullable Address advertiseResp;

    @Option(names = "--resp-cluster", paramLabel = "HOST:PORT",
            converter = RespAddress.Converter.class,
            description = "Where clients of Redis Cluster reach it, or none (the default). They are sent to the leader, and read from replicas if they ask for it.")
    private RespAddress respCluster = RespAddress.NONE;

    @Option(names = "--advertise-resp-cluster", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "What clients of Redis Cluster are told instead, if they reach it elsewhere.")
    private @Nullable Address advertiseRespCluster;

    @Option(names = "--resp-reads", paramLabel = "HOW", converter = RespReads.class,
            description = "How fresh reads of Redis clients are that have not said otherwise: linearizable (the default), lease, which is faster on the leader while `bell lease` is on, or local, which any node serves alone, maybe late.")
    private Consistency respReads = Consistency.LINEARIZABLE;

    @Option(names = "--resp-cluster-reads", paramLabel = "HOW", converter = RespReads.class,
            description = "The same for clients of Redis Cluster.")
    private Consistency respClusterReads = Consistency.LINEARIZABLE;

    @Option(names = "--resp-password-file", paramLabel = "FILE",
            description = "The first line of this file is what Redis clients must give with AUTH.")
    private @Nullable Path respPasswordFile;

    @Option(names = "--resp-flush",
            description = "Let Redis clients remove every key of the cluster with FLUSHALL and FLUSHDB, which are refused without it.")
    private boolean respFlush;

    @Option(names = "--peer", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "Where it listens for other nodes (default for a new node: 127.0.0.1:7501).")
    private @Nullable Address peer;

    @Mixin
    private AdvertiseOptions advertise = new AdvertiseOptions();

    @Option(names = "--insecure",
            description = "Allow addresses that others can reach. There is no authentication yet.")
    private boolean insecure;

    @Option(names = "--until-eof", hidden = true,
            description = "End when standard input ends: a node started by `bell dev` does not outlive it.")
    private boolean untilEof;

    @Override
    public void run() {
        // Before the first logger is made; a setting from outside wins.
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null)
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
        try {
            serve(LoggerFactory.getLogger("bell"));
        } catch (StartException refused) {
            throw new Failure(refused.getCause() instanceof RemovedException
                    ? Exit.REMOVED
                    : Exit.USAGE, Reason.of(refused));
        }
    }

    private void serve(Logger log) throws StartException {
        if (fresh && !join.isEmpty())
            throw new Failure(Exit.USAGE, "--new founds a cluster, --join enters one: not both");
        if (voters != null && !fresh) {
            throw new Failure(Exit.USAGE, "--voters is for a new cluster, with --new;"
                    + " `bell voters N` changes what one strives for");
        }
        var config = config();
        var small = smallHeap(Runtime.getRuntime().maxMemory());
        if (small != null) log.warn("{}", small);
        boolean isNew = fresh || !join.isEmpty() && !Bootstrap.isNode(dir);
        if (isNew) config = config.at(http == null ? HTTP : http, peer == null ? PEER : peer);
        new Listeners().add("--http", config.http()).add("--peer", config.peer())
                .add("--resp", resp.address()).add("--resp-cluster", respCluster.address());
        if (fresh) {
            Bootstrap.single(config, name.isEmpty() ? "n1" : name,
                    voters == null ? Membership.VOTERS_TARGET : voters);
        } else if (isNew) {
            Joining.join(config, name, join, log);
        }
        var server = Server.start(config, why -> halt(log, why));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.info("stopping");
            server.close();
            log.info("stopped");
        }, "stop"));
        if (untilEof) Thread.ofPlatform().daemon().name("eof").start(ServeCommand::exitAtEof);
        var self = server.self();
        var redis = (resp.address() == null ? "" : ", redis on " + resp.address())
                + (respCluster.address() == null
                        ? ""
                        : ", redis cluster on " + respCluster.address());
        System.out.println("serving %s on http://%s%s, peers on %s, data in %s, process %d"
                .formatted(self.name(), place(server.http(), self.http()), redis,
                        place(server.peer(), self.peer()), dir, ProcessHandle.current().pid()));
        if (!join.isEmpty()) {
            Thread.ofPlatform().daemon().name("arrival")
                    .start(new Arrival(self.name(), server.http()));
        }
        awaitSignal();
    }

    /// Null if it is large enough.
    static @Nullable String smallHeap(long bytes) {
        // Some collectors keep a part of what they are given to themselves.
        if (bytes >= Limits.HEAP_BYTES_MIN / 16 * 15) return null;
        return ("a heap of %d MB is small for a node, which may end under load for want of it;"
                + " give it %d MB or more, as by JDK_JAVA_OPTIONS=-Xmx%2$dm")
                .formatted(bytes >> 20, Limits.HEAP_BYTES_MIN >> 20);
    }

    private static String place(Address listened, Address told) {
        return listened.equals(told) ? told.toString() : listened + " (for others " + told + ")";
    }

    private ServerConfig config() {
        try {
            var config = new ServerConfig(dir, http, peer, insecure).withDeadAfter(deadAfter)
                    .withStorage(storage).withSnapshotRate(snapshotRate)
                    .withLogKeep(logKeep, logKeepTime);
            config = advertise.of(config);
            var password = respPasswordFile == null ? null : PasswordFile.read(respPasswordFile);
            if (resp.address() != null) {
                config = config.withResp(resp.address(), advertiseResp, respReads, password);
            } else if (advertiseResp != null) {
                throw new IllegalArgumentException(
                        "--advertise-resp: there is no address to be advertised");
            }
            if (respCluster.address() != null) {
                config = config.withRespCluster(respCluster.address(), advertiseRespCluster,
                        respClusterReads, password);
            } else if (advertiseRespCluster != null) {
                throw new IllegalArgumentException(
                        "--advertise-resp-cluster: there is no address to be advertised");
            }
            return respFlush ? config.withRespFlush() : config;
        } catch (IllegalArgumentException refused) {
            throw new Failure(Exit.USAGE, String.valueOf(refused.getMessage()));
        }
    }

    /// The node has already fallen silent. `halt`, since the shutdown hook would wait for the very loop
    /// that calls this.
    private static void halt(Logger log, Throwable why) {
        boolean removed = why instanceof RemovedException;
        boolean explained = removed || why instanceof LostEntriesException;
        log.error("this node had to stop: {}", explained ? why.getMessage() : why.toString());
        System.err.flush();
        Runtime.getRuntime().halt(removed ? Exit.REMOVED : Exit.HALTED);
    }

    private static void exitAtEof() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException gone) {
            // The other end is gone, which is what we wait for.
        }
        System.exit(Exit.OK);
    }

    private static void awaitSignal() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
