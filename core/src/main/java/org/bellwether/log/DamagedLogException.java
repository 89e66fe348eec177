package org.bellwether.log;

import java.io.IOException;

/// Bytes that were known to be on disk cannot be read back. The message names file and offset. Nothing was
/// changed; the node must not start from this folder.
public final class DamagedLogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final String what;

    public DamagedLogException(String file, long offset, String what) {
        super("%s, offset %d: %s".formatted(file, offset, what));
        this.file = file;
        this.offset = offset;
        this.what = what;
    }

    public String file() {
        return file;
    }

    public long offset() {
        return offset;
    }

    public String what() {
        return what;
    }
}
