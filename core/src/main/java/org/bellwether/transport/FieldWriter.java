package org.bellwether.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Position;

/// Puts fields one after the other into one array, big-endian. Given a good guess of the size it
/// allocates once.
final class FieldWriter {
    /// Of a member.
    static final int VOTER = 1;
    static final int HAS_RESP = 2;
    static final int HAS_RESP_CLUSTER = 4;

    private byte[] array;
    private ByteBuffer out;

    FieldWriter(int bytesExpected) {
        array = new byte[bytesExpected];
        out = ByteBuffer.wrap(array);
    }

    FieldWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    FieldWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    FieldWriter i32(int value) {
        room(4).putInt(value);
        return this;
    }

    FieldWriter i64(long value) {
        room(8).putLong(value);
        return this;
    }

    FieldWriter position(Position position) {
        return i64(position.term()).i64(position.index());
    }

    FieldWriter node(NodeId node) {
        UUID uuid = node.uuid();
        return i64(uuid.getMostSignificantBits()).i64(uuid.getLeastSignificantBits());
    }

    FieldWriter bytes(byte[] bytes) {
        i32(bytes.length);
        room(bytes.length).put(bytes);
        return this;
    }

    FieldWriter text(String text) {
        return bytes(text.getBytes(UTF_8));
    }

    FieldWriter member(Member member) {
        var standalone = member.resp().standalone();
        var cluster = member.resp().cluster();
        int flags = (member.voter() ? VOTER : 0) | (standalone == null ? 0 : HAS_RESP)
                | (cluster == null ? 0 : HAS_RESP_CLUSTER);
        node(member.id()).text(member.name()).u8(flags).address(member.peer())
                .address(member.http());
        if (standalone != null) address(standalone);
        return cluster == null ? this : address(cluster);
    }

    private FieldWriter address(Address address) {
        return text(address.host()).i32(address.port());
    }

    /// Leaves bytes to be filled in later.
    FieldWriter skip(int bytes) {
        room(bytes).position(out.position() + bytes);
        return this;
    }

    int length() {
        return out.position();
    }

    /// Holds what was written in its first [#length] bytes.
    byte[] array() {
        return array;
    }

    byte[] toBytes() {
        return Arrays.copyOf(array, out.position());
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int needed = Math.addExact(out.position(), bytes);
            array = Arrays.copyOf(array, Math.max(needed, array.length * 2));
            out = ByteBuffer.wrap(array).position(out.position());
        }
        return out;
    }
}
