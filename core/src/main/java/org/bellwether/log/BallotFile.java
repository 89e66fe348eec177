package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.raft.Ballot;
import org.jspecify.annotations.Nullable;

/// The file that remembers a node's vote. Two copies, each in a sector of its own and each synced before
/// the other is touched: a write that tears leaves the older copy, and damage to one copy forgets nothing.
final class BallotFile implements AutoCloseable {
    static final String NAME = "ballot";
    /// Far enough apart to share no sector of any disk.
    static final int SLOT_DISTANCE = 4096;

    private static final int SLOTS = 2;
    private static final int BYTES = SLOTS * SLOT_DISTANCE;
    static final String STRANGE = "a ballot file has " + BYTES
            + " bytes, and all but its two copies is zero";

    private final DiskFile file;
    private BallotSlot newest;
    /// Which copies are not the newest one.
    private final boolean[] stale;
    private final long strangeAt;

    private BallotFile(DiskFile file, BallotSlot newest, boolean[] stale, long strangeAt) {
        this.file = file;
        this.newest = newest;
        this.stale = stale;
        this.strangeAt = strangeAt;
    }

    static void create(Disk disk, String name, BallotSlot initial) throws IOException {
        try (var file = disk.open(name)) {
            Zeros.write(file, 0, BYTES);
            var slot = initial.encode();
            for (int i = 0; i < SLOTS; i++) {
                file.write(new ByteBuffer[]{slot.duplicate()}, (long) i * SLOT_DISTANCE);
            }
            file.sync();
        }
    }

    /// Reads the newer of the two copies; changes nothing. Two processes that both vote would be two nodes in one.
    static BallotFile open(Disk disk) throws IOException {
        var file = disk.openAlone(NAME);
        try {
            var slots = new @Nullable BallotSlot[SLOTS];
            BallotSlot newest = null;
            for (int i = 0; i < SLOTS; i++) {
                var slot = read(file, i);
                slots[i] = slot;
                if (slot != null && (newest == null || slot.sequence() > newest.sequence()))
                    newest = slot;
            }
            if (newest == null) {
                throw new DamagedLogException(NAME, 0,
                        "neither copy of the ballot can be read; this node may have voted,"
                                + " and cannot know for whom");
            }
            var stale = new boolean[SLOTS];
            for (int i = 0; i < SLOTS; i++) {
                stale[i] = !newest.equals(slots[i]);
            }
            return new BallotFile(file, newest, stale, strangeAt(file));
        } catch (IOException refused) {
            file.close();
            throw refused;
        }
    }

    private static @Nullable BallotSlot read(DiskFile file, int slot) throws IOException {
        var block = ByteBuffer.allocate(Block.BYTES_MAX);
        long at = (long) slot * SLOT_DISTANCE;
        file.read(block, at);
        block.flip();
        int version = Block.version(block, BallotSlot.MAGIC);
        if (version != 0 && version != Block.VERSION) {
            throw new DamagedLogException(NAME, at, "format version " + version
                    + "; this program reads version " + Block.VERSION);
        }
        return BallotSlot.decode(block);
    }

    private static long strangeAt(DiskFile file) throws IOException {
        var all = ByteBuffer.allocate(BYTES);
        int there = file.read(all, 0);
        for (int at = 0; at < there; at++) {
            if (at % SLOT_DISTANCE >= BallotSlot.BYTES && all.get(at) != 0) return at;
        }
        return file.size() == BYTES ? -1 : there;
    }

    /// Where the file is as no node has written it, beside its copies; -1 if it is not.
    long strangeAt() {
        return strangeAt;
    }

    /// No checksum covers what is beside the copies, but it is known.
    void refuseStrange() throws DamagedLogException {
        if (strangeAt >= 0) throw new DamagedLogException(NAME, strangeAt, STRANGE);
    }

    BallotSlot slot() {
        return newest;
    }

    Ballot ballot() {
        return newest.ballot();
    }

    /// Where the copy stands that is older than the other, or bad; -1 if both are the same.
    long staleCopyAt() {
        for (int i = 0; i < SLOTS; i++) {
            if (stale[i]) return (long) i * SLOT_DISTANCE;
        }
        return -1;
    }

    /// Replaces both copies; durable when it returns.
    void write(BallotSlot slot) throws IOException {
        newest = slot;
        // A copy that is bad already goes first: at no time may there be no good one.
        int first = stale[0] || !stale[1] ? 0 : 1;
        writeSlot(first);
        writeSlot(1 - first);
        stale[0] = false;
        stale[1] = false;
    }

    /// Makes both copies the same again after a crash between them, or damage to one. Also makes the newer
    /// one durable: it may have been read from memory that never reached the disk.
    void repair() throws IOException {
        file.sync();
        if (stale[0] || stale[1]) write(newest);
    }

    private void writeSlot(int slot) throws IOException {
        file.write(new ByteBuffer[]{newest.encode()}, (long) slot * SLOT_DISTANCE);
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
