package org.bellwether.server.resp;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/// A pattern taken apart: literal bytes at either end, and between them tokens, one for each byte of a text that they
/// match, and stars. Odd patterns mean what `stringmatchlen` of Redis makes of them.
final class GlobTokens {
    static final char[] NONE = {};

    private static final int BYTES = 256;

    private final byte[] pattern;
    private final boolean ignoreCase;
    private final int head;
    private int tail;
    /// Where each token behind the head begins.
    private int[] starts = new int[8];
    private int count;
    private final BitSet stars = new BitSet();
    private int at;

    /// What [Glob] goes by.
    record Table(long[] rows, char[] rowAt, int firstByte) {}

    private GlobTokens(byte[] pattern, boolean ignoreCase) {
        this.pattern = pattern;
        this.ignoreCase = ignoreCase;
        int literal = 0;
        while (literal < pattern.length && isLiteral(pattern[literal]))
            literal++;
        head = literal;
        at = literal;
    }

    /// @return null if there would be more than so many, ends included
    static @Nullable GlobTokens of(byte[] pattern, boolean ignoreCase, int tokensMax) {
        var tokens = new GlobTokens(pattern, ignoreCase);
        while (tokens.at < pattern.length && tokens.head + tokens.count <= tokensMax)
            tokens.next();
        return tokens.head + tokens.count > tokensMax ? null : tokens;
    }

    int head() {
        return head;
    }

    int tail() {
        return tail;
    }

    /// Between head and tail.
    int count() {
        return count - tail;
    }

    boolean hasStar() {
        return !stars.isEmpty();
    }

    /// Whether it stands for itself, and nothing else.
    private boolean isLiteral(byte b) {
        return !ignoreCase && b != '*' && b != '?' && b != '[' && b != '\\';
    }

    private void next() {
        int start = at++;
        if (pattern[start] == '*') {
            stars.set(count);
            tail = 0;
            return;
        }
        tail = isLiteral(pattern[start]) ? tail + 1 : 0;
        if (count == starts.length) starts = Arrays.copyOf(starts, 2 * count);
        starts[count++] = start;
        if (pattern[start] == '\\') {
            at = Math.min(at + 1, pattern.length);
        } else if (pattern[start] == '[') {
            if (isNot(start)) at++;
            while (at < pattern.length && pattern[at] != ']')
                at = pastMember(at);
            at++;
        }
    }

    /// Whether the set that begins there is of all bytes but those that it names.
    private boolean isNot(int start) {
        return start + 1 < pattern.length && pattern[start + 1] == '^';
    }

    private boolean isEscape(int member) {
        return pattern[member] == '\\' && member + 1 < pattern.length;
    }

    private boolean isRange(int member) {
        return !isEscape(member) && member + 2 < pattern.length && pattern[member + 1] == '-';
    }

    private int pastMember(int member) {
        return member + (isEscape(member) ? 2 : isRange(member) ? 3 : 1);
    }

    // The table.

    /// Of what is between head and tail.
    Table table(int words) {
        var marks = new Marks(words);
        for (int i = 0; i < count(); i++)
            mark(i, marks);
        return marks.table(stars);
    }

    /// Which bytes the tokens name. Those that accept all others, `?` and `[^…]`, refuse what they name.
    private static final class Marks {
        final int words;
        final long[] named;
        final long[] others;
        int firstByte = BYTES;
        int lastByte = -1;

        Marks(int words) {
            this.words = words;
            named = new long[BYTES * words];
            others = new long[words];
        }

        void acceptOthers(int token) {
            others[token / Long.SIZE] |= 1L << token % Long.SIZE;
        }

        void name(int token, int b) {
            named[b * words + token / Long.SIZE] |= 1L << token % Long.SIZE;
            firstByte = Math.min(firstByte, b);
            lastByte = Math.max(lastByte, b);
        }

        /// Bytes that every token takes for the same share a row.
        Table table(BitSet stays) {
            var rows = new long[(2 + Math.max(0, lastByte - firstByte + 1)) * words];
            var staying = stays.toLongArray();
            System.arraycopy(staying, 0, rows, 0, staying.length);
            System.arraycopy(others, 0, rows, words, words);
            var known = new HashMap<LongBuffer, Integer>();
            known.put(LongBuffer.allocate(words), words);
            int end = 2 * words;
            var rowAt = lastByte < 0 ? NONE : new char[lastByte - firstByte + 1];
            for (int i = 0; i < rowAt.length; i++) {
                int from = (firstByte + i) * words;
                var same = known.putIfAbsent(LongBuffer.wrap(named, from, words), end);
                rowAt[i] = (char) (same == null ? end : same);
                if (same != null) continue;
                for (int word = 0; word < words; word++)
                    rows[end++] = others[word] ^ named[from + word];
            }
            return new Table(Arrays.copyOf(rows, end), rowAt, lastByte < 0 ? 0 : firstByte);
        }
    }

    private void mark(int token, Marks marks) {
        int start = starts[token];
        int first = pattern[start] & 0xff;
        switch (first) {
            case '?' -> marks.acceptOthers(token);
            case '[' -> markSet(token, start, marks);
            case '\\' -> {
                int escaped = isEscape(start) ? pattern[start + 1] & 0xff : first;
                markRange(token, escaped, escaped, marks);
            }
            default -> markRange(token, first, first, marks);
        }
    }

    /// What stands behind a `[`. The set that nobody closed goes to the end, `[]` is empty, and `[^]` is
    /// everything.
    private void markSet(int token, int start, Marks marks) {
        int member = start + 1;
        if (isNot(start)) {
            marks.acceptOthers(token);
            member++;
        }
        for (; member < pattern.length && pattern[member] != ']'; member = pastMember(member)) {
            int first = pattern[isEscape(member) ? member + 1 : member] & 0xff;
            markRange(token, first, isRange(member) ? pattern[member + 2] & 0xff : first, marks);
        }
    }

    /// Its ends may stand in either order. Without case, the ends lose theirs after they are ordered, which
    /// leaves some ranges empty; so it is in Redis.
    private void markRange(int token, int one, int other, Marks marks) {
        int low = fold(Math.min(one, other));
        int high = fold(Math.max(one, other));
        if (ignoreCase) {
            for (int b = 0; b < BYTES; b++) {
                int folded = fold(b);
                if (folded >= low && folded <= high) marks.name(token, b);
            }
        } else {
            for (int b = low; b <= high; b++)
                marks.name(token, b);
        }
    }

    private int fold(int b) {
        return ignoreCase && b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }
}
