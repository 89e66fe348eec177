package org.bellwether.cli;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Call;
import org.bellwether.server.BackupFile;
import org.bellwether.server.StartException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "backup", description = {
        "Writes all keys and values, as of one moment, into a file, while the cluster goes on.",
        "With --check it only reads a backup and says what is in it."})
final class BackupCommand implements Runnable {
    @Parameters(paramLabel = "FILE", description = "The backup. It must not be there yet.")
    private Path file = Path.of("");

    @Option(names = "--check", description = "Read the backup in FILE to its end; asks no node.")
    private boolean check;

    @Option(names = "--dir", paramLabel = "DIR",
            description = "Back up the stopped node in this folder; asks no node. If it was killed, the last writes may be missing: those of which it had not heard that they are committed.")
    private @Nullable Path dir;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        try {
            if (check) {
                if (dir != null) {
                    throw new Failure(Exit.USAGE, "--check reads the backup " + file
                            + ", --dir makes one of a node: not both");
                }
                refuseIfNone(file);
                System.out.println(text(checked(file)));
                return;
            }
            if (Files.exists(file))
                throw new Failure(Exit.USAGE, file + " is there already; nothing was changed");
            if (dir == null) {
                take();
            } else {
                System.out.println(text(BackupFile.ofFolder(dir, file)));
            }
        } catch (StartException refused) {
            throw new Failure(Exit.USAGE, Reason.of(refused));
        } catch (IOException failed) {
            // A name that cannot be is the caller's affair; a disk that is full, or damage, is not.
            throw new Failure(Reason.isName(failed)
                    ? Exit.USAGE
                    : Exit.UNAVAILABLE,
                    (check ? "cannot read " + file : "no backup") + ": "
                            + Reason.of(failed));
        }
    }

    private static BackupFile.Summary checked(Path file) throws IOException {
        try {
            return BackupFile.check(file);
        } catch (BackupFile.DamagedException damaged) {
            throw new Failure(Exit.NO, "damaged backup " + file + ": " + damaged.what());
        }
    }

    static void refuseIfNone(Path file) {
        if (!Files.isRegularFile(file)) throw new Failure(Exit.USAGE, "there is no file " + file);
    }

    private void take() throws IOException {
        var stream = nodes.client().open(Call.get("/v1/backup"));
        try (var body = new NodesBody(stream)) {
            var progress = new ProgressBar("backup", stream.number("KV-Backup-Keys"), "keys");
            var summary = BackupFile.receive(body, file, progress::at);
            progress.done();
            System.out.println(text(summary) + ", from " + stream.node());
        } catch (BackupFile.DamagedException damaged) {
            throw new Failure(Exit.UNAVAILABLE, "no backup: what " + stream.node()
                    + " sent is not whole: " + damaged.what());
        }
    }

    /// Whoever cannot go on is told whether it was the node or the disk, and which node.
    private static final class NodesBody extends FilterInputStream {
        private final Address node;

        NodesBody(NodeClient.Stream stream) {
            super(stream.body());
            node = stream.node();
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException broken) {
                throw brokenOff(broken);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException broken) {
                throw brokenOff(broken);
            }
        }

        /// The HTTP client has words of its own for a connection that ends, which are about its parser.
        private IOException brokenOff(IOException broken) {
            String why = String.valueOf(broken.getMessage());
            boolean closed = broken instanceof EOFException || why.equals("closed")
                    || why.contains("reset") || why.contains("EOF") || why.startsWith("chunked")
                    || why.startsWith("fixed content-length");
            return new IOException(node + (closed
                    ? " closed the connection before all had come"
                    : " broke off: " + why), broken);
        }
    }

    private String text(BackupFile.Summary summary) {
        return "%s: revision %d, %d keys, %d bytes, of cluster %s".formatted(file,
                summary.revision(), summary.keys(), summary.bytes(), summary.cluster());
    }
}
