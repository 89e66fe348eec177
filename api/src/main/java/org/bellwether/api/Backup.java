package org.bellwether.api;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All keys and values as of one moment, as the bytes of a backup file, while the store goes on.
///
/// *Threads.* On the node's loop, like the store. It is closed soon: the store keeps what has changed since.
public interface Backup extends AutoCloseable {
    /// The store's write counter as of that moment.
    Revision revision();

    /// Number of keys.
    long keys();

    /// Gives the next bytes, on the loop, possibly before this returns; null after the last. One call at a time.
    ///
    /// @param failed told instead, why there will be no more
    void next(Consumer<? super byte @Nullable []> bytes, Consumer<String> failed);

    /// What was asked for and has not come yet never comes.
    @Override
    void close();
}
