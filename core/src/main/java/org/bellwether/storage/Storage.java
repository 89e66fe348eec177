package org.bellwether.storage;

import java.util.List;
import java.util.function.BiConsumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The tables of the state machine: a map from key to value with its history, and how far the log is
/// applied in it.
///
/// *Threads.* One writer; a read sees one applied index, never half a batch. Here all run on the loop.
/// *Durability.* None is promised before a checkpoint: the log is what survives. An implementation that
/// does keep state keeps batch and applied index together, or neither.
/// *Failure.* A method that throws makes the node stop.
public interface Storage extends AutoCloseable {
    @Nullable
    Versioned get(Bytes key);

    /// Performs the changes and moves [#applied] and [#revision], all at once.
    ///
    /// @throws IllegalArgumentException if `applied` does not move forward
    void commit(List<Change> changes, long applied, Revision revision);

    /// Index of the last entry whose changes are in here; 0 for none.
    long applied();

    /// The store's write counter as of [#applied].
    Revision revision();

    long size();

    /// Shows every key with its value, in key order, as of now.
    void scan(BiConsumer<? super Bytes, ? super Versioned> visitor);

    @Override
    void close();

    /// One key's new value; null removes it.
    record Change(Bytes key, @Nullable Versioned value) {}
}
