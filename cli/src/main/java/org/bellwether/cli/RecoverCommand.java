package org.bellwether.cli;

import java.nio.file.Path;
import org.bellwether.server.LastResort;
import org.bellwether.server.StartException;
import org.bellwether.server.StorageKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "recover", description = {
        "When a majority of voters is lost for good: makes a new cluster of one from what this node has.",
        "Writes that only the others had are lost, although they were acknowledged; and writes may come"
                + " back of which nobody was told. The other nodes of the old cluster must never start again."})
final class RecoverCommand implements Runnable {
    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "The survivor's folder; the node is stopped. Its old log stays in it, under another name.")
    private Path dir = Path.of("");

    @Option(names = "--storage", paramLabel = "KIND", converter = StorageKinds.class,
            description = "Kind of its tables if it has saved none yet: rocksdb (the default) or memory.")
    private StorageKind storage = StorageKind.ROCKSDB;

    @Option(names = "--force", description = "Without it nothing is done.")
    private boolean force;

    @Override
    public void run() {
        if (!force) {
            throw new Failure(Exit.USAGE, "this gives up the cluster that " + dir + " belongs to,"
                    + " and whatever only its other nodes have; --force if you are sure that a majority"
                    + " of voters will never come back. Nothing was changed");
        }
        try {
            var done = LastResort.recover(dir, storage);
            System.out.println("%s is now node %s of a new cluster, %s, of one node (before: %s)"
                    .formatted(dir, done.self().name(), done.fresh(), done.old()));
            System.out.println("kept: %d keys at revision %d, log entries up to %d".formatted(
                    done.keys(), done.revision(), done.last()));
            System.out.println("known to be committed: up to %d; %d later ones may never have been"
                    .formatted(done.committed(), done.last() - done.committed())
                    + " acknowledged to anybody");
            System.out.println("missing: whatever the others had beyond entry " + done.last());
            System.out.println("start it with: bell serve --dir " + dir);
        } catch (StartException refused) {
            throw new Failure(Exit.USAGE, Reason.of(refused));
        }
    }
}
