package org.bellwether.storage;

/// The tables cannot be read or written any more, or not be trusted. The node stops.
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageException(String message) {
        super(message);
    }
}
