package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The numbers of `INCRBYFLOAT`: C's `long double` as x86-64 has it, 64 bits of mantissa, so that sums come
/// out with the digits that Redis gives – 0.1 + 0.2 is 0.3 – and the same on every machine.
///
/// Each is kept as the decimal fraction that it exactly is; only [#round] makes it a long double.
public final class LongDouble {
    private static final int MANTISSA_BITS = 64;
    /// The longest text that Redis reads as a number.
    private static final int TEXT_BYTES_MAX = 5 * 1024 - 1;
    private static final int DECIMAL_PLACES = 17;
    /// Beyond these powers of ten there is nothing but infinity and zero.
    private static final int EXPONENT_MAX = 4932;
    private static final int EXPONENT_MIN = -4951;
    private static final BigDecimal OVERFLOW = new BigDecimal(BigInteger.TWO.pow(16_384));
    /// Possessive throughout: what does not match is not tried again in other ways.
    private static final Pattern NUMBER = Pattern
            .compile("([+-]?(?:\\d++(?:\\.\\d*+)?|\\.\\d++))(?:[eE]([+-]?)(\\d++))?");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?",
            Pattern.CASE_INSENSITIVE);

    private static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);
    /// Of either sign; no sum with it is a number.
    private static final LongDouble INFINITE = new LongDouble(OVERFLOW);

    private final BigDecimal value;

    private LongDouble(BigDecimal value) {
        this.value = value;
    }

    /// @return null if this is `not a valid float`
    public static @Nullable LongDouble parse(byte[] bytes) {
        if (bytes.length > TEXT_BYTES_MAX) return null;
        var text = new String(bytes, ISO_8859_1);
        if (INFINITY.matcher(text).matches()) return INFINITE;
        var number = NUMBER.matcher(text);
        if (!number.matches()) return null;
        var digits = new BigDecimal(number.group(1));
        if (digits.signum() == 0) return ZERO;
        int power = 0;
        if (number.group(3) != null) {
            var announced = new BigInteger(number.group(3));
            // More than the digits before could make good.
            if (announced.bitLength() > 16) return null;
            power = number.group(2).equals("-") ? -announced.intValue() : announced.intValue();
        }
        long exponent = (long) digits.precision() - digits.scale() - 1 + power;
        if (exponent > EXPONENT_MAX || exponent < EXPONENT_MIN) return null;
        var rounded = round(digits.scaleByPowerOfTen(power));
        return isFinite(rounded) ? new LongDouble(rounded) : null;
    }

    /// @return null if it `would produce NaN or Infinity`
    @Nullable
    public LongDouble plus(LongDouble other) {
        if (this == INFINITE || other == INFINITE) return null;
        var sum = round(value.add(other.value));
        return isFinite(sum) ? new LongDouble(sum) : null;
    }

    /// C's `%.17Lf` without the zeros at its end.
    @Override
    public String toString() {
        var places = value.setScale(DECIMAL_PLACES, RoundingMode.HALF_EVEN);
        return places.signum() == 0 ? "0" : places.stripTrailingZeros().toPlainString();
    }

    private static boolean isFinite(BigDecimal value) {
        return value.abs().compareTo(OVERFLOW) < 0;
    }

    /// To the nearest number with 64 bits of mantissa, and of two to the even one (IEEE 754 §4.3.1).
    private static BigDecimal round(BigDecimal exact) {
        if (exact.signum() == 0) return BigDecimal.ZERO;
        var numerator = exact.scale() > 0
                ? exact.unscaledValue().abs()
                : exact.abs().toBigIntegerExact();
        var denominator = BigInteger.TEN.pow(Math.max(0, exact.scale()));
        int shift = MANTISSA_BITS - numerator.bitLength() + denominator.bitLength();
        // Now the quotient has 64 bits or 65.
        if (scaled(numerator, denominator, shift)[0].bitLength() > MANTISSA_BITS) shift--;
        var quotient = scaled(numerator, denominator, shift);
        var mantissa = quotient[0];
        var divisor = shift < 0 ? denominator.shiftLeft(-shift) : denominator;
        int half = quotient[1].shiftLeft(1).compareTo(divisor);
        if (half > 0 || half == 0 && mantissa.testBit(0)) mantissa = mantissa.add(BigInteger.ONE);
        var rounded = shift > 0
                ? new BigDecimal(mantissa.multiply(BigInteger.valueOf(5).pow(shift)), shift)
                : new BigDecimal(mantissa.shiftLeft(-shift));
        return exact.signum() < 0 ? rounded.negate() : rounded;
    }

    /// Numerator / denominator times two to the power of shift: quotient and rest.
    private static BigInteger[] scaled(BigInteger numerator, BigInteger denominator, int shift) {
        return shift < 0
                ? numerator.divideAndRemainder(denominator.shiftLeft(-shift))
                : numerator.shiftLeft(shift).divideAndRemainder(denominator);
    }
}
