package org.bellwether.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterId;
import org.bellwether.log.Identity;
import org.bellwether.raft.Membership;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Slice;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.TableFormat;
import org.bellwether.storage.View;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// A backup: all keys and values as of one revision, in one file. It is checked whenever it is read.
public final class BackupFile {
    private static final int COPY_BYTES = 1 << 20;

    private BackupFile() {}

    /// A file is no whole backup; or what came is none.
    public static final class DamagedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        private final String what;

        DamagedException(String what, @Nullable Exception cause) {
            super("not a whole backup: " + what, cause);
            this.what = what;
        }

        /// What is wrong, and where.
        public String what() {
            return what;
        }
    }

    /// What is in a backup.
    ///
    /// @param cluster that it was made of
    /// @param bytes   of the file
    public record Summary(ClusterId cluster, Mark mark, long bytes) {
        public long revision() {
            return mark.revision().number();
        }

        public long keys() {
            return mark.keys();
        }
    }

    /// What a restored cluster is founded as.
    ///
    /// @param name   of its first node
    /// @param voters how many it strives for
    public record Founding(String name, int voters) {}

    /// Writes what comes from a node into a file, which is there under its name only when it is whole and durable.
    ///
    /// @param progress told the number of keys so far, now and then
    /// @throws DamagedException if what came is damaged or cut short; no file is left
    /// @throws IOException if it cannot be written, or no more comes; no file is left
    public static Summary receive(InputStream from, Path file, LongConsumer progress)
            throws IOException {
        try (var part = PartFile.of(file)) {
            var summary = read(
                    new Tee(new BufferedInputStream(from, COPY_BYTES), part.channel()),
                    counting(progress));
            part.finish(false);
            return summary;
        }
    }

    /// Writes a backup of a node that is stopped: of all that it knew to be committed. Leaves the node as it was.
    ///
    /// @throws StartException if there is no node in the folder, it is in use, or damaged
    public static Summary ofFolder(Path dir, Path file) throws StartException {
        if (!Bootstrap.isNode(dir)) throw new StartException("there is no node in " + dir);
        try (var part = PartFile.of(file);
                var node = StoppedNode.open(dir, dir.resolve(DataFolder.LOG),
                        StorageKind.MEMORY)) {
            TablesOwner.require(dir.resolve(Tables.FOLDER), node.identity.cluster());
            node.apply(node.committedThrough());
            try (var all = node.storage().view()) {
                write(all, node.head(), bytes -> write(part.channel(), bytes));
            }
            var summary = check(part.path());
            part.finish(false);
            return summary;
        } catch (IOException | StorageException | IllegalStateException failed) {
            throw new StartException("cannot back up " + dir + ": " + failed.getMessage(), failed);
        }
    }

    /// Asked before each part of a file is written.
    @FunctionalInterface
    interface Room {
        /// @param before bytes that the file has
        /// @param after  bytes that it will have
        /// @throws IOException if there is no room for that
        void ask(long before, long after) throws IOException;
    }

    /// Writes tables as they are, be they right or wrong.
    ///
    /// @throws IOException if they cannot be written, or there is no room for them; no file is left
    static void keep(View tables, SnapshotHead head, Path file, Room room) throws IOException {
        try (var part = PartFile.of(file)) {
            var out = part.channel();
            write(tables, head, bytes -> {
                room.ask(out.position(), out.position() + bytes.length);
                write(out, bytes);
            });
            part.finish(true);
        }
    }

    @FunctionalInterface
    private interface Out {
        void write(byte[] bytes) throws IOException;
    }

    private static void write(View all, SnapshotHead head, Out out) throws IOException {
        out.write(new TableFormat.Head(head.mark(), head.encode()).encode());
        for (var next = Bytes.EMPTY; next != null;) {
            var slice = Slice.read(all, next, TableFormat.BLOCK_BYTES);
            next = slice.next();
            if (slice.keys() > 0) out.write(TableFormat.block(slice.rows()));
        }
        out.write(TableFormat.end());
    }

    private static void write(FileChannel out, byte[] bytes) throws IOException {
        for (var left = ByteBuffer.wrap(bytes); left.hasRemaining();)
            out.write(left);
    }

    /// Reads a backup from its beginning to its end.
    ///
    /// @throws DamagedException if it is damaged
    /// @throws IOException if it cannot be read
    public static Summary check(Path file) throws IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(file), COPY_BYTES)) {
            return read(new Tee(in, null), (_, _) -> true);
        }
    }

    /// How many keys a backup says that it has.
    ///
    /// @throws IOException if it cannot be read, or is no backup
    public static long keysOf(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return TableFormat.readHead(new Tee(in, null)).mark().keys();
        } catch (StorageException damaged) {
            throw new IOException("not a backup: " + damaged.getMessage(), damaged);
        }
    }

    private static View.Visitor counting(LongConsumer progress) {
        long[] keys = {0};
        return (_, _) -> {
            if (++keys[0] % 10_000 == 0) progress.accept(keys[0]);
            return true;
        };
    }

    private static Summary read(Tee in, View.Visitor visitor) throws IOException {
        try {
            var head = TableFormat.read(in, visitor);
            if (in.read(1).length > 0)
                throw new DamagedException("something follows its end", null);
            var origin = SnapshotHead.decode(head.origin());
            var list = Membership.decode(origin.membership().payload());
            return new Summary(list.cluster(), head.mark(), in.bytes);
        } catch (StorageException | IllegalArgumentException damaged) {
            throw new DamagedException(String.valueOf(damaged.getMessage()), damaged);
        }
    }

    /// Founds a new cluster of one node, with a new cluster ID, from a backup. What an earlier call left that was killed
    /// is known by a note in the folder, and goes first.
    ///
    /// @throws StartException if there is anything else in the folder already, or the backup is damaged; then nothing of
    ///                        it is there afterwards
    public static Summary restore(Path file, ServerConfig config, Founding as,
            LongConsumer progress) throws StartException {
        var dir = config.dir();
        var told = config.toldOfNew();
        refuseNode(dir);
        var founding = Bootstrap.founding(List.of(new Founder(dir, as.name(), told.http(),
                told.peer())), as.voters());
        try {
            DataFolder.beginRestore(dir);
            Folders.delete(dir.resolve(Tables.FOLDER));
            var summary = fillTables(file, config, founding, progress);
            // Last: where there is a log, there is a node.
            Bootstrap.makeLog(dir, new Identity(founding.members().getFirst().id(),
                    founding.cluster()), founding.bootstrapEntry(), FoundedTables.BASE);
            DataFolder.endRestore(dir);
            return summary;
        } catch (IOException | StorageException failed) {
            undo(dir);
            throw new StartException("cannot restore " + file + ": " + failed.getMessage(), failed);
        } catch (StartException refused) {
            undo(dir);
            throw refused;
        }
    }

    private static void refuseNode(Path dir) throws StartException {
        try {
            if (Bootstrap.isNode(dir)) {
                boolean done = DataFolder.isBeingRestored(dir);
                if (done) DataFolder.endRestore(dir);
                throw new StartException(dir + " holds a node already; "
                        + (done ? "an earlier restore has made it" : "nothing was changed"));
            }
            if (Files.exists(dir.resolve(Tables.FOLDER)) && !DataFolder.isBeingRestored(dir)) {
                throw new StartException(dir + " holds the tables of a node, and no log;"
                        + " nothing was changed");
            }
        } catch (IOException broken) {
            throw new StartException("cannot use " + dir + ": " + broken.getMessage(), broken);
        }
    }

    private static void undo(Path dir) {
        try {
            Folders.delete(dir.resolve(Tables.FOLDER));
            DataFolder.endRestore(dir);
        } catch (IOException left) {
            // The note says so, and the next try begins with this.
        }
    }

    private static Summary fillTables(Path file, ServerConfig config, Membership founding,
            LongConsumer progress) throws IOException, StartException {
        try (var tables = Tables.open(config.dir(), config.storage());
                var in = new BufferedInputStream(Files.newInputStream(file), COPY_BYTES);
                var restore = tables.storage().restore()) {
            var count = counting(progress);
            var summary = read(new Tee(in, null), (key, value) -> {
                restore.put(key, value);
                return count.visit(key, value);
            });
            FoundedTables.make(founding, tables.storage(), restore, summary.mark());
            return summary;
        }
    }

    /// Reads, counts, and writes what it reads.
    private static final class Tee implements TableFormat.Source {
        private final InputStream in;
        private final @Nullable FileChannel out;
        long bytes;

        Tee(InputStream in, @Nullable FileChannel out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public byte[] read(int count) throws IOException {
            var read = in.readNBytes(count);
            bytes += read.length;
            if (out != null) write(out, read);
            return read;
        }
    }
}
