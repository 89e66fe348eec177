package org.bellwether.storage;

/// What was read of the tables is not what was written: they cannot be relied on, whatever is done about the disk. Any other
/// failure to read or write them leaves what is on the disk as it was.
public final class StorageDamagedException extends StorageException {
    private static final long serialVersionUID = 1L;

    public StorageDamagedException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageDamagedException(String message) {
        super(message);
    }
}
