package org.bellwether.server.resp;

import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;

/// What went wrong, in words that clients of Redis know. By its code a client can tell whether it may simply ask
/// again: `UNKNOWN`, which Redis does not have, is the only one after which a write may have happened.
final class OutcomeErrors {
    private OutcomeErrors() {}

    /// @throws IllegalArgumentException if nothing went wrong
    static String of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Refused(var why) -> of(why);
            case Outcome.NotLeader _ -> "CLUSTERDOWN this node does not lead and could not pass the"
                    + " command on; nothing happened";
            case Outcome.Overloaded(var cause, var what) -> switch (cause) {
                case FULL -> "TRYAGAIN " + what + "; nothing happened";
                case NOT_READY -> "LOADING " + what + "; nothing happened";
                case NO_LEADER -> "CLUSTERDOWN " + what + "; nothing happened";
            };
            case Outcome.Unknown(var why) -> "UNKNOWN " + why
                    + "; it may have happened or may yet";
            case Outcome.Applied _, Outcome.Accepted _ -> throw new IllegalArgumentException(
                    "done is no error");
        };
    }

    private static String of(Refusal refusal) {
        return switch (refusal) {
            case Refusal.ConditionFailed _ -> throw new IllegalArgumentException(
                    "a condition is for the command to speak of");
            case Refusal.OverLimit over -> "ERR " + over;
            case Refusal.Malformed(var what) -> "ERR " + what;
            case Refusal.Conflict(var what) -> "ERR " + what;
            case Refusal.Lost(var write) -> "ERR the write " + write + " was lost in a failover";
            case Refusal.Forgotten(var write, var _) -> "ERR whether the write " + write
                    + " was kept cannot be told any more";
            case Refusal.Arithmetic(var fault) -> switch (fault) {
                case NOT_AN_INTEGER -> "ERR value is not an integer or out of range";
                case OVERFLOW -> "ERR increment or decrement would overflow";
                case NOT_A_DECIMAL -> "ERR value is not a valid float";
                case NOT_FINITE -> "ERR increment would produce NaN or Infinity";
            };
            case Refusal.StorageFull(var what) -> "OOM " + what;
        };
    }
}
