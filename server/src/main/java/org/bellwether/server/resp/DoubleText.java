package org.bellwether.server.resp;

import java.math.BigDecimal;
import java.math.MathContext;

/// Doubles as Redis prints them since 7.2 (`d2string`): the fewest digits that give the same double back, in
/// the layout of fpconv, which Redis took over. Redis 7.0 printed seventeen, `%.17g`.
final class DoubleText {
    /// Below it, Redis prints what is an integer as one.
    private static final double INTEGERS_MAX = 0x1p62;

    private DoubleText() {}

    static String of(double value) {
        if (Double.isNaN(value)) return "nan";
        if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return 1 / value < 0 ? "-0" : "0";
        if (Math.abs(value) < INTEGERS_MAX && value == Math.rint(value)) {
            return Long.toString((long) value);
        }
        var shortest = shortest(Math.abs(value));
        return (value < 0 ? "-" : "")
                + layOut(shortest.unscaledValue().toString(), -shortest.scale());
    }

    private static BigDecimal shortest(double value) {
        var digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        // Java gives two digits where one would do, of the smallest number of all: 4.9e-324.
        var one = digits.precision() == 2 ? digits.round(new MathContext(1)) : digits;
        return one.doubleValue() == value ? one.stripTrailingZeros() : digits;
    }

    /// @param power of ten, by which the digits are multiplied
    private static String layOut(String digits, int power) {
        int exponent = power + digits.length() - 1;
        if (power >= 0 && Math.abs(exponent) < digits.length() + 7) {
            return digits + "0".repeat(power);
        }
        if (power < 0 && (power > -7 || Math.abs(exponent) < 4)) {
            int point = digits.length() + power;
            return point <= 0
                    ? "0." + "0".repeat(-point) + digits
                    : digits.substring(0, point) + "." + digits.substring(point);
        }
        return digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e"
                + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
    }
}
