package org.bellwether.server.resp;

import java.io.Serial;

/// A command that cannot be performed as it stands, found out before anything was done. The message is the
/// reply.
final class CommandError extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /// @param reply begins with the error's code
    CommandError(String reply) {
        super(reply, null, false, false);
    }

    static CommandError syntax() {
        return new CommandError("ERR syntax error");
    }

    static CommandError notAnInteger() {
        return new CommandError("ERR value is not an integer or out of range");
    }

    static CommandError wrongNumber(String command) {
        return new CommandError("ERR wrong number of arguments for '" + command + "' command");
    }

    String reply() {
        return String.valueOf(getMessage());
    }
}
