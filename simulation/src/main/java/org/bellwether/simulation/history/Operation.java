package org.bellwether.simulation.history;

/// One operation on one key, as the client that made it saw it. Values are numbers, each put at most
/// once to a key, so that a value names the write it came from; [#ABSENT] is no value, and adds count from it.
///
/// @param called   when it was sent, on the one clock of all clients
/// @param returned when it was answered; [#NEVER] if it was not, or the answer was *unknown*
/// @param value    what a put writes, or an add adds; [#ABSENT] for the others
public record Operation(String client, long called, long returned, Kind kind, Guard guard,
        int value, Answer answer) {
    public static final int ABSENT = 0;
    public static final long NEVER = Long.MAX_VALUE;

    public enum Kind {
        GET, PUT, DELETE, ADD
    }

    /// What had to be true of the key for the operation to be done.
    public sealed interface Guard {
        record Always() implements Guard {}

        record Absent() implements Guard {}

        record Exists() implements Guard {}

        /// "Still at the revision I saw": as values are unique, the same as "still this value".
        record Is(int value) implements Guard {}
    }

    /// What the client heard. Every answer but [Unknown] tells something about the value that was there.
    public sealed interface Answer {
        /// A read saw this.
        record Saw(int value) implements Answer {}

        /// A write was done. @param existed whether the key had a value before
        record Done(boolean existed) implements Answer {}

        /// An add was done. @param sum what the key holds since
        record Sum(int sum) implements Answer {}

        /// A write was not done, because its guard did not hold for this value.
        record Refused(int current) implements Answer {}

        /// May have happened at any time since the call, may yet, may never.
        record Unknown() implements Answer {}
    }

    public static final Guard ALWAYS = new Guard.Always();
    public static final Answer UNKNOWN = new Answer.Unknown();
    /// What [#after] says of an operation that cannot have happened in that state.
    static final int IMPOSSIBLE = -1;

    public Operation {
        if (called > returned) throw new IllegalArgumentException("answered before it was asked");
        if (kind == Kind.GET && answer instanceof Answer.Unknown)
            throw new IllegalArgumentException("a read without an answer says nothing");
        if (kind == Kind.ADD && (value <= 0 || !ALWAYS.equals(guard)))
            throw new IllegalArgumentException("adds have no condition, and make values larger");
        if (answer instanceof Answer.Unknown) returned = NEVER;
    }

    public static Operation get(String client, long called, long returned, int saw) {
        return new Operation(client, called, returned, Kind.GET, ALWAYS, ABSENT,
                new Answer.Saw(saw));
    }

    boolean isUnknown() {
        return answer instanceof Answer.Unknown;
    }

    /// The sequential register: what it holds after this operation if it held `state` before it, or
    /// [#IMPOSSIBLE].
    int after(int state) {
        return switch (answer) {
            case Answer.Saw(int saw) -> saw == state ? state : IMPOSSIBLE;
            case Answer.Done(boolean existed) ->
                existed == (state != ABSENT) && holds(state) ? value : IMPOSSIBLE;
            case Answer.Refused(int current) ->
                current == state && !holds(state) ? state : IMPOSSIBLE;
            case Answer.Sum(int sum) -> sum == state + value ? sum : IMPOSSIBLE;
            case Answer.Unknown() -> !holds(state)
                    ? state
                    : kind == Kind.ADD ? state + value : value;
        };
    }

    private boolean holds(int state) {
        return switch (guard) {
            case Guard.Always() -> true;
            case Guard.Absent() -> state == ABSENT;
            case Guard.Exists() -> state != ABSENT;
            case Guard.Is(int expected) -> state == expected;
        };
    }

    @Override
    public String toString() {
        String what = switch (kind) {
            case GET -> "get";
            case PUT -> "put " + value;
            case DELETE -> "delete";
            case ADD -> "add " + value;
        };
        String when = switch (guard) {
            case Guard.Always() -> "";
            case Guard.Absent() -> " if absent";
            case Guard.Exists() -> " if it exists";
            case Guard.Is(int expected) -> " if " + expected;
        };
        String heard = switch (answer) {
            case Answer.Saw(int saw) -> saw == ABSENT ? "absent" : "saw " + saw;
            case Answer.Done(boolean existed) -> existed ? "done, replaced" : "done, was absent";
            case Answer.Sum(int sum) -> "is " + sum;
            case Answer.Refused(int current) -> "refused, is " + current;
            case Answer.Unknown() -> "unknown";
        };
        return "%-6s [%d … %s] %s%s: %s".formatted(client, called,
                returned == NEVER ? "" : Long.toString(returned), what, when, heard);
    }
}
