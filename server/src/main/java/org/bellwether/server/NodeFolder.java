package org.bellwether.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.log.DamagedLogException;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.Recovered;
import org.bellwether.log.SegmentedLog;
import org.bellwether.api.RemovedException;
import org.bellwether.node.Seat;
import org.bellwether.raft.Membership;
import org.bellwether.storage.Storage;
import org.jspecify.annotations.Nullable;

/// A node's folder, taken for this process, with its log open and the thread that alone touches it.
final class NodeFolder implements AutoCloseable {
    private static final long CLOSING_SECONDS = 3;

    private final Path dir;
    private final FolderDisk folder;
    private final ExecutorService disk;
    private final Identity identity;
    private final OpenedLog log;
    private final Tables tables;
    private final ExecutorService background;
    private final Address http;
    private final Address peer;
    private final Seat seat;

    private NodeFolder(ServerConfig config, FolderDisk folder, ExecutorService disk,
            Identity identity, OpenedLog log) throws StartException {
        this.dir = config.dir();
        this.folder = folder;
        this.disk = disk;
        this.identity = identity;
        this.log = log;
        var listed = seat(dir, identity, log.recovered());
        this.http = config.http() == null ? listed.self().http() : config.http();
        this.peer = config.peer() == null ? listed.self().peer() : config.peer();
        this.seat = at(config.told(http, peer), listed);
        TablesOwner.require(dir.resolve(Tables.FOLDER), identity.cluster());
        this.tables = tables(dir, config);
        this.background = thread("background");
    }

    /// As the last list of nodes has it; if that leaves the node out and may yet be taken back, as an earlier
    /// one has it; and for a newcomer, as it was told.
    private static Seat seat(Path dir, Identity identity, Recovered recovered)
            throws StartException {
        var latest = Membership.decode(recovered.memberships().getLast().payload());
        if (!latest.cluster().equals(identity.cluster())) {
            throw new StartException(dir + " belongs to cluster " + identity.cluster()
                    + ", but its log to cluster " + latest.cluster());
        }
        boolean settled = recovered.memberships().getLast().index() <= recovered.commitIndex();
        if (DataFolder.wasRemoved(dir) || settled && latest.wasRemoved(identity.node())) {
            var removed = new RemovedException(identity.node());
            throw new StartException(
                    removed.getMessage() + "; nothing in " + dir + " is needed any more", removed);
        }
        for (var entry : recovered.memberships().reversed()) {
            var listed = Membership.decode(entry.payload()).find(identity.node());
            if (listed != null) return new Seat(listed, latest.members());
        }
        var kept = kept(dir, identity);
        if (kept != null) return kept;
        throw new StartException(dir + " belongs to node " + identity.node()
                + ", which its own list of nodes does not have");
    }

    /// It may be started at other addresses than it had; then the list of nodes follows.
    private static Seat at(ServerConfig.Told told, Seat seat) {
        return new Seat(seat.self().at(told.peer(), told.http(), told.resp()), seat.contacts());
    }

    private static @Nullable Seat kept(Path dir, Identity identity) throws StartException {
        try {
            return new SeatFile(dir).read(identity);
        } catch (IOException | IllegalArgumentException broken) {
            throw new StartException("cannot start from " + dir + ": " + broken.getMessage(),
                    broken);
        }
    }

    private static Tables tables(Path dir, ServerConfig config) throws StartException {
        try {
            return Tables.open(dir, config.storage());
        } catch (StartException refused) {
            if (refused.getCause() == null) throw refused;
            throw new StartException(refused.getMessage() + WhatToDo.after(refused.getCause()),
                    refused.getCause());
        }
    }

    /// @throws StartException if there is no node in it, it is in use, or the log is not fit
    static NodeFolder open(ServerConfig config) throws StartException {
        var dir = config.dir();
        if (DataFolder.isEmpty(dir)) throw nobody(dir);
        var folder = DataFolder.open(dir);
        var disk = thread("disk");
        try {
            if (!SegmentedLog.exists(folder)) throw nobody(dir);
            var identity = SegmentedLog.identify(folder);
            var log = new SegmentedLog(folder, LogConfig.DEFAULT, identity);
            OpenedLog opened;
            try (var _ = Tables.reserve(dir)) {
                opened = new OpenedLog(log, disk.<Recovered>submit(log::open).get());
            }
            DataFolder.warnOfTornTail(folder, log);
            var node = new NodeFolder(config, folder, disk, identity, opened);
            DataFolder.writePid(dir);
            new SeatFile(dir).forgetNonce();
            return node;
        } catch (StartException refused) {
            release(folder, disk);
            throw refused;
        } catch (IOException unfit) {
            release(folder, disk);
            throw refusal(dir, unfit);
        } catch (ExecutionException unfit) {
            release(folder, disk);
            throw refusal(dir, unfit.getCause() == null ? unfit : unfit.getCause());
        } catch (InterruptedException ended) {
            release(folder, disk);
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", ended);
        }
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name(name).daemon().unstarted(task));
    }

    private static StartException nobody(Path dir) {
        if (DataFolder.isBeingRestored(dir)) return Bootstrap.restoring(dir);
        return new StartException("there is no node in " + dir
                + "; --new founds a new cluster, --join makes it a node of an existing one");
    }

    private static StartException refusal(Path dir, Throwable unfit) {
        return new StartException(unfit instanceof DamagedLogException
                ? "the log in " + dir + " is damaged, nothing was changed: " + unfit.getMessage()
                        + WhatToDo.after(unfit)
                : "cannot start from " + dir + ": " + unfit.getMessage() + WhatToDo.after(unfit),
                unfit);
    }

    /// The node must not be started again. Should this fail, it is told again when it is.
    void keepRemoval(RemovedException why) throws IOException {
        DataFolder.writeRemoved(dir, String.valueOf(why.getMessage()));
    }

    /// Has the tables say whose they are, if they do not yet; once they have met the log, since they may not be.
    ///
    /// @throws IOException if that cannot be written, as on a full disk; the next start does it
    void claimTables() throws IOException {
        var folder = dir.resolve(Tables.FOLDER);
        if (TablesOwner.read(folder) == null) TablesOwner.write(folder, identity.cluster());
    }

    Identity identity() {
        return identity;
    }

    Seat seat() {
        return seat;
    }

    /// Where it listens for HTTP clients.
    Address http() {
        return http;
    }

    /// Where it listens for other nodes.
    Address peer() {
        return peer;
    }

    /// As it is to be in the list of nodes.
    Member self() {
        return seat.self();
    }

    ExecutorService disk() {
        return disk;
    }

    ExecutorService background() {
        return background;
    }

    Storage storage() {
        return tables.storage();
    }

    OpenedLog log() {
        return log;
    }

    /// Lets others use the folder. The log was closed before, on the disk thread, or is left as it is after a
    /// failure.
    @Override
    public void close() {
        background.shutdown();
        release(folder, disk);
        try {
            if (background.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) tables.close();
        } catch (IOException broken) {
            throw new UncheckedIOException("cannot let go of the tables in " + dir, broken);
        } catch (InterruptedException ended) {
            // The folder is let go of when the process ends.
            Thread.currentThread().interrupt();
        }
        DataFolder.deletePid(dir);
    }

    private static void release(FolderDisk folder, ExecutorService disk) {
        disk.shutdown();
        try {
            if (disk.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) DataFolder.close(folder);
        } catch (InterruptedException ended) {
            // The folder is let go of when the process ends.
            Thread.currentThread().interrupt();
        }
    }
}
