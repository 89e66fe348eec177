package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Refusal;
import org.bellwether.api.Refusal.Fault;
import org.bellwether.api.Result;
import org.jspecify.annotations.Nullable;

/// What an [Amendment] makes of a value.
sealed interface Edited {
    record Made(Bytes value, Result result) implements Edited {}

    record Unchanged(Result result) implements Edited {}

    record Refused(Refusal why) implements Edited {}

    /// The longest number of 64 bits, with its sign.
    int INTEGER_CHARS_MAX = 20;

    /// @param before null if the key is absent
    static Edited of(@Nullable Bytes before, Amendment how, Limits limits) {
        return switch (how) {
            case Amendment.Add(long number) -> add(before, number);
            case Amendment.AddDecimal(var number) -> addDecimal(before, number);
            case Amendment.Append(var bytes) -> {
                var old = before == null ? Bytes.EMPTY : before;
                yield overwrite(old, old.length(), bytes, before == null, limits);
            }
            case Amendment.Overwrite(int offset, var bytes) -> overwrite(
                    before == null ? Bytes.EMPTY : before, offset, bytes, false, limits);
        };
    }

    private static Edited add(@Nullable Bytes before, long number) {
        var old = before == null ? Long.valueOf(0) : integer(before.array());
        if (old == null) return fault(Fault.NOT_AN_INTEGER);
        long sum = old + number;
        // Both signs differ from that of the sum: it went over the edge.
        if (((old ^ sum) & (number ^ sum)) < 0) return fault(Fault.OVERFLOW);
        return new Made(Bytes.utf8(Long.toString(sum)), new Result.Amount(sum));
    }

    /// As strictly as Redis: digits and a minus, without zeros in front, without blanks.
    private static @Nullable Long integer(byte[] digits) {
        if (digits.length == 0 || digits.length > INTEGER_CHARS_MAX) return null;
        boolean negative = digits[0] == '-';
        int first = negative ? 1 : 0;
        if (first == digits.length) return null;
        if (digits[first] == '0') return digits.length == 1 ? 0L : null;
        // Below zero there is one number more than above.
        long sum = 0;
        for (int i = first; i < digits.length; i++) {
            int digit = digits[i] - '0';
            if (digit < 0 || digit > 9 || sum < (Long.MIN_VALUE + digit) / 10) return null;
            sum = 10 * sum - digit;
        }
        if (negative) return sum;
        return sum == Long.MIN_VALUE ? null : Long.valueOf(-sum);
    }

    private static Edited addDecimal(@Nullable Bytes before, Bytes number) {
        var old = LongDouble.parse(before == null ? new byte[]{'0'} : before.array());
        var added = LongDouble.parse(number.array());
        if (old == null || added == null) return fault(Fault.NOT_A_DECIMAL);
        var sum = old.plus(added);
        if (sum == null) return fault(Fault.NOT_FINITE);
        var digits = Bytes.wrap(sum.toString().getBytes(ISO_8859_1));
        return new Made(digits, new Result.Text(digits));
    }

    /// @param makesKey whether a key comes to be even by no bytes
    private static Edited overwrite(Bytes old, int offset, Bytes bytes, boolean makesKey,
            Limits limits) {
        if (bytes.isEmpty() && !makesKey) return new Unchanged(new Result.Amount(old.length()));
        long length = Math.max(old.length(), (long) offset + bytes.length());
        var refusal = limits.checkValue(length);
        if (refusal != null) return new Refused(refusal);
        var made = Arrays.copyOf(old.array(), (int) length);
        System.arraycopy(bytes.array(), 0, made, offset, bytes.length());
        return new Made(Bytes.wrap(made), new Result.Amount(length));
    }

    private static Edited fault(Fault fault) {
        return new Refused(new Refusal.Arithmetic(fault));
    }
}
