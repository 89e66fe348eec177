package org.bellwether.transport;

import java.nio.ByteBuffer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// What a snapshot is of. It is also kept with the state that was restored from it, so that a crash before the log
/// begins anew can be put right.
///
/// @param position   the last entry whose changes are in it
/// @param membership the entry with the list of nodes in effect there
/// @param revision   the store's write counter
/// @param keys       how many will come
public record SnapshotHead(Position position, Entry membership, Revision revision, long keys) {
    private static final int VERSION = 1;

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
            if (version != VERSION) {
                throw new IllegalArgumentException("a snapshot's head of version " + version
                        + "; this program knows version " + VERSION);
            }
            var head = read(in);
            in.end("a snapshot's head");
            return head;
        } catch (BadFrameException garbled) {
            throw new IllegalArgumentException("a snapshot's head: " + garbled.getMessage(),
                    garbled);
        }
    }

    void write(FieldWriter out) {
        out.position(position).position(membership.position()).bytes(membership.payload())
                .i64(revision.number()).i64(keys);
    }

    static SnapshotHead read(FieldReader in) throws BadFrameException {
        return new SnapshotHead(in.position("position"),
                Entry.of(in.position("place of the list of nodes"), Entry.Kind.MEMBERSHIP,
                        in.bytes("list of nodes")),
                in.revision("revision"), in.natural("keys"));
    }
}
