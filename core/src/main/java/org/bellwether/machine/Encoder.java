package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;

/// Bytes that are being written, with as much room as they take. Who knows how much that is has them without a copy.
final class Encoder {
    private ByteBuffer into;

    Encoder(int bytesExpected) {
        this.into = ByteBuffer.allocate(bytesExpected);
    }

    private ByteBuffer room(int bytes) {
        if (into.remaining() < bytes) {
            int size = Math.max(2 * into.capacity(), into.position() + bytes);
            into = ByteBuffer.allocate(size).put(into.flip());
        }
        return into;
    }

    Encoder u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    Encoder bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    Encoder i32(int value) {
        room(4).putInt(value);
        return this;
    }

    Encoder i64(long value) {
        room(8).putLong(value);
        return this;
    }

    Encoder bytes(byte[] bytes) {
        room(4 + bytes.length).putInt(bytes.length).put(bytes);
        return this;
    }

    Encoder bytes(Bytes bytes) {
        return bytes(bytes.array());
    }

    Encoder uuid(UUID uuid) {
        return i64(uuid.getMostSignificantBits()).i64(uuid.getLeastSignificantBits());
    }

    Encoder text(String text) {
        return bytes(text.getBytes(UTF_8));
    }

    Encoder address(Address address) {
        return text(address.host()).i32(address.port());
    }

    byte[] toBytes() {
        return into.hasRemaining()
                ? Arrays.copyOf(into.array(), into.position())
                : into.array();
    }
}
