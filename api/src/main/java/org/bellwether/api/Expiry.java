package org.bellwether.api;

/// When a key is to be absent, by the cluster's time: milliseconds since 1970 as the log carries them, which never
/// go back and follow the leaders' wall clocks slowly.
public sealed interface Expiry {
    Expiry NEVER = new Never();
    Expiry KEEP = new Keep();

    /// The key stays; an end that it had is forgotten.
    record Never() implements Expiry {}

    /// As it was before; of a key that was absent, never.
    record Keep() implements Expiry {}

    /// At this time. One that is past makes the key absent at once.
    ///
    /// @param millis since 1970
    record At(long millis) implements Expiry {}

    /// So long after the moment at which the command is applied. Nothing, or less, makes the key absent at once.
    record In(long millis) implements Expiry {}
}
