package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.disk.Disk.DiskFullException;
import org.bellwether.log.LogStore.Room.Level;
import org.jspecify.annotations.Nullable;

/// The segment after the current one, made ahead of time: full size, all zeros, synced. With it a sync
/// changes no file size, which makes it about twice as fast, and a full disk shows here, where nothing is
/// lost by it, and not in the middle of a group.
///
/// It is also what is kept for a full disk. When less is free than the floor, the disk counts as full, but the spare may
/// still be made, down to half of the floor: the other half is for tables to be made durable, which lets the log be cut.
final class Spare {
    static final String NAME = "spare";
    /// To ask how much is free costs as much as to write a few entries, and as long as the spare lasts the log takes nothing.
    private static final int LOOKS_PER_QUESTION = 16;

    private final Disk disk;
    private final LogConfig config;
    private @Nullable DiskFile file;
    /// Zeros that were written and synced by this process. What an earlier one left is written over
    /// again: it may hold anything, but it takes no new space.
    private long filled;
    private boolean roomy;
    private int looks;

    Spare(Disk disk, LogConfig config) {
        this.disk = disk;
        this.config = config;
    }

    /// One slice. Called after every sync.
    ///
    /// @throws IOException for every failure but a full disk
    Level prepare() throws IOException {
        if (roomy && isReady() && ++looks % LOOKS_PER_QUESTION != 0) return Level.READY;
        var level = ask();
        roomy = level == Level.READY;
        return level;
    }

    private Level ask() throws IOException {
        try {
            var spare = open();
            long missing = config.segmentBytes() - Math.max(filled, spare.size());
            long left = disk.usableBytes() - missing;
            boolean full = left < config.freeFloorBytes();
            if (missing > 0 && left < config.freeFloorBytes() / 2) return Level.FULL;
            if (!isReady())
                fill(spare, Math.min(config.segmentBytes(), filled + config.prepareSliceBytes()));
            if (isReady()) return full ? Level.FULL : Level.READY;
            return full ? Level.FULL_PREPARING : Level.PREPARING;
        } catch (DiskFullException full) {
            return Level.FULL;
        }
    }

    boolean isReady() {
        return filled >= config.segmentBytes();
    }

    /// Makes all that is missing.
    ///
    /// @return whether the disk had room for it
    boolean finish() throws IOException {
        try {
            if (!isReady()) fill(open(), config.segmentBytes());
            return true;
        } catch (DiskFullException full) {
            return false;
        }
    }

    /// Turns the spare into a segment, durable with its name. Finishes it first if it is not ready.
    ///
    /// @throws DiskFullException if it was not ready and cannot be finished
    void become(SegmentHeader header) throws IOException {
        var spare = open();
        if (!isReady()) fill(spare, config.segmentBytes());
        spare.write(new ByteBuffer[]{header.encode()}, 0);
        spare.sync();
        close();
        disk.rename(NAME, header.name());
        disk.syncNames();
    }

    void close() throws IOException {
        filled = 0;
        if (file != null) {
            var closing = file;
            file = null;
            closing.close();
        }
    }

    private DiskFile open() throws IOException {
        if (file == null) {
            var opened = disk.open(NAME);
            if (opened.size() > config.segmentBytes()) { // of a run with larger segments
                opened.close();
                disk.delete(NAME);
                opened = disk.open(NAME);
            }
            file = opened;
            filled = 0;
        }
        return file;
    }

    private void fill(DiskFile spare, long to) throws IOException {
        Zeros.write(spare, filled, to);
        spare.sync();
        filled = to;
    }
}
