package org.bellwether.storage;

/// Nothing of what was asked has been done, because the storage is [Storage#congested]; it may be asked again once it
/// is not any more.
public sealed class StorageCongestedException extends StorageException
        permits StorageFullException, StorageBehindException {
    private static final long serialVersionUID = 1L;

    StorageCongestedException(String message, Throwable cause) {
        super(message, cause);
    }

    StorageCongestedException(String message) {
        super(message);
    }
}
