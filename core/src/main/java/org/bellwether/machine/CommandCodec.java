package org.bellwether.machine;

import java.util.List;
import org.bellwether.api.Command;

/// Commands as bytes (being written): encoded once where they arrive, carried as they are through forwards,
/// log and peers, decoded where they are applied. `docs/formats.md` draws them.
public final class CommandCodec {
    public static final int PAYLOAD_HEADER_BYTES = 4;
    public static final int COMMAND_HEADER_BYTES = 4;

    private CommandCodec() {}

    public static byte[] encode(Command command) {
        throw new UnsupportedOperationException();
    }

    /// @throws IllegalArgumentException if these bytes are no command
    public static Command decode(byte[] encoded) {
        throw new UnsupportedOperationException();
    }

    /// The payload of one log entry: these encoded commands, in order.
    public static byte[] payload(List<byte[]> encoded) {
        throw new UnsupportedOperationException();
    }
}
