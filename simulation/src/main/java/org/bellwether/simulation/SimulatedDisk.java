package org.bellwether.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.disk.Disk;
import org.jspecify.annotations.Nullable;

/// A folder as a program sees it and, beside it, what a loss of power would leave of it. Bytes become
/// durable by a sync of their file, names by a sync of the folder; what is not durable is kept, lost or torn
/// sector by sector, in any order.
final class SimulatedDisk implements Disk {
    private static final int SECTOR = 512;

    private final World world;
    private final Chance chance;
    private final int node;
    private final int latencyMicros;
    private final Map<String, Inode> names = new LinkedHashMap<>();
    private final List<NameChange> unsyncedNames = new ArrayList<>();
    private Map<String, Inode> durableNames = new LinkedHashMap<>();

    private int slowBy = 1;
    private long hangsUntil;
    private int failSyncIn = -1;
    private int failWriteIn = -1;
    private boolean full;
    private boolean fullUnannounced;
    /// Bytes of files that were deleted since it is full.
    private long freed;
    private boolean failed;
    private int operationsLeft = Integer.MAX_VALUE;

    private sealed interface NameChange {
        record Created(String name, Inode inode) implements NameChange {}

        record Renamed(String from, String to, Inode inode) implements NameChange {}

        record Deleted(String name, Inode inode) implements NameChange {}
    }

    private record Written(int at, byte[] bytes) {}

    private static final class Inode {
        byte[] live = new byte[0];
        byte[] durable = new byte[0];
        final List<Written> unsynced = new ArrayList<>();
    }

    /// The process is gone in the middle of a disk operation.
    static final class Stopped extends Error {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("the process is gone", null, false, false);
        }
    }

    /// @param latencyMicros what an operation takes, about
    SimulatedDisk(World world, Chance chance, int node, int latencyMicros) {
        this.world = world;
        this.chance = chance;
        this.node = node;
        this.latencyMicros = latencyMicros;
    }

    // Faults.

    long latency() {
        long micros = chance.between(latencyMicros / 4 + 1, latencyMicros * 2);
        return micros * World.MICRO * slowBy;
    }

    void slowDown(int factor) {
        slowBy = factor;
    }

    void hangUntil(long time) {
        hangsUntil = time;
    }

    long hangsUntil() {
        return hangsUntil;
    }

    /// The sync after so many more fails.
    void failSync(int after) {
        failSyncIn = after;
    }

    void failWrite(int after) {
        failWriteIn = after;
    }

    /// @param unannounced whether it says that there is room, as with a quota
    void fill(boolean unannounced) {
        full = true;
        fullUnannounced = unannounced;
        freed = 0;
    }

    boolean isFull() {
        return full;
    }

    void makeRoom() {
        full = false;
    }

    void heal() {
        slowBy = 1;
        hangsUntil = 0;
        failSyncIn = -1;
        failWriteIn = -1;
        full = false;
    }

    /// Whether it told the process of a failure that may have cost bytes.
    boolean hasFailed() {
        return failed;
    }

    void stopAfter(int operations) {
        operationsLeft = operations;
    }

    boolean hasStopped() {
        return operationsLeft < 0;
    }

    void goOn() {
        operationsLeft = Integer.MAX_VALUE;
    }

    /// A new process starts on what is there: the cache outlived the old one.
    void processDied() {
        failed = false;
    }

    /// What was not synced is kept, lost or torn.
    void losePower() {
        failed = false;
        boolean inOrder = chance.percent(50);
        int kept = chance.between(0, unsyncedNames.size());
        for (int i = 0; i < unsyncedNames.size(); i++) {
            if (inOrder ? i < kept : chance.percent(50))
                redo(unsyncedNames.get(i));
            else
                world.evidence().count(Evidence.Of.LOST_NAMES);
        }
        unsyncedNames.clear();
        names.clear();
        names.putAll(durableNames);
        int mood = chance.below(4);
        for (var inode : names.values()) {
            for (var written : inode.unsynced)
                survive(inode, written, mood);
            inode.unsynced.clear();
            inode.live = inode.durable.clone();
        }
    }

    /// Somebody has put an empty one in its place.
    void wipe() {
        failed = false;
        names.clear();
        durableNames.clear();
        unsyncedNames.clear();
    }

    /// What is in it now, for [#putBack].
    Map<String, byte[]> copy() {
        var copy = new LinkedHashMap<String, byte[]>();
        names.forEach((name, inode) -> copy.put(name, inode.live.clone()));
        return copy;
    }

    /// Somebody has put in its place what was there once.
    void putBack(Map<String, byte[]> copy) {
        wipe();
        copy.forEach((name, bytes) -> {
            var inode = new Inode();
            inode.live = bytes.clone();
            inode.durable = bytes.clone();
            names.put(name, inode);
        });
        durableNames = new LinkedHashMap<>(names);
    }

    private void redo(NameChange change) {
        switch (change) {
            case NameChange.Created(var name, var inode) -> durableNames.put(name, inode);
            case NameChange.Renamed(var from, var to, var inode) -> {
                durableNames.remove(from, inode);
                durableNames.put(to, inode);
            }
            case NameChange.Deleted(var name, var inode) -> durableNames.remove(name, inode);
        }
    }

    /// @param mood 0: all lost, 1: all kept, else each sector for itself
    private void survive(Inode inode, Written written, int mood) {
        int end = written.at() + written.bytes().length;
        int from = written.at();
        while (from < end) {
            int to = Math.min(end, (from / SECTOR + 1) * SECTOR);
            int fate = mood == 0 ? 0 : mood == 1 ? 1 : chance.below(5);
            if (fate == 0 || fate == 3) {
                world.evidence().count(Evidence.Of.LOST_WRITES);
            } else if (fate == 2) {
                int torn = chance.between(from, to);
                world.evidence().count(Evidence.Of.TORN_WRITES);
                keep(inode, written, from, torn);
            } else {
                world.evidence().count(Evidence.Of.KEPT_WRITES);
                keep(inode, written, from, to);
            }
            from = to;
        }
    }

    private static void keep(Inode inode, Written written, int from, int to) {
        if (to > inode.durable.length) inode.durable = Arrays.copyOf(inode.durable, to);
        System.arraycopy(written.bytes(), from - written.at(), inode.durable, from, to - from);
    }

    private void operation(String what) {
        if (--operationsLeft < 0) throw new Stopped();
        world.note(node, what, null, 0);
    }

    // The folder.

    @Override
    public List<String> names() {
        return names.keySet().stream().sorted().toList();
    }

    @Override
    public DiskFile open(String name) {
        var inode = names.get(name);
        if (inode == null) {
            operation("disk create");
            inode = new Inode();
            names.put(name, inode);
            unsyncedNames.add(new NameChange.Created(name, inode));
        }
        return new OpenFile(inode);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        operation("disk rename");
        var inode = names.remove(from);
        if (inode == null) throw new IOException("no file " + from);
        names.put(to, inode);
        unsyncedNames.add(new NameChange.Renamed(from, to, inode));
    }

    @Override
    public void delete(String name) throws IOException {
        operation("disk delete");
        var inode = names.remove(name);
        if (inode == null) throw new IOException("no file " + name);
        freed += inode.live.length;
        unsyncedNames.add(new NameChange.Deleted(name, inode));
    }

    @Override
    public void syncNames() throws IOException {
        operation("disk sync names");
        failSyncNow();
        durableNames = new LinkedHashMap<>(names);
        unsyncedNames.clear();
    }

    @Override
    public long usableBytes() {
        return full && !fullUnannounced ? freed : 1L << 30;
    }

    private void failSyncNow() throws IOException {
        if (failSyncIn >= 0 && failSyncIn-- == 0) {
            failed = true;
            world.evidence().count(Evidence.Of.FAILED_SYNCS);
            throw new IOException("simulated: sync failed");
        }
    }

    private final class OpenFile implements DiskFile {
        private final Inode inode;

        OpenFile(Inode inode) {
            this.inode = inode;
        }

        @Override
        public long size() {
            return inode.live.length;
        }

        @Override
        public int read(ByteBuffer into, long at) {
            int from = Math.toIntExact(Math.min(at, inode.live.length));
            int count = Math.min(into.remaining(), inode.live.length - from);
            into.put(inode.live, from, count);
            return count;
        }

        @Override
        public void write(ByteBuffer[] from, long at) throws IOException {
            operation("disk write");
            byte[] bytes = gather(from);
            if (failWriteIn >= 0 && failWriteIn-- == 0) {
                failed = true;
                world.evidence().count(Evidence.Of.FAILED_WRITES);
                put(Arrays.copyOf(bytes, chance.between(0, bytes.length)), at);
                throw new IOException("simulated: write failed");
            }
            long grows = Math.max(0, at + bytes.length - inode.live.length);
            if (full && grows > freed) {
                world.evidence().count(Evidence.Of.REFUSED_FOR_SPACE);
                put(Arrays.copyOf(bytes, chance.between(0, bytes.length)), at);
                throw new DiskFullException("simulated: no space left");
            }
            freed -= Math.min(freed, grows);
            put(bytes, at);
        }

        private static byte[] gather(ByteBuffer[] from) {
            int total = 0;
            for (var buffer : from)
                total += buffer.remaining();
            byte[] bytes = new byte[total];
            int filled = 0;
            for (var buffer : from) {
                int count = buffer.remaining();
                buffer.get(bytes, filled, count);
                filled += count;
            }
            return bytes;
        }

        private void put(byte[] bytes, long at) {
            int end = Math.toIntExact(at + bytes.length);
            if (end > inode.live.length) inode.live = Arrays.copyOf(inode.live, end);
            System.arraycopy(bytes, 0, inode.live, (int) at, bytes.length);
            inode.unsynced.add(new Written((int) at, bytes));
        }

        @Override
        public void sync() throws IOException {
            operation("disk sync");
            failSyncNow();
            for (var written : inode.unsynced)
                keep(inode, written, written.at(), written.at() + written.bytes().length);
            inode.unsynced.clear();
        }

        @Override
        public void close() {}
    }

    /// For tests: what a name holds now.
    byte @Nullable [] content(String name) {
        var inode = names.get(name);
        return inode == null ? null : inode.live.clone();
    }
}
