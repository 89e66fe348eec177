package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is a request, and what is none. The words of the errors are those of Redis 7.0.15.
class RequestParserTest {
    private static final String PING = "*1\r\n$4\r\nPING\r\n";

    private static void assertError(String words, String input) {
        assertEquals(List.of("-ERR Protocol error: " + words), Conversation.of(input));
    }

    private static Conversation stranger() {
        return new Conversation(RequestLimits.ofStranger());
    }

    @Test
    void arraysOfBulkStrings() {
        assertEquals(List.of("PING"), Conversation.of(PING));
        assertEquals(List.of("SET|key|"),
                Conversation.of("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n"));
        assertEquals(List.of("ECHO|\r\n\0*$"),
                Conversation.of("*2\r\n$4\r\nECHO\r\n$5\r\n\r\n\0*$\r\n"));
        var arguments = "*40\r\n" + "$1\r\na\r\n".repeat(40);
        assertEquals(List.of("a" + "|a".repeat(39)), Conversation.of(arguments));
    }

    @Test
    void pipelines() {
        assertEquals(List.of("PING", "GET|k", "PING", "inline|too"), Conversation
                .of(PING + "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" + PING + "inline too\r\n"));
    }

    /// "Empty query" and "Negative multibulk length" of Redis's tests/unit/protocol.tcl.
    @Test
    void requestsWithoutAName() {
        assertEquals(List.of("PING"), Conversation.of("\r\n" + PING));
        assertEquals(List.of("PING"), Conversation.of("*0\r\n*-1\r\n*-10\r\n" + PING));
        assertEquals(List.of("PING", "PING"), Conversation.of("PING \n\n\n  \r\n" + PING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*\r\n", "*x\r\n", "*1x\r\n", "*01\r\n", "*+1\r\n", "*-0\r\n",
            "* 1\r\n",
            "*1 \r\n", "*1\n", "*1\rx", "*--1\r\n", "*-\r\n", "*20000000000\r\n", "*65537\r\n",
            "*2147483648\r\n", "*9223372036854775807\r\n", "*9223372036854775808\r\n",
            "*18446744073709551617\r\n", "*1111111111111111111"})
    void numbersOfArgumentsThatAreNone(String input) {
        assertError("invalid multibulk length", input);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$\r\n", "$x\r\n", "$-1\r\n", "$01\r\n", "$+4\r\n", "$4\n", "$4\rP",
            "$2097153\r\n", "$536870912\r\n", "$2147483648\r\n", "$-2147483648\r\n",
            "$9223372036854775807\r\n", "$9223372036854775808\r\n", "$-9223372036854775808\r\n",
            "$4294967300\r\n", "$18446744073709551620\r\n", "$99999999999999999999999999\r\n"})
    void lengthsThatAreNone(String length) {
        assertError("invalid bulk length", "*1\r\n" + length);
        assertError("invalid bulk length", "*2\r\n$4\r\nECHO\r\n" + length);
    }

    @Test
    void somethingElseThanABulkString() {
        assertError("expected '$', got 'x'", "*1\r\nxPING\r\n");
        assertError("expected '$', got ':'", "*2\r\n$4\r\nPING\r\n:1\r\n");
        assertError("expected '$', got '\u00ff'", "*1\r\n\u00ff\r\n");
        assertError("expected '$', got '*'", "*1\r\n*1\r\n$4\r\nPING\r\n");
    }

    /// Redis skips two bytes there, whatever they are.
    @Test
    void aBulkStringThatDoesNotEndWhereItShould() {
        assertError("expected CRLF after bulk string", "*1\r\n$4\r\nPINGxx");
        assertError("expected CRLF after bulk string", "*1\r\n$4\r\nPING\rx");
        assertError("expected CRLF after bulk string", "*1\r\n$3\r\nPING\r\n");
        assertError("expected CRLF after bulk string", "*1\r\n$0\r\nx");
    }

    @Test
    void aRequestThatIsTooLargeAsAWhole() {
        var announced = "$" + Limits.DEFAULT.respArgumentBytesMax() + "\r\n";
        var bytes = "x".repeat(Limits.DEFAULT.respArgumentBytesMax()) + "\r\n";
        assertEquals(2, Limits.DEFAULT.respRequestBytesMax()
                / Limits.DEFAULT.respArgumentBytesMax());
        assertError("too big request",
                "*4\r\n" + announced + bytes + announced + bytes + "$1\r\n");
    }

    @Test
    void inlineCommands() {
        assertEquals(List.of("PING"), Conversation.of("PING\r\n"));
        assertEquals(List.of("PING"), Conversation.of("PING\n"));
        assertEquals(List.of("SET|k|v"), Conversation.of("  SET \t k   v  \r\n"));
        assertEquals(List.of("$4"), Conversation.of("$4\r\n"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"foo \"\", foo|", "foo '', foo|",
            "foo a\"b c\", foo|ab c", "foo 'd\\'e', foo|d'e", "foo 'a\\nb', foo|a\\nb",
            "foo \"\\x41\\q\\\"\", foo|Aq\"", "foo \"\\x4\", foo|x4", "foo \"\\xg1\", foo|xg1",
            "foo \"a'b\" 'c\"d', foo|a'b|c\"d", "foo a\\b, foo|a\\b", "foo \"a\"\u000b'b', foo|a|b",
            "foo a\u000bb \u000c c, foo|a\u000bb|c", "\"PI\"\"NG\", -", "foo \"a, -", "foo 'a, -",
            "foo \"a\"b, -", "foo 'a'b, -", "foo \"a\\\", -", "foo \", -", "foo 'a\\', -"})
    void quotes(String line, String heard) {
        assertEquals(heard.equals("-")
                ? "-ERR Protocol error: unbalanced quotes in request"
                : heard, Conversation.of(line + "\r\n").getFirst());
    }

    @Test
    void escapesOfBytes() {
        assertEquals(List.of("foo|\n\r\t\b\u0007\0\u00ff"),
                Conversation.of("foo \"\\n\\r\\t\\b\\a\\x00\\xfF\"\r\n"));
        assertEquals(List.of("foo|a\0b"), Conversation.of("foo a\0b\r\n"));
        assertEquals(List.of("foo|a|b"), Conversation.of("foo a\rb\r\n"));
    }

    @Test
    void aLineThatIsTooLong() {
        var line = "x".repeat(Limits.RESP_INLINE_BYTES_MAX);
        assertEquals(List.of(line), Conversation.of(line + "\n"));
        assertError("too big inline request", line + "x\n");
        assertError("too big inline request", line + "x");
        assertError("too big inline request", line + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST / HTTP/1.1\r\n", "post\r\n", "Host: localhost\r\n",
            "*1\r\n$5\r\nHOST:\r\n", "*2\r\n$4\r\nPost\r\n$1\r\n/\r\n"})
    void aClientOfHttp(String input) {
        var conversation = new Conversation().say(input + PING).say(PING);
        assertEquals(2, conversation.heard().size());
        assertTrue(conversation.heard().getFirst().startsWith("!"));
        assertFalse(conversation.parser().isUnderway());
    }

    @Test
    void theHeadersOfAGetEndAtHost() {
        assertEquals(List.of("GET|/|HTTP/1.1", "!Host:"),
                Conversation.of("GET / HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n"));
    }

    @Test
    void afterAnErrorNothingIsBelieved() {
        var conversation = new Conversation().say(PING + "*x\r\n" + PING).say(PING);
        assertEquals("PING", conversation.heard().getFirst());
        assertEquals(3, conversation.heard().size());
        assertEquals(conversation.heard().get(1), conversation.heard().get(2));
        assertEquals(0, conversation.parser().heldBytes());
    }

    /// "For unauthenticated clients multibulk and bulk length are limited" of Redis's tests/unit/auth.tcl;
    /// CVE-2021-32675.
    @Test
    void strangersMaySayLittle() {
        assertEquals(List.of("-ERR Protocol error: unauthenticated multibulk length"),
                stranger().say("*11\r\n").heard());
        assertEquals(List.of("-ERR Protocol error: unauthenticated multibulk length"),
                stranger().say("a b c d e f g h i j k\r\n").heard());
        assertEquals(List.of("-ERR Protocol error: unauthenticated bulk length"),
                stranger().say("*1\r\n$16385\r\n").heard());
        assertEquals(List.of("-ERR Protocol error: unauthenticated bulk length"),
                stranger().say("*1\r\n$100000000\r\n").heard());
        assertEquals(List.of("-ERR Protocol error: invalid bulk length"),
                stranger().say("*1\r\n$-1\r\n").heard());
        var largest = "x".repeat(Limits.RESP_STRANGER_ARGUMENT_BYTES_MAX);
        assertEquals(List.of("x|x|x|x|x|x|x|x|x|x".replace("x", largest)),
                stranger().say("*10\r\n" + ("$16384\r\n" + largest + "\r\n").repeat(10)).heard());
    }

    @Test
    void whoIsKnownMaySayMore() {
        var parser = new RequestParser(RequestLimits.ofStranger());
        var in = ByteBuffer
                .wrap(("AUTH secret\r\n*11\r\n" + "$1\r\nx\r\n".repeat(11)).getBytes(ISO_8859_1));
        assertInstanceOf(Parsed.Request.class, parser.next(in));
        parser.setLimits(RequestLimits.of(Limits.DEFAULT));
        assertInstanceOf(Parsed.Request.class, parser.next(in));
    }

    @Test
    void underwayMeansBetweenTheFirstByteAndTheLast() {
        var conversation = new Conversation();
        assertFalse(conversation.parser().isUnderway());
        assertTrue(conversation.say("*1\r\n$4\r\nPI").parser().isUnderway());
        assertFalse(conversation.say("NG\r\n").parser().isUnderway());
        assertTrue(conversation.say("PI").parser().isUnderway());
        assertFalse(conversation.say("NG\r\n").parser().isUnderway());
    }
}
