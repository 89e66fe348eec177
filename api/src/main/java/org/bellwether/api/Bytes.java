package org.bellwether.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// An immutable sequence of bytes: a key or a value. Ordered by unsigned comparison, byte for byte.
///
/// The array given to [#wrap] is not copied, and [#array] is not a copy either: both sides promise
/// not to write to it. That is the price of carrying a value from socket to disk without copying.
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;
    private int hash;

    private Bytes(byte[] array) {
        this.array = array;
    }

    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    public static Bytes utf8(String text) {
        return wrap(text.getBytes(UTF_8));
    }

    public byte[] array() {
        return array;
    }

    public int length() {
        return array.length;
    }

    public boolean isEmpty() {
        return array.length == 0;
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(array);
            hash = known;
        }
        return known;
    }

    /// Printable for logs and errors: what is not plain ASCII is escaped, and it is cut at 64 bytes.
    @Override
    public String toString() {
        var text = new StringBuilder();
        int shown = Math.min(array.length, 64);
        for (int i = 0; i < shown; i++) {
            int b = array[i] & 0xff;
            if (b > 0x20 && b < 0x7f && b != '\\') {
                text.append((char) b);
            } else {
                text.append("\\x").append(Character.forDigit(b >> 4, 16))
                        .append(Character.forDigit(b & 15, 16));
            }
        }
        return shown < array.length
                ? text.append("…(").append(array.length).append(" bytes)")
                        .toString()
                : text.toString();
    }
}
