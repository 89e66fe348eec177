package org.bellwether.log;

import org.bellwether.disk.Disk;

/// How a log uses its folder. May differ from node to node and from run to run.
///
/// @param segmentBytes      size of one segment file; the log never removes less than one
/// @param freeFloorBytes    with less than this free on the file system the log says [full][LogStore.Room#isFull]
/// @param prepareSliceBytes written and synced by one call of [LogStore#prepare]: how long a group may
///                          have to wait behind it
public record LogConfig(int segmentBytes, long freeFloorBytes, int prepareSliceBytes) {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    public static final LogConfig DEFAULT = new LogConfig(32 * MIB, 64L * MIB, 256 * KIB);

    public LogConfig {
        require(segmentBytes >= 4 * KIB && segmentBytes <= 1024 * MIB,
                "segmentBytes must be between 4 KiB and 1 GiB");
        require(segmentBytes % Disk.BLOCK_BYTES == 0,
                "segmentBytes must be a multiple of " + Disk.BLOCK_BYTES);
        require(freeFloorBytes >= 0, "freeFloorBytes must not be negative");
        require(prepareSliceBytes >= 512 && prepareSliceBytes <= 64 * MIB,
                "prepareSliceBytes must be between 512 bytes and 64 MiB");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }
}
