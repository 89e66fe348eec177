package org.bellwether.cli;

import org.bellwether.api.RespAddresses;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.regex.Pattern;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.server.Folders;
import org.bellwether.server.StartException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/// The folder of a development cluster: one folder per node, a properties file that says how it was
/// laid out (written last, so that a half-made folder is told from a whole one), and a lock held while
/// `bell dev` runs.
final class DevFolder implements AutoCloseable {
    private static final String LAYOUT = "bellwether-dev.properties";
    private static final String LOCK = "bellwether-dev.lock";
    private static final Pattern OURS = Pattern
            .compile("n[1-7]|" + LAYOUT + "(\\.new)?|" + LOCK + "|" + DevAddCommand.REQUEST);

    private final Path dir;
    private final FileChannel lock;

    private DevFolder(Path dir, FileChannel lock) {
        this.dir = dir;
        this.lock = lock;
    }

    /// Takes the folder for this process, making it if there is none.
    static DevFolder claim(Path dir) {
        try {
            Files.createDirectories(dir);
            var channel = FileChannel.open(dir.resolve(LOCK), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw inUse(dir);
            }
            return new DevFolder(dir, channel);
        } catch (OverlappingFileLockException held) {
            throw inUse(dir);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot use " + dir + ": " + Reason.of(broken));
        }
    }

    private static Failure inUse(Path dir) {
        return new Failure(Exit.USAGE, "another `bell dev` is running on " + dir);
    }

    /// Whether a `bell dev` holds this folder now.
    static boolean isHeld(Path dir) {
        var file = dir.resolve(LOCK);
        if (!Files.exists(file)) return false;
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var held = channel.tryLock();
            if (held == null) return true;
            held.release();
            return false;
        } catch (OverlappingFileLockException ours) {
            return true;
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot use " + dir + ": " + Reason.of(broken));
        }
    }

    /// Deletes every node's data, but only in a folder that holds nothing else.
    void empty() {
        try (var entries = Files.list(dir)) {
            var all = entries.toList();
            for (var entry : all) {
                if (!OURS.matcher(entry.getFileName().toString()).matches())
                    throw new Failure(Exit.USAGE, "--fresh deletes only what `bell dev` made, and "
                            + entry + " is something else");
            }
            for (var entry : all) {
                if (!entry.endsWith(LOCK)) Folders.delete(entry);
            }
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot empty " + dir + ": " + Reason.of(broken));
        }
    }

    /// How the folder was laid out; null if it holds no cluster.
    static @Nullable DevLayout layout(Path dir) {
        var file = dir.resolve(LAYOUT);
        if (!Files.exists(file)) {
            for (int i = 1; i <= DevLayout.NODES_MAX; i++) {
                if (Files.exists(DevLayout.folder(dir, i)))
                    throw new Failure(Exit.USAGE, dir + " holds " + DevLayout.name(i) + " but no "
                            + LAYOUT + ": it was left half made, or is something else; --fresh"
                            + " makes it anew");
            }
            return null;
        }
        var saved = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            saved.load(in);
            return new DevLayout(number(saved, "nodes"), number(saved, "http-port"),
                    number(saved, "resp-port"), number(saved, "peer-port"),
                    new StorageKinds().convert(saved.getProperty("storage", "rocksdb")),
                    new RespReads().convert(saved.getProperty("resp-reads", "linearizable")));
        } catch (IOException | NumberFormatException | TypeConversionException broken) {
            throw new Failure(Exit.USAGE, "cannot read " + file + ": " + Reason.of(broken));
        }
    }

    /// The layout with every node that has come since: one that was let in, but whose layout nobody was left to
    /// record, belongs to it, and the cluster may even need its vote. A folder that is only half made does not.
    static @Nullable DevLayout found(Path dir) throws StartException {
        var layout = layout(dir);
        while (layout != null && layout.nodes() < DevLayout.NODES_MAX) {
            var next = DevLayout.folder(dir, layout.nodes() + 1);
            if (NodeProcess.running(next).isEmpty() && !Bootstrap.isNode(next)) break;
            layout = layout.larger();
        }
        return layout;
    }

    /// Keeps how many nodes there are now, and how fresh reads are; the rest never changes.
    static void record(Path dir, DevLayout layout) {
        var file = dir.resolve(LAYOUT);
        var fresh = dir.resolve(LAYOUT + ".new");
        try {
            String saved = Files.readString(file);
            String now = saved.replaceFirst("(?m)^nodes=.*$", "nodes=" + layout.nodes())
                    .replaceFirst("(?m)^resp-reads=.*$",
                            "resp-reads=" + RespReads.text(layout.respReads()));
            if (now.equals(saved)) return;
            Files.writeString(fresh, now);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot write " + file + ": " + Reason.of(broken));
        }
    }

    private static int number(Properties saved, String name) {
        return Integer.parseInt(saved.getProperty(name, ""));
    }

    /// Founds a cluster whose nodes all have a vote.
    void found(DevLayout layout) throws StartException {
        found(layout, null);
    }

    /// Founds a cluster: the same bootstrap record in every node's folder.
    ///
    /// @param voters how many it strives for; null for 3, or as many as it has nodes
    void found(DevLayout layout, @Nullable Integer voters) throws StartException {
        var founders = layout.numbers().stream()
                .map(i -> new Founder(DevLayout.folder(dir, i), DevLayout.name(i), layout.http(i),
                        layout.peer(i), new RespAddresses(layout.resp(i), layout.respCluster(i))))
                .toList();
        var cluster = voters == null
                ? Bootstrap.found(founders)
                : Bootstrap.found(founders, voters);
        var saved = new Properties();
        saved.setProperty("nodes", Integer.toString(layout.nodes()));
        saved.setProperty("http-port", Integer.toString(layout.httpPort()));
        saved.setProperty("resp-port", Integer.toString(layout.respPort()));
        saved.setProperty("peer-port", Integer.toString(layout.peerPort()));
        saved.setProperty("storage", layout.storage().label());
        saved.setProperty("resp-reads", RespReads.text(layout.respReads()));
        try (var out = Files.newBufferedWriter(dir.resolve(LAYOUT))) {
            saved.store(out, "cluster " + cluster);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE,
                    "cannot write " + dir.resolve(LAYOUT) + ": " + Reason.of(broken));
        }
    }

    Path dir() {
        return dir;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot let go of " + dir + ": " + Reason.of(broken));
        }
    }
}
