package org.bellwether.server.resp;

import java.util.Arrays;

/// What Jazzer calls, with bytes that it makes from how far earlier ones have got: they mean the same to the parser
/// wherever they are cut, and never an exception. Jazzer 0.30.0 runs on JDK 25 (28,000 inputs a second on two busy
/// cores), so that `mvn -Pjazzer -DskipTests -pl server -am test` does this for a minute. It is not in `mvn verify`: it takes as long as it is
/// given, and loads agents into the JVM. What it finds becomes a test.
public final class ParserFuzz {
    private ParserFuzz() {}

    /// @param data where it is cut, and what
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) return;
        var input = Arrays.copyOfRange(data, 1, data.length);
        int cut = input.length == 0 ? 0 : Byte.toUnsignedInt(data[0]) % input.length;
        var whole = new Conversation().say(input.clone());
        var pieces = new Conversation().say(Arrays.copyOf(input, cut));
        if (!pieces.isRefused()) pieces.say(Arrays.copyOfRange(input, cut, input.length));
        if (!whole.heard().equals(pieces.heard()))
            throw new AssertionError(whole.heard() + " became " + pieces.heard());
    }
}
