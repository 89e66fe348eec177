package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.bellwether.api.Address;
import org.bellwether.raft.Membership;
import org.bellwether.server.BackupFile;
import org.bellwether.server.BackupFile.Founding;
import org.bellwether.server.ServerConfig;
import org.bellwether.server.StartException;
import org.bellwether.server.StorageKind;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "restore", description = {
        "Founds a new cluster of one node, with a new cluster ID, from a backup.",
        "Start it with `bell serve --dir DIR`; other nodes join it as always."})
final class RestoreCommand implements Runnable {
    @Parameters(paramLabel = "FILE", description = "A backup.")
    private Path file = Path.of("");

    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "The new node's folder. It must not hold a node.")
    private Path dir = Path.of("");

    @Option(names = "--name", paramLabel = "NAME", description = "Its short name (default: n1).")
    private String name = "n1";

    @Option(names = "--voters", paramLabel = "N", converter = Voters.class,
            description = "How many voters the new cluster strives for (default: 3).")
    private Integer voters = Membership.VOTERS_TARGET;

    @Option(names = "--http", paramLabel = "HOST:PORT", converter = Addresses.class,
            description = "Where it is to listen for HTTP clients (default: 127.0.0.1:7401).")
    private Address http = ServeCommand.HTTP;

    @Option(names = "--peer", paramLabel = "HOST:PORT", converter = Addresses.class,
            description = "Where it is to listen for other nodes (default: 127.0.0.1:7501).")
    private Address peer = ServeCommand.PEER;

    @Mixin
    private AdvertiseOptions advertise = new AdvertiseOptions();

    @Option(names = "--insecure",
            description = "Allow addresses that others can reach. There is no authentication yet.")
    private boolean insecure;

    @Option(names = "--storage", paramLabel = "KIND", converter = StorageKinds.class,
            description = "Where the node keeps its tables: rocksdb (the default) or memory.")
    private @Nullable StorageKind storage;

    @Override
    public void run() {
        new Listeners().add("--http", http).add("--peer", peer);
        BackupCommand.refuseIfNone(file);
        try {
            var progress = new ProgressBar("restore", BackupFile.keysOf(file), "keys");
            var config = advertise.of(new ServerConfig(dir, http, peer, insecure)).withStorage(
                    storage == null ? StorageKind.ROCKSDB : storage);
            var summary = BackupFile.restore(file, config, new Founding(name, voters),
                    progress::at);
            progress.done();
            System.out.println("%s holds a new cluster of one node: revision %d, %d keys"
                    .formatted(dir, summary.revision(), summary.keys()));
        } catch (IOException unreadable) {
            throw new Failure(Exit.USAGE, "cannot restore " + file + ": " + Reason.of(unreadable));
        } catch (StartException refused) {
            if (isWhole(refused)) {
                throw new Failure(Exit.UNAVAILABLE, "cannot restore into " + dir + ": "
                        + innermost(refused).getMessage() + "; the backup " + file + " is whole");
            }
            throw new Failure(Exit.USAGE, Reason.of(refused));
        }
    }

    /// Whoever restores does not tell a row that cannot be read from one that cannot be written, and whoever
    /// needs a backup must not be told that theirs is damaged because a disk is full: so it is read once more.
    private boolean isWhole(StartException refused) {
        boolean whileReading = refused.getCause() instanceof IOException failed
                && failed.getCause() != null;
        if (!whileReading) return false;
        try {
            BackupFile.check(file);
            return true;
        } catch (IOException damaged) {
            return false;
        }
    }

    private static Throwable innermost(Throwable failed) {
        var within = failed;
        while (within.getCause() != null)
            within = within.getCause();
        return within;
    }
}
