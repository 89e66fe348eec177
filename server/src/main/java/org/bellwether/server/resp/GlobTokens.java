package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pattern taken apart: sets of bytes, one for each byte of a text that it matches, and where stars stand
/// between them. Odd patterns mean what `stringmatchlen` of Redis makes of them.
final class GlobTokens {
    private final byte[] pattern;
    private final boolean ignoreCase;
    private final List<BitSet> tokens = new ArrayList<>();
    private final BitSet stars = new BitSet();
    private int at;

    private GlobTokens(byte[] pattern, boolean ignoreCase) {
        this.pattern = pattern;
        this.ignoreCase = ignoreCase;
    }

    /// @return null if there would be more than so many
    static @Nullable GlobTokens of(byte[] pattern, boolean ignoreCase, int tokensMax) {
        var tokens = new GlobTokens(pattern, ignoreCase);
        while (tokens.at < pattern.length) {
            tokens.next();
            if (tokens.count() > tokensMax) return null;
        }
        return tokens;
    }

    int count() {
        return tokens.size();
    }

    long[] stars(int words) {
        return withLength(stars.toLongArray(), words);
    }

    /// A row of words for each byte.
    long[] accepts(int words) {
        var accepts = new long[256 * words];
        for (int i = 0; i < tokens.size(); i++) {
            var token = tokens.get(i);
            for (int b = token.nextSetBit(0); b >= 0; b = token.nextSetBit(b + 1)) {
                accepts[b * words + i / Long.SIZE] |= 1L << i % Long.SIZE;
            }
        }
        return accepts;
    }

    private void next() {
        int first = pattern[at++] & 0xff;
        switch (first) {
            case '*' -> stars.set(tokens.size());
            case '?' -> tokens.add(allBytes());
            case '[' -> tokens.add(set());
            case '\\' -> tokens.add(one(at < pattern.length ? pattern[at++] & 0xff : first));
            default -> tokens.add(one(first));
        }
    }

    /// What stands behind a `[`. The set that nobody closed goes to the end, `[]` is empty, and `[^]` is
    /// everything.
    private BitSet set() {
        boolean not = at < pattern.length && pattern[at] == '^';
        if (not) at++;
        var set = new BitSet(256);
        while (at < pattern.length && pattern[at] != ']') {
            int first = pattern[at] & 0xff;
            if (first == '\\' && at + 1 < pattern.length) {
                add(set, pattern[at + 1] & 0xff);
                at += 2;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                addRange(set, first, pattern[at + 2] & 0xff);
                at += 3;
            } else {
                add(set, first);
                at++;
            }
        }
        at++;
        if (not) set.flip(0, 256);
        return set;
    }

    private BitSet one(int b) {
        var set = new BitSet(256);
        add(set, b);
        return set;
    }

    private static BitSet allBytes() {
        var set = new BitSet(256);
        set.set(0, 256);
        return set;
    }

    private void add(BitSet set, int b) {
        addRange(set, b, b);
    }

    /// Its ends may stand in either order. Without case, the ends lose theirs after they are ordered, which
    /// leaves some ranges empty; so it is in Redis.
    private void addRange(BitSet set, int one, int other) {
        int low = fold(Math.min(one, other));
        int high = fold(Math.max(one, other));
        for (int b = 0; b < 256; b++) {
            int folded = fold(b);
            if (folded >= low && folded <= high) set.set(b);
        }
    }

    private int fold(int b) {
        return ignoreCase && b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }

    private static long[] withLength(long[] bits, int words) {
        var longer = new long[words];
        System.arraycopy(bits, 0, longer, 0, bits.length);
        return longer;
    }
}
