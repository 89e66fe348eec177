package org.bellwether.storage;

import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;

/// A new state that is being put together beside the present one, such as a snapshot that arrives. It replaces
/// the present one by [Storage#install].
///
/// *Threads.* One at a time, off the loop; everything here may block.
/// *Durability.* A crash before the install removes it.
/// *Failure.* After a method has thrown, all that is left to do is [#close].
public interface Restore extends AutoCloseable {
    /// @throws IllegalArgumentException if the key does not come after the one before
    /// @throws StorageFullException     if the disk is full
    void put(Bytes key, Versioned value);

    /// No more keys come. When this has returned, all of it is on disk, if the storage keeps anything.
    ///
    /// @param origin for whoever restores, to be found again with the state: [Storage#origin]
    /// @throws StorageFullException    if the disk is full
    /// @throws StorageDamagedException if what was put cannot be read back: this state is not what it was to be, which says
    ///                                 nothing of the one that it was to replace
    void finish(Mark mark, Bytes origin);

    /// Gives up and removes what was collected; does nothing after an install.
    @Override
    void close();
}
