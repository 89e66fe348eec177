package org.bellwether.api;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One node's tables as of one log entry, to be compared with those of others, range by range.
///
/// *Threads.* On the node's loop, like the store. It is closed by whoever opened it, or when it is not used for a
/// while: the store keeps what has changed since.
public interface Comparison extends AutoCloseable {
    long appliedIndex();

    Revision revision();

    /// Number of keys.
    long keys();

    /// Digests a range, at most `keysMax` keys of it.
    ///
    /// @param from   its first key, be it there or not
    /// @param to     the first key that is not in it; null for none
    /// @param done   told on the loop
    /// @param failed told instead, why not
    void digest(Bytes from, @Nullable Bytes to, int keysMax, Consumer<Range> done,
            Consumer<String> failed);

    /// Whether it can still be asked.
    boolean isOpen();

    /// Closing twice is closing once.
    @Override
    void close();

    /// @param keys   how many were in it
    /// @param digest equal if, and for all that matters only if, the same keys have the same values and histories
    /// @param next   the first key behind it; null if there is none before `to`
    record Range(long keys, long digest, @Nullable Bytes next) {}
}
