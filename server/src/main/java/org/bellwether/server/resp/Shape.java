package org.bellwether.server.resp;

import org.bellwether.api.Limits;
import org.bellwether.api.Result;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// How the reply to a command looks once the store has answered. Of anything but success
/// [OutcomeErrors] speaks, for all commands alike.
@FunctionalInterface
interface Shape {
    void applied(Result result, RespWriter out);

    /// How much of values the answer to a write may hold for this reply; 0 if it shows none, so that none is kept.
    default long valueBytesMax(Limits limits) {
        return 0;
    }

    /// Nothing was done, since the command's condition did not hold. Only of commands that have one.
    ///
    /// @param current what the key holds
    default void conditionFailed(@Nullable Versioned current, RespWriter out) {
        out.nullBulkString();
    }
}
