package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Limits;

/// Bytes given to a parser, and what it makes of them, as text.
final class Conversation {
    private final RequestParser parser;
    private final List<String> heard = new ArrayList<>();
    private boolean refused;

    Conversation() {
        this(RequestLimits.of(Limits.DEFAULT));
    }

    Conversation(RequestLimits limits) {
        parser = new RequestParser(limits);
    }

    static List<String> of(String input) {
        return new Conversation().say(input).heard();
    }

    Conversation say(String bytes) {
        return say(bytes.getBytes(ISO_8859_1));
    }

    Conversation say(byte[] bytes) {
        // Not at the beginning of their array.
        var padded = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, padded, 2, bytes.length);
        return say(ByteBuffer.wrap(padded, 2, bytes.length).slice());
    }

    private Conversation say(ByteBuffer bytes) {
        while (true) {
            switch (parser.next(bytes)) {
                case Parsed.Incomplete _ -> {
                    if (bytes.hasRemaining()) throw new AssertionError("bytes are left");
                    return this;
                }
                case Parsed.Request(var arguments) -> heard.add(text(arguments));
                case Parsed.ProtocolError(var reply) -> {
                    refused = true;
                    heard.add("-" + reply);
                    return this;
                }
                case Parsed.CrossProtocol(var name) -> {
                    refused = true;
                    heard.add("!" + name);
                    return this;
                }
            }
        }
    }

    /// Whether nothing that comes can mean anything.
    boolean isRefused() {
        return refused;
    }

    List<String> heard() {
        return heard;
    }

    RequestParser parser() {
        return parser;
    }

    private static String text(Arguments arguments) {
        var text = new StringBuilder();
        for (int i = 0; i < arguments.count(); i++) {
            text.append(i == 0 ? "" : "|").append(arguments.text(i));
        }
        return text.toString();
    }
}
