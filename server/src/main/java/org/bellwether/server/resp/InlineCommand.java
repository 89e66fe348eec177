package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A command that somebody typed: one line, its arguments separated by spaces, in quotes where they have
/// spaces themselves. Taken apart as Redis's `sdssplitargs` does it, but for the byte zero, which is a
/// byte like others here and ends the line there.
final class InlineCommand {
    private static final int END = -1;
    private static final int UNBALANCED = -1;

    private final byte[] line;
    private final int end;
    private int at;

    private InlineCommand(byte[] line, int end) {
        this.line = line;
        this.end = end;
    }

    /// @return null if a quote is not closed, or something follows the closing one
    static @Nullable List<byte[]> split(byte[] line, int end) {
        var command = new InlineCommand(line, end);
        var arguments = new ArrayList<byte[]>();
        while (command.skipSpace()) {
            var argument = command.argument();
            if (argument == null) return null;
            arguments.add(argument);
        }
        return arguments;
    }

    private boolean skipSpace() {
        while (isSpace(peek(0)))
            at++;
        return at < end;
    }

    /// Measured first, then written: copied once, into an array of its own length.
    private byte @Nullable [] argument() {
        int start = at;
        int length = decode(null);
        if (length == UNBALANCED) return null;
        var argument = new byte[length];
        at = start;
        decode(argument);
        return argument;
    }

    /// @param into nowhere, if null
    /// @return the length of the argument, or UNBALANCED
    private int decode(byte @Nullable [] into) {
        int length = 0;
        int quote = 0;
        while (true) {
            int b = peek(0);
            if (quote == 0) {
                if (b == END || isSeparator(b)) return length;
                at++;
                if (b == '"' || b == '\'') {
                    quote = b;
                    continue;
                }
            } else if (b == END) {
                return UNBALANCED;
            } else if (b == quote) {
                at++;
                return peek(0) == END || isSpace(peek(0)) ? length : UNBALANCED;
            } else {
                b = quote == '"' ? inDoubleQuotes(b) : inSingleQuotes(b);
            }
            if (into != null) into[length] = (byte) b;
            length++;
        }
    }

    private int inSingleQuotes(int b) {
        boolean escaped = b == '\\' && peek(1) == '\'';
        at += escaped ? 2 : 1;
        return escaped ? '\'' : b;
    }

    private int inDoubleQuotes(int b) {
        int next = peek(1);
        if (b != '\\' || next == END) {
            at++;
            return b;
        }
        int high = Character.digit(peek(2), 16);
        int low = Character.digit(peek(3), 16);
        if (next == 'x' && high >= 0 && low >= 0) {
            at += 4;
            return high << 4 | low;
        }
        at += 2;
        return switch (next) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> next;
        };
    }

    private int peek(int ahead) {
        return at + ahead < end ? line[at + ahead] & 0xff : END;
    }

    /// What C calls a space.
    private static boolean isSpace(int b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    /// What ends an argument that is not in quotes: two kinds of space do not, in Redis neither.
    private static boolean isSeparator(int b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
