package org.bellwether.server;

import org.bellwether.api.RespAddresses;
import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;

import org.jspecify.annotations.Nullable;

/// Makes nodes. Founds clusters: makes the bootstrap record, and writes it into the folder of every founding
/// node as the first entry of its log. Makes newcomers of an existing cluster, whose log begins alike.
public final class Bootstrap {
    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    private Bootstrap() {}

    /// A node that is there from the beginning.
    ///
    /// @param resp where Redis clients reach it
    public record Founder(Path dir, String name, Address http, Address peer,
            RespAddresses resp) {
        public Founder(Path dir, String name, Address http, Address peer) {
            this(dir, name, http, peer, RespAddresses.NONE);
        }
    }

    /// Unique, and sortable by the time of this call.
    static NodeId newId() {
        return new NodeId(IDS.generate());
    }

    /// Whether there is a node in the folder already.
    public static boolean isNode(Path dir) throws StartException {
        if (DataFolder.isEmpty(dir)) return false;
        var disk = DataFolder.open(dir);
        try {
            return SegmentedLog.exists(disk);
        } catch (IOException broken) {
            throw new StartException("cannot use " + dir + ": " + broken.getMessage(), broken);
        } finally {
            DataFolder.close(disk);
        }
    }

    /// By what a newcomer with this folder asks to be let in.
    public static UUID nonce(ServerConfig config) throws StartException {
        // Once the newcomer is let in, it is too late to be refused.
        var _ = config.toldOfNew();
        refuseTablesWithoutLog(config.dir());
        Listening.refuseIfTaken(config);
        return new SeatFile(config.dir()).nonce();
    }

    /// Makes the node that the leader has let in.
    ///
    /// @param bootstrap the first entry of the cluster's log
    /// @param members   all nodes, the newcomer included
    public static void join(Path dir, NodeId self, ClusterId cluster, byte[] bootstrap,
            List<Member> members) throws StartException {
        try {
            if (isNode(dir)) throw new StartException(dir + " holds a node already");
            var first = Membership.decode(bootstrap);
            if (!first.cluster().equals(cluster)) {
                throw new StartException("the log that is offered is of cluster " + first.cluster()
                        + ", not of " + cluster);
            }
            new SeatFile(dir).keep(new Membership(cluster, members));
            makeLog(dir, new Identity(self, cluster), Membership.bootstrapEntry(bootstrap), null);
            new SeatFile(dir).forgetNonce();
        } catch (IOException | IllegalArgumentException broken) {
            throw new StartException("cannot make a node: " + broken.getMessage(), broken);
        }
    }

    /// Founds a cluster of one with the addresses of this configuration.
    ///
    /// @param voters how many it strives for
    public static ClusterId single(ServerConfig config, String name, int voters)
            throws StartException {
        var told = config.toldOfNew();
        // Before anything is written, so that the same command can simply be given again.
        Listening.refuseIfTaken(config);
        return found(List.of(new Founder(config.dir(), name, told.http(), told.peer(),
                told.resp())), voters);
    }

    /// Founds a cluster of these nodes, all of which have a vote.
    ///
    /// @throws StartException if a folder holds a node already; nothing was written then
    public static ClusterId found(List<Founder> founders) throws StartException {
        return found(founders, Math.max(Membership.VOTERS_TARGET, founders.size()));
    }

    /// @param voters how many the cluster strives for: so many of these nodes have a vote, the first ones
    public static ClusterId found(List<Founder> founders, int voters) throws StartException {
        var founding = founding(founders, voters);
        var disks = new ArrayList<FolderDisk>();
        try {
            for (var founder : founders) {
                refuseTablesWithoutLog(founder.dir());
                disks.add(openEmpty(founder.dir()));
            }
            var record = founding.bootstrapEntry();
            for (int i = 0; i < founders.size(); i++) {
                SegmentedLog.create(disks.get(i), LogConfig.DEFAULT,
                        new Identity(founding.members().get(i).id(), founding.cluster()),
                        record);
            }
            return founding.cluster();
        } catch (IOException broken) {
            throw new StartException("cannot make a node: " + broken.getMessage(), broken);
        } finally {
            disks.forEach(DataFolder::close);
        }
    }

    private static void refuseTablesWithoutLog(Path dir) throws StartException {
        if (isNode(dir)) return;
        if (DataFolder.isBeingRestored(dir)) throw restoring(dir);
        if (Files.exists(dir.resolve(Tables.FOLDER))) {
            throw new StartException(dir
                    + " holds the tables of a node, and no log; nothing was changed. If its log is lost,"
                    + " it can only be removed from its cluster, and join with an empty folder");
        }
    }

    static StartException restoring(Path dir) {
        return new StartException("a restore into " + dir
                + " was begun, and not ended: give it again; nothing was changed");
    }

    /// The list of nodes of a new cluster.
    ///
    /// @throws StartException if a node's name is none
    static Membership founding(List<Founder> founders, int voters) throws StartException {
        var members = new ArrayList<Member>();
        for (var founder : founders) {
            var refusal = Limits.checkName(founder.name());
            if (refusal != null) throw new StartException(refusal.what());
            members.add(new Member(newId(), founder.name(), members.size() < voters,
                    founder.peer(), founder.http(), founder.resp()));
        }
        return new Membership(new ClusterId(IDS.generate()), members).withVotersTarget(voters);
    }

    /// @param base where it begins, behind tables that are there already: without them it is nothing; null for the
    ///             whole log
    static void makeLog(Path dir, Identity identity, Entry bootstrap, @Nullable Position base)
            throws StartException {
        FolderDisk disk = null;
        try {
            disk = openEmpty(dir);
            SegmentedLog.create(disk, LogConfig.DEFAULT, identity, bootstrap);
            // A crash before this is mended by the next start, which finds the tables ahead.
            if (base != null) begin(disk, identity, base, bootstrap);
        } catch (IOException broken) {
            throw new StartException("cannot make a node: " + broken.getMessage(), broken);
        } finally {
            if (disk != null) DataFolder.close(disk);
        }
    }

    private static void begin(FolderDisk disk, Identity identity, Position base, Entry membership)
            throws IOException {
        try (var log = new SegmentedLog(disk, LogConfig.DEFAULT, identity)) {
            log.open();
            log.restart(base, membership);
        }
    }

    private static FolderDisk openEmpty(Path dir) throws StartException, IOException {
        var disk = DataFolder.open(dir);
        if (SegmentedLog.exists(disk)) {
            DataFolder.close(disk);
            throw new StartException(dir + " holds a node already");
        }
        return disk;
    }
}
