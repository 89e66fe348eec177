package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sums as `INCRBYFLOAT` of Redis 7.0.15 on x86-64 gives them.
class LongDoubleTest {
    private static @Nullable LongDouble parse(String text) {
        return LongDouble.parse(text.getBytes(ISO_8859_1));
    }

    static @Nullable String sum(String one, String other) {
        var first = parse(one);
        var second = parse(other);
        assertNotNull(first);
        assertNotNull(second);
        var sum = first.plus(second);
        return sum == null ? null : sum.toString();
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.2, 0.3", "10.50, 0.1, 10.6", "10.6, -5, 5.6", "5.0e3, 2.0e2, 5200",
            "3, 1.5, 4.5", "1, -1, 0", "0, -0.0, 0", "-1e-20, 0, 0", "3.0e-18, 0, 0",
            "1e17, 0.1, 100000000000000000.1015625", "1e19, 0.5, 10000000000000000000",
            "1e20, 1, 100000000000000000000", "9223372036854775807, 1, 9223372036854775808",
            "18446744073709551615, 0, 18446744073709551615",
            "18446744073709551617, 0, 18446744073709551616",
            "0.00000000000000001, 0, 0.00000000000000001", "+5, .5, 5.5", "5., 1, 6",
            "1E3, 0, 1000", "1e0, 1e-0, 2", "1e+02, 1e00, 101", "1.5e-17, 0, 0.00000000000000002",
            "2.5e-17, 0, 0.00000000000000002", "017179869184, 1.5, 17179869185.5"})
    void sums(String one, String other, String sum) {
        assertEquals(sum, sum(one, other));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "1 ", "1e", "e5", ".", "-", "+", "1e+", "1.2.3", "--1", "abc",
            "nan",
            "1e5000", "-1e5000", "1e-5000", "1e99999999999", "1,5", "1f", "1d", "1_000",
            "\u0661", "infinit"})
    void whatIsNoNumber(String text) {
        assertNull(parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "-inf", "+Infinity", "INF"})
    void infinityIsReadAndGivesNoSum(String text) {
        assertNull(sum("1", text));
        assertNull(sum(text, "1"));
    }

    @Test
    void whatGrowsBeyondTheLargestNumber() {
        var sum = sum("1e4932", "1e4900");
        assertNotNull(sum);
        assertTrue(sum.startsWith("1000000000000000000006018949387963891323837774254533"));
        assertNull(sum("1e4932", "1e4932"));
        assertEquals("0", sum("1e-4930", "0"));
    }

    /// CVE-2023-28856 was an increment that nobody had looked at before it was stored.
    @Test
    void textsThatWouldTakeLong() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertNull(parse("1e2147483647"));
            assertNull(parse("1e-2147483648"));
            assertNull(parse("9".repeat(5120)));
            assertNotNull(parse("0e999999999999"));
            assertNotNull(parse("0." + "9".repeat(5000)));
            assertNotNull(sum("1e4900", "1e-4900"));
            assertNull(parse("1" + "0".repeat(5000)));
            assertNull(parse("0".repeat(5000) + "1e" + "9".repeat(110)));
            assertNull(parse("9".repeat(5000) + "x"));
            assertNull(parse("9".repeat(2500) + "." + "9".repeat(2500) + "e"));
        });
    }
}
