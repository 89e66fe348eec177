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
/// Bytes are unsigned here on every machine; in Redis a range across 0x7f depends on the compiler.
final class Glob {
    /// Bytes, wildcards and sets; stars are not counted. Every 64 of them take 2 KB while the pattern is in use.
    static final int TOKENS_MAX = 1024;

    private final int words;
    private final int last;
    /// For each byte, a row of words: bit i is set where token i accepts it.
    private final long[] accepts;
    /// Bit i is set where a star stands behind the first i tokens: that state stays, whatever comes.
    private final long[] stars;

    private Glob(GlobTokens tokens) {
        last = tokens.count();
        words = last / Long.SIZE + 1;
        accepts = tokens.accepts(words);
        stars = tokens.stars(words);
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
        return tokens == null ? null : new Glob(tokens);
    }

    boolean matches(byte[] text) {
        // In Redis only the empty pattern matches the empty text; not even a star does.
        if (text.length == 0) return last == 0 && stars[0] == 0;
        return words == 1 ? matchesInOneWord(text) : matchesInWords(text);
    }

    private boolean matchesInOneWord(byte[] text) {
        long state = 1;
        long stays = stars[0];
        for (byte b : text) {
            state = (state & accepts[b & 0xff]) << 1 | (state & stays);
            if (state == 0) return false;
        }
        return (state >>> last & 1) != 0;
    }

    private boolean matchesInWords(byte[] text) {
        var state = new long[words];
        state[0] = 1;
        for (byte b : text) {
            int row = (b & 0xff) * words;
            long carry = 0;
            long any = 0;
            for (int i = 0; i < words; i++) {
                long moves = state[i] & accepts[row + i];
                state[i] = moves << 1 | carry | (state[i] & stars[i]);
                carry = moves >>> Long.SIZE - 1;
                any |= state[i];
            }
            if (any == 0) return false;
        }
        return (state[last / Long.SIZE] >>> last % Long.SIZE & 1) != 0;
    }

    @Override
    public String toString() {
        return "Glob[tokens=" + last + ", stars=" + Arrays.toString(stars) + "]";
    }
}
