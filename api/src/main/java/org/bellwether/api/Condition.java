package org.bellwether.api;

/// What must be true of a key at the moment a command is applied, or the command is refused.
public sealed interface Condition {
    Condition ALWAYS = new Always();
    Condition ABSENT = new Absent();
    Condition EXISTS = new Exists();

    /// No condition.
    record Always() implements Condition {}

    /// The key does not exist (HTTP's `If-None-Match: *`, Redis's `NX`).
    record Absent() implements Condition {}

    /// The key exists, whatever its revision (HTTP's `If-Match: *`, Redis's `XX`).
    record Exists() implements Condition {}

    /// The key exists and was last modified at exactly this revision (HTTP's `If-Match: "17"`).
    record At(Revision modified) implements Condition {}

    /// The key exists and has exactly this value (Redis's `IFEQ`).
    record ValueIs(Bytes value) implements Condition {}

    /// The key has another value than this, or none (Redis's `IFNE`).
    record ValueIsNot(Bytes value) implements Condition {}
}
