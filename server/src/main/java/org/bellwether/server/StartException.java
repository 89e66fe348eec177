package org.bellwether.server;

import org.jspecify.annotations.Nullable;

/// A node cannot start from what it was given. The message is one line for the person who tried; nothing
/// was changed.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        this(message, null);
    }

    StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
