package org.bellwether.server.resp;

/// Integers in arguments, by the rules of Redis's `string2ll`: no sign but a minus, no leading zero, no
/// space.
final class WholeNumber {
    private static final int DIGITS_MAX = 19;

    private WholeNumber() {}

    /// @throws CommandError if it is none, or does not fit into 64 bits
    static long parse(byte[] text) {
        boolean negative = text.length > 0 && text[0] == '-';
        int from = negative ? 1 : 0;
        int digits = text.length - from;
        boolean zeroFirst = digits > 0 && text[from] == '0';
        if (digits == 0 || digits > DIGITS_MAX || zeroFirst && (digits > 1 || negative))
            throw CommandError.notAnInteger();
        // Below zero there is one number more than above.
        long value = 0;
        for (int i = from; i < text.length; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10)
                throw CommandError.notAnInteger();
            value = 10 * value - digit;
        }
        if (!negative && value == Long.MIN_VALUE) throw CommandError.notAnInteger();
        return negative ? value : -value;
    }

    /// @param least    the smallest that is meant
    /// @param most     the largest
    /// @param otherwise what is said of any other
    static int parse(byte[] text, int least, int most, String otherwise) {
        long value;
        try {
            value = parse(text);
        } catch (CommandError none) {
            throw new CommandError(otherwise);
        }
        if (value < least || value > most) throw new CommandError(otherwise);
        return (int) value;
    }
}
