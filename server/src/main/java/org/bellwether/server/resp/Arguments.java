package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.bellwether.api.Bytes;

/// A command as it came: its name, and what stands behind it. Counted as Redis does, the name included, so
/// that arities and key positions mean the same here as in its documentation.
final class Arguments {
    private final byte[][] array;

    /// The array is not copied.
    Arguments(byte[]... array) {
        if (array.length == 0) throw new IllegalArgumentException("a command has a name");
        this.array = array;
    }

    static Arguments of(String... texts) {
        var array = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            array[i] = texts[i].getBytes(ISO_8859_1);
        }
        return new Arguments(array);
    }

    int count() {
        return array.length;
    }

    /// All of them together.
    int bytes() {
        int bytes = 0;
        for (var argument : array)
            bytes += argument.length;
        return bytes;
    }

    byte[] get(int index) {
        return array[index];
    }

    Bytes bytes(int index) {
        return Bytes.wrap(array[index]);
    }

    /// For words of the protocol and for messages: each byte a char.
    String text(int index) {
        return new String(array[index], ISO_8859_1);
    }

    /// Whether this is that word, in upper or lower case.
    ///
    /// @param word lower case
    boolean is(int index, String word) {
        byte[] bytes = array[index];
        if (bytes.length != word.length()) return false;
        for (int i = 0; i < bytes.length; i++) {
            if (lower(bytes[i]) != word.charAt(i)) return false;
        }
        return true;
    }

    /// The arguments from this one on, as a command of its own.
    Arguments from(int index) {
        var rest = new byte[array.length - index][];
        System.arraycopy(array, index, rest, 0, rest.length);
        return new Arguments(rest);
    }

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }
}
