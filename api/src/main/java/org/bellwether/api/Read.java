package org.bellwether.api;

/// A question to the store.
public sealed interface Read {
    /// The value of one key. Answered with [Result.Found] or [Result.Absent].
    record Get(Bytes key) implements Read {}
}
