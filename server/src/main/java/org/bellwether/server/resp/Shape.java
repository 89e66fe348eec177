package org.bellwether.server.resp;

import org.bellwether.api.Result;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// How the reply to a command looks once the store has answered. Of anything but success
/// [OutcomeErrors] speaks, for all commands alike.
@FunctionalInterface
interface Shape {
    void applied(Result result, RespWriter out);

    /// Nothing was done, since the command's condition did not hold. Only of commands that have one.
    ///
    /// @param current what the key holds
    default void conditionFailed(@Nullable Versioned current, RespWriter out) {
        out.nullBulkString();
    }
}
