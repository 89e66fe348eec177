package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// Where a write stands in the log: the term of the leader that took it, and the index of its entry. Unlike a revision
/// it is known before the write is applied, and it tells a write that was lost in a failover from one that was kept:
/// the log then holds an entry of another term there, or none.
public record Token(long term, long index) {
    public Token {
        if (term < 1 || index < 1)
            throw new IllegalArgumentException("no write is at " + term + "." + index);
    }

    /// What [#toString] writes, as in `3.17`; null if it is not that.
    public static @Nullable Token parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) return null;
        try {
            long term = Long.parseLong(text, 0, dot, 10);
            long index = Long.parseLong(text, dot + 1, text.length(), 10);
            return term < 1 || index < 1 ? null : new Token(term, index);
        } catch (NumberFormatException notOne) {
            return null;
        }
    }

    @Override
    public String toString() {
        return term + "." + index;
    }
}
