package org.bellwether.simulation.history;

/// What a checker says of a history. Only [Ok] is good: a checker that gave up has proven nothing.
public sealed interface Verdict {
    Verdict OK = new Ok();

    record Ok() implements Verdict {}

    /// No order of the operations explains the answers.
    record Illegal(String why) implements Verdict {}

    /// Gave up at its limit.
    record Unknown(String why) implements Verdict {}
}
