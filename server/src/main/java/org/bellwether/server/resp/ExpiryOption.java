package org.bellwether.server.resp;

import java.util.List;
import org.bellwether.api.Expiry;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// When a key is to expire, as the arguments of a command say: a number, its unit, and what it counts from.
///
/// @param word   of the option that says so, as in `SET key value PX 100`
/// @param millis of the unit
/// @param since1970 whether it counts from there; else from now
record ExpiryOption(String word, long millis, boolean since1970) {
    static final ExpiryOption SECONDS = new ExpiryOption("ex", 1_000, false);
    static final ExpiryOption MILLIS = new ExpiryOption("px", 1, false);
    static final ExpiryOption AT_SECONDS = new ExpiryOption("exat", 1_000, true);
    static final ExpiryOption AT_MILLIS = new ExpiryOption("pxat", 1, true);
    private static final List<ExpiryOption> ALL = List.of(SECONDS, MILLIS, AT_SECONDS, AT_MILLIS);

    /// The option that this argument is; null if it is none, or no number follows.
    static @Nullable ExpiryOption at(Arguments arguments, int index) {
        for (var option : ALL) {
            if (arguments.is(index, option.word))
                return index + 1 < arguments.count() ? option : null;
        }
        return null;
    }

    /// Of a value that is being set: there is no end before now.
    ///
    /// @param command for the error
    Expiry ofNew(byte[] number, String command) {
        long count = WholeNumber.parse(number);
        if (count <= 0) throw invalid(command);
        return of(count, command);
    }

    /// Of a key that is there, which may also end now.
    Expiry of(byte[] number, String command) {
        return of(WholeNumber.parse(number), command);
    }

    private Expiry of(long count, String command) {
        if (count > Limits.EXPIRY_MILLIS_MAX / millis || count < Long.MIN_VALUE / millis)
            throw invalid(command);
        // Past is past.
        long time = Math.max(count * millis, -Limits.EXPIRY_MILLIS_MAX);
        return since1970 ? new Expiry.At(time) : new Expiry.In(time);
    }

    private static CommandError invalid(String command) {
        return new CommandError("ERR invalid expire time in '" + command + "' command");
    }
}
