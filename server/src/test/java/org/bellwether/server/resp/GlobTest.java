package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static boolean matches(String pattern, String text) {
        var glob = Glob.compile(bytes(pattern));
        assertNotNull(glob);
        return glob.matches(bytes(text));
    }

    private static boolean matchesIgnoringCase(String pattern, String text) {
        var glob = Glob.compileIgnoringCase(bytes(pattern));
        assertNotNull(glob);
        return glob.matches(bytes(text));
    }

    @ParameterizedTest
    @CsvSource({"hello, hello", "h?llo, hallo", "h*llo, hllo", "h*llo, heeeello", "h[ae]llo, hello",
            "h[^e]llo, hbllo", "h[a-b]llo, hbllo", "*, x", "**, x", "a*, a", "a**, a", "*a*, bab",
            "h\\?llo, h?llo", "[\\]], ]", "[a\\-z], -", "[z-a], m", "ab\\, ab\\", "*[0-9], k7",
            "user:*:name, user:1:2:name", "?*?, ab"})
    void matching(String pattern, String text) {
        assertTrue(matches(pattern, text));
    }

    @ParameterizedTest
    @CsvSource({"hello, hell", "h?llo, hllo", "h[ae]llo, hillo", "h[^e]llo, hello",
            "h[a-b]llo, hcllo", "h\\?llo, hello", "a*b, ac", "'', x", "?, ab", "?, ''", "[], x",
            "[]a], a", "?*?, a", "a, A"})
    void notMatching(String pattern, String text) {
        assertFalse(matches(pattern, text));
    }

    /// What Redis 7.0.15 makes of patterns that nobody would write.
    @Test
    void oddPatterns() {
        assertTrue(matches("[^", "x"), "negated, and nobody closed it: any byte");
        assertTrue(matches("[^]", "x"));
        assertFalse(matches("[", "["));
        assertTrue(matches("[ab", "b"), "closed by the end");
        assertTrue(matches("[a-]", "a"), "a range from ] to a, closed by the end");
        assertTrue(matches("[a-]", "^"));
        assertFalse(matches("[a-]", "-"));
        assertTrue(matches("[a\\", "\\"));
        assertFalse(matches("*", ""), "the empty text has only the empty pattern");
        assertTrue(matches("", ""));
    }

    @Test
    void bytesAreUnsignedAndZeroIsOneOfThem() {
        assertTrue(matches("[a-\u00ff]", "\u00e9"));
        assertTrue(matches("a?b", "a\0b"));
        assertTrue(matches("*\u00ff", "\0\u00ff"));
    }

    @Test
    void caseMayBeIgnored() {
        assertTrue(matchesIgnoringCase("GET*", "getdel"));
        assertTrue(matchesIgnoringCase("get*", "GETDEL"));
        assertTrue(matchesIgnoringCase("[A-C]", "b"));
        assertTrue(matchesIgnoringCase("[^A-C]", "d"));
        assertFalse(matchesIgnoringCase("[^A-C]", "b"));
        assertFalse(matchesIgnoringCase("[", "["));
        assertTrue(matchesIgnoringCase("\u00c9", "\u00c9"));
        assertFalse(matchesIgnoringCase("\u00c9", "\u00e9"), "only ASCII has case");
    }

    @ParameterizedTest
    @ValueSource(ints = {62, 63, 64, 65, 127, 128, 129, 1024})
    void tokensAcrossTheWordsOfTheState(int tokens) {
        var literal = "k".repeat(tokens);
        assertTrue(matches(literal, literal));
        assertFalse(matches(literal, literal + "k"));
        assertFalse(matches(literal, literal.substring(1)));
        assertTrue(matches(literal + "*", literal + "more"));
        assertTrue(matches("*" + literal, "x" + literal));
        assertFalse(matches(literal + "*", "x" + literal));
    }

    @Test
    void aPatternHasItsLimit() {
        assertNotNull(Glob.compile(bytes("?".repeat(Glob.TOKENS_MAX))));
        assertNotNull(Glob.compile(bytes("*".repeat(100_000))));
        assertNull(Glob.compile(bytes("?".repeat(Glob.TOKENS_MAX + 1))));
    }

    /// CVE-2022-36021: "string matching commands with a specially crafted pattern … hang"; here each star
    /// would multiply the ways.
    @Test
    void manyStarsAreAsFastAsOne() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertFalse(matches("a*".repeat(500) + "b", "a".repeat(100_000)));
            assertFalse(matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a".repeat(1_000_000)));
            assertFalse(matches("*" + "?".repeat(500) + "b", "a".repeat(100_000)));
            assertFalse(matches("*" + "[a-z]*".repeat(500) + "!", "a".repeat(100_000)));
        });
    }

    /// CVE-2024-31228: "unbounded pattern matching … stack overflow".
    @Test
    void noPatternIsTooDeep() {
        assertTrue(matches("*?".repeat(1000), "a".repeat(1000)));
        assertTrue(matches("*".repeat(1_000_000), "a"));
        assertTrue(matches("\\*".repeat(1000), "*".repeat(1000)));
    }

    /// Against the obvious recursion, on patterns of few letters, where everything happens.
    @Test
    void agreesWithTheObviousRecursion() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 200_000; i++) {
            var pattern = random(random, "ab*?[]^-\\", 8);
            var text = random(random, "ab^]", 6);
            assertEquals(text.isEmpty() ? pattern.isEmpty() : obvious(pattern, text),
                    matches(pattern, text), "seed " + seed + ": " + pattern + " on " + text);
        }
    }

    /// Patterns as they are written, and texts that nearly match: literal ends, and states of one word and of several.
    @Test
    void agreesWithTheObviousRecursion_whateverIsLiteral() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        int matching = 0;
        for (int i = 0; i < 20_000; i++) {
            var pattern = new StringBuilder();
            var text = new StringBuilder();
            int stars = 0;
            for (int left = random.nextInt(i % 20 == 0 ? 150 : 12); left >= 0; left--) {
                int kind = random.nextInt(40);
                if (kind < 2 && stars++ < 2) {
                    pattern.append('*');
                    text.append(random(random, "abc\u00e9", 3));
                } else {
                    pattern.append(kind < 3
                            ? "?"
                            : kind < 5
                                    ? "[^xa]"
                                    : kind < 7
                                            ? "[a-c\u00e9]"
                                            : kind < 8 ? "\\b" : "b");
                    text.append(kind < 8 || random.nextInt(20) > 0 ? 'b' : 'c');
                }
            }
            boolean matches = matches(pattern.toString(), text.toString());
            assertEquals(!text.isEmpty() && obvious(pattern.toString(), text.toString()), matches,
                    "seed " + seed + ": " + pattern + " on " + text);
            if (matches) matching++;
        }
        assertTrue(matching > 1_000 && matching < 19_000, matching + " match");
    }

    @Test
    void withoutCase_agreesWithCaseOnWhatHasLostIt() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 50_000; i++) {
            var pattern = random(random, "aAbB*?[]^\\", 8);
            var text = random(random, "aAbB^]", 6);
            assertEquals(matches(pattern.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT)),
                    matchesIgnoringCase(pattern, text),
                    "seed " + seed + ": " + pattern + " on " + text);
        }
    }

    /// Clients may listen to thousands of patterns each.
    @Test
    void whatAPatternTakesIsLittle() {
        assertEquals(0, tableBytes("news.*"));
        assertEquals(0, tableBytes("__key*__:" + "x".repeat(1000)));
        assertEquals(0, tableBytes("*.log"));
        assertTrue(tableBytes("*foo*") <= 120, tableBytes("*foo*") + " bytes");
        assertTrue(tableBytes("h[ae]llo") <= 120, tableBytes("h[ae]llo") + " bytes");
        assertTrue(tableBytes("a" + "?".repeat(1000)) <= 400);
        var everyByte = new StringBuilder("?");
        for (int b = 0; b < 256; b++)
            everyByte.append('\\').append((char) b);
        assertTrue(tableBytes(everyByte.toString()) <= 12_000);
    }

    private static int tableBytes(String pattern) {
        var glob = Glob.compile(bytes(pattern));
        assertNotNull(glob);
        return glob.tableBytes();
    }

    private static String random(SplittableRandom random, String letters, int lengthMax) {
        var text = new StringBuilder();
        for (int left = random.nextInt(lengthMax + 1); left > 0; left--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private static boolean obvious(String pattern, String text) {
        if (pattern.isEmpty()) return text.isEmpty();
        if (pattern.charAt(0) == '*') {
            return obvious(pattern.substring(1), text)
                    || !text.isEmpty() && obvious(pattern, text.substring(1));
        }
        if (text.isEmpty()) return false;
        int end = tokenEnd(pattern);
        return one(pattern.substring(0, end), text.charAt(0))
                && obvious(pattern.substring(end), text.substring(1));
    }

    private static int tokenEnd(String pattern) {
        if (pattern.charAt(0) == '\\') return Math.min(2, pattern.length());
        if (pattern.charAt(0) != '[') return 1;
        int at = pattern.startsWith("[^") ? 2 : 1;
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            boolean escape = pattern.charAt(at) == '\\' && at + 1 < pattern.length();
            boolean range = at + 2 < pattern.length() && pattern.charAt(at + 1) == '-';
            at += escape ? 2 : range ? 3 : 1;
        }
        return Math.min(at + 1, pattern.length());
    }

    private static boolean one(String token, char c) {
        return switch (token.charAt(0)) {
            case '?' -> true;
            case '\\' -> token.charAt(token.length() - 1) == c;
            case '[' -> inSet(token, c);
            default -> token.charAt(0) == c;
        };
    }

    private static boolean inSet(String token, char c) {
        boolean not = token.startsWith("[^");
        int at = not ? 2 : 1;
        boolean found = false;
        while (at < token.length() && token.charAt(at) != ']') {
            char first = token.charAt(at);
            if (first == '\\' && at + 1 < token.length()) {
                found |= token.charAt(at + 1) == c;
                at += 2;
            } else if (at + 2 < token.length() && token.charAt(at + 1) == '-') {
                char other = token.charAt(at + 2);
                found |= c >= Math.min(first, other) && c <= Math.max(first, other);
                at += 3;
            } else {
                found |= first == c;
                at++;
            }
        }
        return found != not;
    }
}
