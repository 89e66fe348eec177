package org.bellwether.log;

import java.io.IOException;

/// Bytes that were known to be on disk cannot be read back. The message names file and offset. Nothing was
/// changed; the node must not start from this folder.
public final class DamagedLogException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedLogException(String file, long offset, String what) {
        super("%s, offset %d: %s".formatted(file, offset, what));
    }
}
