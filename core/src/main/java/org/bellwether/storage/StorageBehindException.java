package org.bellwether.storage;

/// The storage would have had to make its caller wait until it has caught up with what was written before.
public final class StorageBehindException extends StorageCongestedException {
    private static final long serialVersionUID = 1L;

    public StorageBehindException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageBehindException(String message) {
        super(message);
    }
}
