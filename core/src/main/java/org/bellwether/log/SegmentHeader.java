package org.bellwether.log;

import java.nio.ByteBuffer;
import org.bellwether.raft.Position;

/// The first bytes of a segment; `docs/formats.md` draws them. Written and synced before the segment gets
/// its name, and never changed: a header that cannot be read is damage, never a torn write.
///
/// @param baseOffset       what the first byte of this file is in the whole log
/// @param previous         position of the last entry before this segment
/// @param previousChecksum checksum of that entry's header: the chain goes on across files
/// @param fileBytes        how long the file was when it got its name, synced: it may grow, and never be shorter. 0 if
///                         it is not known, since an earlier program made it
record SegmentHeader(Identity identity, long baseOffset, Position previous, int previousChecksum,
        long fileBytes) {
    static final int BYTES = 80;

    private static final int MAGIC = 0x42577365; // "BWse"
    private static final int FIRST_INDEX = Block.BODY;
    private static final int BASE_OFFSET = 48;
    private static final int PREVIOUS_TERM = 56;
    private static final int PREVIOUS_CHECKSUM = 64;
    private static final int FILE_BYTES = 68;
    private static final String PREFIX = "log-";
    private static final int DIGITS = 20;

    long firstIndex() {
        return previous.index() + 1;
    }

    String name() {
        return PREFIX + String.format("%0" + DIGITS + "d", firstIndex());
    }

    static boolean isName(String name) {
        return name.startsWith(PREFIX);
    }

    /// First index of the segment with this name.
    static long firstIndex(String name) throws DamagedLogException {
        String digits = name.substring(PREFIX.length());
        boolean wellFormed = digits.length() == DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9') && digits.charAt(0) == '0';
        if (!wellFormed) throw new DamagedLogException(name, 0, "not the name of a segment");
        return Long.parseLong(digits);
    }

    ByteBuffer encode() {
        var block = Block.start(MAGIC, BYTES, identity);
        block.putLong(FIRST_INDEX, firstIndex()).putLong(BASE_OFFSET, baseOffset)
                .putLong(PREVIOUS_TERM, previous.term())
                .putInt(PREVIOUS_CHECKSUM, previousChecksum).putLong(FILE_BYTES, fileBytes);
        return Block.seal(block);
    }

    static SegmentHeader decode(ByteBuffer block, String name) throws DamagedLogException {
        int version = Block.version(block, MAGIC);
        if (version == 0)
            throw new DamagedLogException(name, 0, "the segment's header cannot be read");
        if (version != Block.VERSION || block.getShort(6) != BYTES) {
            throw new DamagedLogException(name, 0, "format version " + version
                    + "; this program reads version " + Block.VERSION);
        }
        long firstIndex = block.getLong(FIRST_INDEX);
        if (firstIndex < 1 || firstIndex != firstIndex(name)) {
            throw new DamagedLogException(name, FIRST_INDEX,
                    "the header says that the first index is " + firstIndex);
        }
        return new SegmentHeader(Block.identity(block), block.getLong(BASE_OFFSET),
                new Position(block.getLong(PREVIOUS_TERM), firstIndex - 1),
                block.getInt(PREVIOUS_CHECKSUM), block.getLong(FILE_BYTES));
    }
}
