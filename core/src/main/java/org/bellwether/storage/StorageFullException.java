package org.bellwether.storage;

/// No space left on the disk of the tables. What was in the storage still is, and can be read; nothing
/// of what was asked has been done, and it may be asked again.
public final class StorageFullException extends StorageCongestedException {
    private static final long serialVersionUID = 1L;

    public StorageFullException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageFullException(String message) {
        super(message);
    }
}
