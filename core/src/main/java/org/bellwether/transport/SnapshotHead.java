package org.bellwether.transport;

import java.nio.ByteBuffer;
import org.bellwether.api.Bytes;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Totals;

/// What a snapshot is of. It is also kept with the state that was restored from it, so that a crash before the log
/// begins anew can be put right.
///
/// @param term       of the last entry whose changes are in it
/// @param membership the entry with the list of nodes in effect there
/// @param mark       of the tables
public record SnapshotHead(long term, Entry membership, Mark mark) {
    /// Before there were totals.
    private static final int VERSION_1 = 1;
    private static final int VERSION = 2;

    /// Of the last entry whose changes are in it.
    public Position position() {
        return new Position(term, mark.applied());
    }

    public Bytes encode() {
        var out = new FieldWriter(128 + membership.bytes());
        write(out.u8(VERSION));
        return Bytes.wrap(out.toBytes());
    }

    /// @throws IllegalArgumentException if it is anything but what [#encode] makes
    public static SnapshotHead decode(Bytes bytes) {
        var in = new FieldReader(ByteBuffer.wrap(bytes.array()));
        try {
            int version = in.u8("version");
            if (version != VERSION && version != VERSION_1) {
                throw new IllegalArgumentException("a snapshot's head of version " + version
                        + "; this program knows versions " + VERSION_1 + " to " + VERSION);
            }
            var head = read(in, version);
            in.end("a snapshot's head");
            return head;
        } catch (BadFrameException garbled) {
            throw new IllegalArgumentException("a snapshot's head: " + garbled.getMessage(),
                    garbled);
        }
    }

    void write(FieldWriter out) {
        out.position(position()).position(membership.position()).bytes(membership.payload())
                .i64(mark.revision().number()).i64(mark.keys()).i32(mark.version())
                .i64(mark.totals().digest()).i64(mark.stamp());
    }

    static SnapshotHead read(FieldReader in) throws BadFrameException {
        return read(in, VERSION);
    }

    private static SnapshotHead read(FieldReader in, int version) throws BadFrameException {
        var position = in.position("position");
        var list = Entry.of(in.position("place of the list of nodes"), Entry.Kind.MEMBERSHIP,
                in.bytes("list of nodes"));
        var revision = in.revision("revision");
        long keys = in.natural("keys");
        boolean first = version == VERSION_1;
        int rules = first ? 1 : in.positive("state machine version");
        long digest = first ? 0 : in.i64("digest");
        long stamp = first ? 0 : in.natural("time");
        return new SnapshotHead(position.term(), list,
                new Mark(position.index(), revision, rules, stamp, new Totals(keys, digest)));
    }
}
