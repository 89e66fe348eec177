package org.bellwether.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.bellwether.api.Address;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Server;
import org.bellwether.server.ServerConfig;
import org.bellwether.server.StartException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "serve",
        description = "Runs one node until it is told to stop. SIGTERM hands leadership over first.")
final class ServeCommand implements Runnable {
    private static final Address HTTP = new Address("127.0.0.1", 7401);
    private static final Address PEER = new Address("127.0.0.1", 7501);

    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "The node's data folder.")
    private Path dir = Path.of("");

    @Option(names = "--new",
            description = "Found a new cluster of one in an empty folder. Without it an empty folder is refused, so that a wiped node does not come back as a new cluster.")
    private boolean fresh;

    @Option(names = "--name", paramLabel = "NAME",
            description = "Short name of a new node (default: ${DEFAULT-VALUE}).")
    private String name = "n1";

    @Option(names = "--http", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "Where HTTP clients reach it (default for a new node: 127.0.0.1:7401).")
    private @Nullable Address http;

    @Option(names = "--peer", paramLabel = "HOST:PORT",
            converter = Addresses.class,
            description = "Where other nodes reach it (default for a new node: 127.0.0.1:7501).")
    private @Nullable Address peer;

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
            throw new Failure(Exit.USAGE, refused.getMessage());
        }
    }

    private void serve(Logger log) throws StartException {
        var config = new ServerConfig(dir, http, peer, insecure);
        if (fresh) {
            config = config.at(http == null ? HTTP : http, peer == null ? PEER : peer);
            Bootstrap.single(config, name);
        }
        var server = Server.start(config, why -> halt(log, why));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.info("stopping");
            server.close();
            log.info("stopped");
        }, "stop"));
        if (untilEof) Thread.ofPlatform().daemon().name("eof").start(ServeCommand::exitAtEof);
        var self = server.self();
        System.out.println("serving %s on http://%s, peers on %s, data in %s, process %d".formatted(
                self.name(), self.http(), self.peer(), dir, ProcessHandle.current().pid()));
        awaitSignal();
    }

    /// The node has already fallen silent. `halt`, since the shutdown hook would wait for the very loop
    /// that calls this.
    private static void halt(Logger log, Throwable why) {
        log.error("this node had to stop: {}", why.toString());
        System.err.flush();
        Runtime.getRuntime().halt(Exit.HALTED);
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
