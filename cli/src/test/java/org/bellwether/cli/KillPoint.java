package org.bellwether.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Places in the program at which a process may die, each between two steps of which the second must not be taken
/// for granted. The place is where the method *begins*, when it was called by the caller (from anywhere, if that is
/// empty) for the n-th time since it was armed.
enum KillPoint {
    LOG_WRITTEN_NOT_SYNCED(Scene.WRITING, Who.FOLLOWER, "log.SegmentedLog.sync", "",
            "a group is in the log's file, and nobody has said that it is on the disk"), LEADER_SYNCED_TOLD_NOBODY(
                    Scene.WRITING, Who.LEADER, "node.LogWriter.batchSynced", "",
                    "a group is on the leader's disk; neither its core nor anybody else knows"), FOLLOWER_SYNCED_NOT_ACKNOWLEDGED(
                            Scene.WRITING, Who.FOLLOWER, "node.LogWriter.batchSynced", "",
                            "a group is on a follower's disk, and the leader has not been told"), LEADER_COMMITS(
                                    Scene.WRITING, Who.LEADER, "raft.Raft.commitThrough",
                                    "raft.Leader.advanceCommit",
                                    "a majority has it, the leader knows: no follower does, and no client"), FOLLOWER_APPLIES(
                                            Scene.WRITING, Who.FOLLOWER,
                                            "storage.rocksdb.RocksStorage.commit",
                                            "machine.Turn.commit",
                                            "the outcomes are known, the tables have not changed"), LEADER_APPLIED_ANSWERED_NOBODY(
                                                    Scene.WRITING, Who.LEADER,
                                                    "node.AppendedWrites.applied",
                                                    "node.Writes.applied",
                                                    "the leader's tables have it, and no client was answered"),

    VOTE_BETWEEN_ITS_COPIES(Scene.HANDING_OVER, Who.FOLLOWER, "log.BallotFile.writeSlot",
            "log.BallotFile.write", 2,
            "one of the two copies of the ballot is new"), VOTE_CAST_NOT_KEPT(Scene.HANDING_OVER,
                    Who.FOLLOWER, "raft.Raft.cast",
                    "raft.Raft.voteRequested", "a vote is about to be given"), LEADER_HANDS_OVER(
                            Scene.HANDING_OVER, Who.LEADER, "raft.Leader.startTransfer", "",
                            "the leader was told to hand over, and has told nobody"), SUCCESSOR_WAS_TOLD(
                                    Scene.HANDING_OVER, Who.SUCCESSOR, "raft.Raft.campaign",
                                    "raft.Follower.received",
                                    "the leader takes no more writes; its successor dies"), NEW_LEADER_TAKES_OFFICE(
                                            Scene.HANDING_OVER, Who.SUCCESSOR,
                                            "raft.Leader.takeOffice", "",
                                            "elected, and its term has no entry yet"),

    LIST_APPENDED(Scene.LISTS, Who.LEADER, "raft.Raft.appendToLog", "raft.Leader.reconfigure",
            "a new list of nodes is about to go into the leader's log"), LIST_TAKEN_OVER(
                    Scene.LISTS, Who.FOLLOWER, "raft.Membership.decode", "raft.RaftLog.append",
                    "a new list of nodes is in effect with its leader, and comes into a follower's log"), LIST_APPLIED(
                            Scene.LISTS, Who.LEADER, "node.Cluster.settle", "node.Node.perform",
                            "the list is committed, and whoever asked for it has no answer"),

    STARTING_BALLOT_REPAIR(Scene.STARTING, Who.FOLLOWER, "log.BallotFile.repair", "",
            "the log was read, and is being made durable as it was found"), STARTING_REPLAY(
                    Scene.STARTING, Who.FOLLOWER, "storage.rocksdb.RocksStorage.commit",
                    "machine.Turn.commit", 10,
                    "some of the log was applied to tables that were behind"), STARTING_READY(
                            Scene.STARTING, Who.FOLLOWER, "node.Node.takePart", "",
                            "all that is known to be committed is applied, and no peer has heard of this node"),

    SEGMENT_MADE_NOT_USED(Scene.ROLLING, Who.FOLLOWER, "log.SegmentedLog.closeActive",
            "log.SegmentedLog.roll",
            "the next segment has its name, and holds nothing"), FLUSH_BEGINS(Scene.ROLLING,
                    Who.FOLLOWER, "storage.rocksdb.Database.flush",
                    "storage.rocksdb.RocksStorage.flush",
                    "tables are to be made durable"), GENERATION_NOT_IN_TABLES(Scene.ROLLING,
                            Who.FOLLOWER,
                            "storage.rocksdb.Database.write", "storage.rocksdb.Database.drain",
                            "commits that were seen are about to be given to RocksDB"), TABLES_ON_DISK_NOT_COUNTING(
                                    Scene.ROLLING,
                                    Who.FOLLOWER, "storage.rocksdb.TablesFolder.activate",
                                    "storage.rocksdb.RocksStorage.flush",
                                    "all of the tables is on the disk, but no"
                                            + " file says that they count"), TABLES_NAMED_NOT_SYNCED(
                                                    Scene.ROLLING, Who.FOLLOWER,
                                                    "storage.rocksdb.TablesFolder.sync",
                                                    "storage.rocksdb.TablesFolder.activate", 2,
                                                    "the file that says so has its name"), BASE_NOT_WRITTEN(
                                                            Scene.ROLLING, Who.FOLLOWER,
                                                            "log.LogBase.write",
                                                            "log.SegmentedLog.removeFirst",
                                                            "the tables are durable, the log is still whole"), BASE_NOT_NAMED(
                                                                    Scene.ROLLING, Who.FOLLOWER,
                                                                    "disk.FolderDisk.rename",
                                                                    "log.LogBase.write",
                                                                    "where the log is to begin is written, under another name"), BASE_NAMED_NOTHING_DELETED(
                                                                            Scene.ROLLING,
                                                                            Who.FOLLOWER,
                                                                            "log.SegmentedLog.deleteAll",
                                                                            "log.SegmentedLog.removeFirst",
                                                                            "the log begins later than its files do"),

    NEWCOMER_LET_IN_NOT_TOLD(Scene.JOINING, Who.NEWCOMER, "server.Bootstrap.join", "",
            "the leader has let it in, and it has kept nothing but its nonce"), NEWCOMER_SEATED_WITHOUT_LOG(
                    Scene.JOINING, Who.NEWCOMER, "server.Bootstrap.makeLog",
                    "server.Bootstrap.join", "it knows who it is, and has no log"),

    SNAPSHOT_PART_LEAVES(Scene.SNAPSHOT, Who.LEADER, "node.SnapshotSource.send", "", 3,
            "a part was read, and is about to be sent"), SNAPSHOT_PART_STORED(Scene.SNAPSHOT,
                    Who.FOLLOWER, "storage.rocksdb.RocksRestore.put", "", 10,
                    "some of a snapshot is in a folder that does not count"), SNAPSHOT_INGESTED(
                            Scene.SNAPSHOT, Who.FOLLOWER, "storage.rocksdb.Database.write",
                            "storage.rocksdb.Database.ingest",
                            "the files are the new tables', its mark is not"), SNAPSHOT_INSTALLED(
                                    Scene.SNAPSHOT, Who.FOLLOWER,
                                    "storage.rocksdb.TablesFolder.activate",
                                    "storage.rocksdb.RocksStorage.flush",
                                    "served already; a crash brings the old ones back"), SNAPSHOT_DURABLE_LOG_OLD(
                                            Scene.SNAPSHOT, Who.FOLLOWER,
                                            "log.SegmentedLog.restart", "",
                                            "the tables are ahead of the log"), LOG_TO_BEGIN_ANEW(
                                                    Scene.SNAPSHOT, Who.FOLLOWER,
                                                    "log.SegmentedLog.finishRestart", "",
                                                    "the log is to begin anew; all its old segments are there"), LOG_ANEW_NOT_FINISHED(
                                                            Scene.SNAPSHOT, Who.FOLLOWER,
                                                            "log.LogBase.finished", "",
                                                            "an empty log is there, and still said to be in the making");

    /// What makes a node come there.
    enum Scene {
        /// Clients write.
        WRITING,
        /// Leadership is handed over.
        HANDING_OVER,
        /// The list of nodes changes.
        LISTS,
        /// It is started again.
        STARTING,
        /// So much is written that the tables are made durable and the log loses its beginning. One after the other
        /// on the same node: what a kill put off is done at the next start.
        ROLLING,
        /// It joins. One after the other in the same folder.
        JOINING,
        /// It was away for too long, and gets a snapshot. One after the other on the same node.
        SNAPSHOT;

        List<KillPoint> points() {
            return Arrays.stream(KillPoint.values()).filter(each -> each.scene == this).toList();
        }
    }

    /// Which node dies.
    enum Who {
        LEADER, FOLLOWER,
        /// A follower, which is to lead next.
        SUCCESSOR,
        /// No node before.
        NEWCOMER
    }

    private static final String ROOM = "org.bellwether.";

    final Scene scene;
    final Who who;
    final String type;
    final String method;
    /// Class and method; empty if it does not matter.
    final String caller;
    final int times;
    private final String meaning;

    KillPoint(Scene scene, Who who, String place, String caller, String meaning) {
        this(scene, who, place, caller, 1, meaning);
    }

    KillPoint(Scene scene, Who who, String place, String caller, int times, String meaning) {
        this.scene = scene;
        this.who = who;
        this.type = typeOf(place);
        this.method = methodOf(place);
        this.caller = caller.isEmpty() ? "" : ROOM + caller;
        this.times = times;
        this.meaning = meaning;
    }

    private static String typeOf(String place) {
        return ROOM + place.substring(0, place.lastIndexOf('.'));
    }

    private static String methodOf(String place) {
        return place.substring(place.lastIndexOf('.') + 1);
    }

    String text() {
        return type + "." + method + (caller.isEmpty() ? "" : " called by " + caller) + ": "
                + meaning;
    }

    String whyItCannotBeReached() {
        return "there is no " + text() + " any more, where a process was to be killed; if it was"
                + " renamed or moved, name the new place in KillPoint." + this;
    }

    /// Whether there are methods of these names; their bodies are not looked at.
    boolean isInTheProgram() {
        return has(type, method) && (caller.isEmpty() || has(
                caller.substring(0, caller.lastIndexOf('.')), methodOf(caller)));
    }

    private static boolean has(String type, String method) {
        try {
            var loaded = Class.forName(type, false, KillPoint.class.getClassLoader());
            return Stream.of(loaded.getDeclaredMethods())
                    .anyMatch(each -> each.getName().equals(method));
        } catch (ClassNotFoundException gone) {
            return false;
        }
    }
}
