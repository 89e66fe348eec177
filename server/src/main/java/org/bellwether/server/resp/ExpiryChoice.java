package org.bellwether.server.resp;

import org.bellwether.api.Expiry;
import org.jspecify.annotations.Nullable;

/// The one option of a command that says when a key is to expire, among its other options. Only when all of them have
/// been seen, it is looked at what it says.
final class ExpiryChoice {
    private final Arguments arguments;
    private final String word;
    private final Expiry meaning;
    private boolean plain;
    private @Nullable ExpiryOption unit;
    private int number;

    /// @param word    of the option that has no number, as in `PERSIST`
    /// @param meaning of that
    ExpiryChoice(Arguments arguments, String word, Expiry meaning) {
        this.arguments = arguments;
        this.word = word;
        this.meaning = meaning;
    }

    /// @return the index behind the option that stands here
    /// @throws CommandError if it is none of these, or another than before
    int take(int index) {
        if (arguments.is(index, word) && unit == null) {
            plain = true;
            return index + 1;
        }
        var asked = ExpiryOption.at(arguments, index);
        if (asked == null || plain || unit != null && !unit.equals(asked))
            throw CommandError.syntax();
        unit = asked;
        number = index + 1;
        return index + 2;
    }

    /// @param command for the error
    /// @return null if nothing was chosen
    @Nullable
    Expiry expiry(String command) {
        if (plain) return meaning;
        return unit == null ? null : unit.ofNew(arguments.get(number), command);
    }
}
