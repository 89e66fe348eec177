package org.bellwether.server.resp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A pattern as `KEYS`, `SCAN MATCH` and `PSUBSCRIBE` take them, with the meaning Redis's `stringmatchlen`
/// gives it: `*` any bytes, `?` one byte, `[a-z]` and `[^a-z]` one of a set, `\x` the byte x itself.
///
/// Redis tries every way in which the stars could share the text, one within the other, which a pattern
/// can make last for minutes (CVE-2022-36021) or recurse without end (CVE-2024-31228). Here all ways are
/// followed at once, as in Baeza-Yates and Gonnet, "A new approach to text searching" (1992), Shift-And:
/// bit i of the state says that the text so far is matched by the first i tokens. One pass over the text, a
/// few instructions for each byte and 64 tokens, whatever the pattern.
///
/// What stands for itself at either end of the pattern, mostly all of it but a star, is compared as it is. The rest is
/// its middle, and only that needs a table: of a row for each kind of byte that it tells apart.
///
/// Bytes are unsigned here on every machine; in Redis a range across 0x7f depends on the compiler.
final class Glob {
    /// Bytes, wildcards and sets; stars are not counted.
    static final int TOKENS_MAX = 1024;

    /// Of the two arrays of a table, beside what is in them.
    private static final int TABLE_BYTES = 40;

    private final byte[] pattern;
    /// So many bytes in front, and at the end, are literal.
    private final int head;
    private final int tail;
    /// Tokens of the middle, and words of a row: one bit more than tokens.
    private final int last;
    private final int words;
    private final boolean starred;
    /// Rows of words. The first has bit i set where a star stands behind the first i tokens: that state stays, whatever
    /// comes. In the others it is set where token i accepts the byte. Null if the middle has no tokens.
    private final long @Nullable [] rows;
    /// Where the row is of bytes from `firstByte` on; that of all others is the second.
    private final char[] rowAt;
    private final int firstByte;

    /// The array is not copied.
    private Glob(byte[] pattern, GlobTokens tokens) {
        this.pattern = pattern;
        head = tokens.head();
        tail = tokens.tail();
        last = tokens.count();
        words = last / Long.SIZE + 1;
        starred = tokens.hasStar();
        var table = last == 0 ? null : tokens.table(words);
        rows = table == null ? null : table.rows();
        rowAt = table == null ? GlobTokens.NONE : table.rowAt();
        firstByte = table == null ? 0 : table.firstByte();
    }

    /// @return null if the pattern has more than [#TOKENS_MAX] tokens
    static @Nullable Glob compile(byte[] pattern) {
        return compile(pattern, false);
    }

    /// For names that have no case: of parameters, of commands.
    static @Nullable Glob compileIgnoringCase(byte[] pattern) {
        return compile(pattern, true);
    }

    private static @Nullable Glob compile(byte[] pattern, boolean ignoreCase) {
        var tokens = GlobTokens.of(pattern, ignoreCase, TOKENS_MAX);
        return tokens == null ? null : new Glob(pattern, tokens);
    }

    /// What its table takes of memory; most patterns have none.
    int tableBytes() {
        return rows == null
                ? 0
                : TABLE_BYTES + Long.BYTES * rows.length + Character.BYTES * rowAt.length;
    }

    /// What a comparison costs at most for each byte of a text, in steps.
    int steps() {
        return words;
    }

    boolean matches(byte[] text) {
        // In Redis only the empty pattern matches the empty text; not even a star does.
        if (text.length == 0) return pattern.length == 0;
        int end = text.length - tail;
        if (end < head || !Arrays.equals(text, 0, head, pattern, 0, head)
                || !Arrays.equals(text, end, text.length, pattern, pattern.length - tail,
                        pattern.length))
            return false;
        if (rows == null) return starred || head == end;
        return words == 1 ? matchesInOneWord(rows, text, end) : matchesInWords(rows, text, end);
    }

    private boolean matchesInOneWord(long[] table, byte[] text, int end) {
        long state = 1;
        long stays = table[0];
        for (int at = head; at < end; at++) {
            state = (state & table[row(text[at])]) << 1 | (state & stays);
            if (state == 0) return false;
        }
        return (state >>> last & 1) != 0;
    }

    private boolean matchesInWords(long[] table, byte[] text, int end) {
        var state = new long[words];
        state[0] = 1;
        for (int at = head; at < end; at++) {
            int row = row(text[at]);
            long carry = 0;
            long any = 0;
            for (int i = 0; i < words; i++) {
                long moves = state[i] & table[row + i];
                state[i] = moves << 1 | carry | (state[i] & table[i]);
                carry = moves >>> Long.SIZE - 1;
                any |= state[i];
            }
            if (any == 0) return false;
        }
        return (state[last / Long.SIZE] >>> last % Long.SIZE & 1) != 0;
    }

    private int row(byte b) {
        int at = (b & 0xff) - firstByte;
        return at >= 0 && at < rowAt.length ? rowAt[at] : words;
    }

    @Override
    public String toString() {
        return "Glob[head=" + head + ", tokens=" + last + ", tail=" + tail + "]";
    }
}
