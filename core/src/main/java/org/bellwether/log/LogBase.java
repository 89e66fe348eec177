package org.bellwether.log;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;

/// Where a log begins that has lost its beginning: the file `base`, which a whole log does not have.
/// `docs/formats.md` draws it.
///
/// It is replaced as a whole, by a rename, and always *before* anything is deleted for it. So what it says is the
/// truth at any time: segments in front of it are left over and may be there or not, in any combination; a
/// segment missing behind it is damage.
///
/// @param position   of the last entry before the log's first
/// @param offset     the log offset at which the first segment begins
/// @param checksum   of the record at `position`, for the chain; 0 if this log never had it
/// @param membership the entry with the list of nodes in effect at `position`
/// @param bootstrap  the first entry of the cluster's log: newcomers still begin with it
/// @param restarting whether all segments are to go, and an empty one at `offset` is to take their place
record LogBase(Identity identity, Position position, long offset, int checksum, Entry membership,
        Entry bootstrap, boolean restarting) {
    static final String NAME = "base";
    static final String NEW_NAME = "new-base";
    static final int BYTES = 108;

    private static final int MAGIC = 0x42576273; // "BWbs"
    private static final int INDEX = Block.BODY;
    private static final int TERM = 48;
    private static final int OFFSET = 56;
    private static final int CHECKSUM = 64;
    private static final int RESTARTING = 68;
    private static final int MEMBERSHIP_INDEX = 72;
    private static final int MEMBERSHIP_TERM = 80;
    private static final int MEMBERSHIP_LENGTH = 88;
    private static final int MEMBERSHIP_CRC = 92;
    private static final int BOOTSTRAP_LENGTH = 96;
    private static final int BOOTSTRAP_CRC = 100;
    private static final Position BOOTSTRAP = new Position(0, 1);

    LogBase finished() {
        return new LogBase(identity, position, offset, checksum, membership, bootstrap, false);
    }

    /// Takes the place of the one before; durable when it returns.
    ///
    /// @throws Disk.DiskFullException if there is no space; the one before still holds
    void write(Disk disk) throws IOException {
        try (var file = disk.open(NEW_NAME)) {
            file.write(new ByteBuffer[]{encode(), ByteBuffer.wrap(membership.payload()),
                    ByteBuffer.wrap(bootstrap.payload())}, 0);
            file.sync();
        }
        disk.rename(NEW_NAME, NAME);
        disk.syncNames();
    }

    /// Removes what an unfinished [#write] left.
    static void clean(Disk disk) throws IOException {
        if (disk.names().contains(NEW_NAME)) disk.delete(NEW_NAME);
    }

    private ByteBuffer encode() {
        var block = Block.start(MAGIC, BYTES, identity);
        block.putLong(INDEX, position.index()).putLong(TERM, position.term())
                .putLong(OFFSET, offset).putInt(CHECKSUM, checksum)
                .put(RESTARTING, (byte) (restarting ? 1 : 0))
                .putLong(MEMBERSHIP_INDEX, membership.index())
                .putLong(MEMBERSHIP_TERM, membership.term())
                .putInt(MEMBERSHIP_LENGTH, membership.bytes())
                .putInt(MEMBERSHIP_CRC, membership.payloadCrc())
                .putInt(BOOTSTRAP_LENGTH, bootstrap.bytes())
                .putInt(BOOTSTRAP_CRC, bootstrap.payloadCrc());
        return Block.seal(block);
    }

    /// Changes nothing.
    ///
    /// @return null if there is none: the log is whole
    static @Nullable LogBase read(Disk disk) throws IOException {
        if (!disk.names().contains(NAME)) return null;
        try (var file = disk.open(NAME)) {
            var block = ByteBuffer.allocate(Block.BYTES_MAX);
            file.read(block, 0);
            block.flip();
            int version = Block.version(block, MAGIC);
            if (version == 0) throw damaged(0, "where the log begins cannot be read");
            if (version != Block.VERSION || block.getShort(6) != BYTES) {
                throw damaged(0, "format version " + version + "; this program reads version "
                        + Block.VERSION);
            }
            int membershipBytes = block.getInt(MEMBERSHIP_LENGTH);
            int bootstrapBytes = block.getInt(BOOTSTRAP_LENGTH);
            // Before anything is allocated.
            if (file.size() != (long) BYTES + membershipBytes + bootstrapBytes)
                throw damaged(file.size(), "the file does not end where it should");
            var membership = entry(file, BYTES, membershipBytes, new Position(
                    block.getLong(MEMBERSHIP_TERM), block.getLong(MEMBERSHIP_INDEX)));
            var bootstrap = entry(file, BYTES + membershipBytes, bootstrapBytes, BOOTSTRAP);
            if (membership.payloadCrc() != block.getInt(MEMBERSHIP_CRC)
                    || bootstrap.payloadCrc() != block.getInt(BOOTSTRAP_CRC))
                throw damaged(BYTES, "a list of nodes cannot be read");
            return new LogBase(Block.identity(block),
                    new Position(block.getLong(TERM), block.getLong(INDEX)),
                    block.getLong(OFFSET), block.getInt(CHECKSUM), membership, bootstrap,
                    block.get(RESTARTING) == 1);
        }
    }

    private static Entry entry(DiskFile file, long at, int bytes, Position position)
            throws IOException {
        var payload = ByteBuffer.allocate(bytes);
        file.read(payload, at);
        return Entry.of(position, Entry.Kind.MEMBERSHIP, payload.array());
    }

    private static DamagedLogException damaged(long offset, String what) {
        return new DamagedLogException(NAME, offset, what);
    }
}
