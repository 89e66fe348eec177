package org.bellwether.log;

import java.nio.ByteBuffer;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Ballot;
import org.jspecify.annotations.Nullable;

/// One copy of what the ballot file holds; `docs/formats.md` draws it.
///
/// @param sequence     grows with every write; the valid copy with the larger one counts
/// @param syncedOffset the log was known to be synced up to here
/// @param commitIndex  entries up to here were known to be committed
/// @param cut          a truncation that may not be finished
record BallotSlot(Identity identity, long sequence, Ballot ballot, long syncedOffset,
        long commitIndex, Cut cut) {

    static final int BYTES = 120;
    static final int MAGIC = 0x42576261; // "BWba"

    private static final int SEQUENCE = Block.BODY;
    private static final int TERM = 48;
    private static final int VOTED = 56;
    private static final int VOTE = 64;
    private static final int SYNCED = 80;
    private static final int COMMIT = 88;
    private static final int CUT_INDEX = 96;
    private static final int CUT_OFFSET = 104;

    /// The record at `index`, which starts at `offset`, and all after it are to go.
    record Cut(long index, long offset) {
        static final Cut NONE = new Cut(0, 0);
    }

    static BallotSlot initial(Identity identity, long syncedOffset) {
        return new BallotSlot(identity, 1, Ballot.INITIAL, syncedOffset, 0, Cut.NONE);
    }

    /// What to write next in the place of this one.
    BallotSlot next(Ballot ballot, long syncedOffset, long commitIndex, Cut cut) {
        return new BallotSlot(identity, sequence + 1, ballot, syncedOffset, commitIndex, cut);
    }

    boolean isCutting() {
        return cut.index != 0;
    }

    ByteBuffer encode() {
        var block = Block.start(MAGIC, BYTES, identity);
        block.putLong(SEQUENCE, sequence).putLong(TERM, ballot.term());
        NodeId vote = ballot.vote();
        if (vote != null) {
            block.put(VOTED, (byte) 1);
            Block.put(block.position(VOTE), vote.uuid());
        }
        block.putLong(SYNCED, syncedOffset).putLong(COMMIT, commitIndex);
        block.putLong(CUT_INDEX, cut.index).putLong(CUT_OFFSET, cut.offset);
        return Block.seal(block);
    }

    /// @return null if these bytes are no slot of a version that this program reads
    static @Nullable BallotSlot decode(ByteBuffer block) {
        if (Block.version(block, MAGIC) != Block.VERSION || block.getShort(6) != BYTES) return null;
        NodeId vote = block.get(VOTED) == 1 ? new NodeId(Block.uuid(block, VOTE)) : null;
        return new BallotSlot(Block.identity(block), block.getLong(SEQUENCE),
                new Ballot(block.getLong(TERM), vote), block.getLong(SYNCED), block.getLong(COMMIT),
                new Cut(block.getLong(CUT_INDEX), block.getLong(CUT_OFFSET)));
    }
}
