package org.bellwether.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bellwether.api.RespAddresses;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Revision;
import org.bellwether.raft.Position;

/// Takes fields from bytes that may be anything: every count and length is held against what is left
/// before anything is allocated for it.
final class FieldReader {
    private final ByteBuffer in;

    /// @param in big-endian; read from its position to its limit
    FieldReader(ByteBuffer in) {
        this.in = in;
    }

    int u8(String what) throws BadFrameException {
        need(1, what);
        return in.get() & 0xff;
    }

    boolean bool(String what) throws BadFrameException {
        return switch (u8(what)) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new BadFrameException(what + " is neither yes nor no");
        };
    }

    int i32(String what) throws BadFrameException {
        need(4, what);
        return in.getInt();
    }

    int positive(String what) throws BadFrameException {
        int number = i32(what);
        if (number < 1) throw new BadFrameException(what + " is not positive: " + number);
        return number;
    }

    long i64(String what) throws BadFrameException {
        need(8, what);
        return in.getLong();
    }

    /// A number that is never negative: a term, an index.
    long natural(String what) throws BadFrameException {
        long number = i64(what);
        if (number < 0) throw new BadFrameException(what + " is negative: " + number);
        return number;
    }

    Position position(String what) throws BadFrameException {
        return new Position(natural(what), natural(what));
    }

    Revision revision(String what) throws BadFrameException {
        return new Revision(natural(what));
    }

    NodeId node(String what) throws BadFrameException {
        return new NodeId(new UUID(i64(what), i64(what)));
    }

    /// A number of things that follow, each of at least so many bytes: never more than there is room for.
    int count(int bytesEach, String what) throws BadFrameException {
        int count = i32(what);
        if (count < 0 || count > in.remaining() / bytesEach) {
            throw new BadFrameException("%s: a count of %d does not fit into the %d bytes left"
                    .formatted(what, Integer.toUnsignedLong(count), in.remaining()));
        }
        return count;
    }

    byte[] bytes(String what) throws BadFrameException {
        byte[] bytes = new byte[count(1, what)];
        in.get(bytes);
        return bytes;
    }

    String text(String what) throws BadFrameException {
        return new String(bytes(what), UTF_8);
    }

    Member member(String what) throws BadFrameException {
        var id = node(what);
        var name = text(what);
        int flags = u8(what);
        if (flags > (FieldWriter.VOTER | FieldWriter.HAS_RESP
                | FieldWriter.HAS_RESP_CLUSTER))
            throw new BadFrameException(what + ": flags " + flags);
        return new Member(id, name, (flags & FieldWriter.VOTER) != 0, address(what), address(what),
                new RespAddresses((flags & FieldWriter.HAS_RESP) != 0 ? address(what) : null,
                        (flags & FieldWriter.HAS_RESP_CLUSTER) != 0 ? address(what) : null));
    }

    private Address address(String what) throws BadFrameException {
        String host = text(what);
        int port = i32(what);
        try {
            return new Address(host, port);
        } catch (IllegalArgumentException refused) {
            throw new BadFrameException(what + ": no such address", refused);
        }
    }

    /// Everything must have been read by now.
    void end(String what) throws BadFrameException {
        if (in.hasRemaining())
            throw new BadFrameException(in.remaining() + " bytes too many after " + what);
    }

    private void need(int bytes, String what) throws BadFrameException {
        if (in.remaining() < bytes) throw new BadFrameException("cut short at " + what);
    }
}
