package org.bellwether.server.resp;

import org.bellwether.api.Step;

/// What a command comes to in the words of the store, and how the answer looks. By itself it is asked for
/// at once; between `MULTI` and `EXEC` it is a step of the transaction.
record Plan(Step step, Shape shape) {
    /// Finds out what is meant.
    @FunctionalInterface
    interface Maker {
        /// @throws CommandError if it makes no sense
        Plan make(Session session, Arguments arguments);
    }
}
