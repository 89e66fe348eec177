package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// TCP has no borders: wherever it cuts a stream, the same requests come out.
class RequestPiecesTest {
    private static final String SET = "*3\r\n$3\r\nSET\r\n$5\r\nk\r\n:1\r\n$0\r\n\r\n";
    private static final String LONG = "*2\r\n$4\r\nECHO\r\n$1300\r\n" + "x".repeat(1300) + "\r\n";

    static final List<String> INPUTS = List.of(SET, SET + SET + "PING\r\n" + SET, LONG + SET,
            "*18\r\n" + "$1\r\na\r\n".repeat(18) + "*0\r\n*-1\r\n" + SET,
            "SET \"a b\\x41\" 'c\\'d' e\r\n\r\nPING\n" + SET, SET + "*1\r\n$-1\r\n" + SET,
            SET + "*1\r\nx" + SET, SET + "*12x\r\n", SET + "*1\r\n$1\r\nab\r\n",
            SET + "a \"b\"c\r\n" + SET, SET + "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
            SET + "*1\r\n$5\r\nhost:\r\n" + SET, "*10000000000000000000\r\n", "*1\r\n$0",
            "\0\r\n\u00ff\u00fe \0\n", "*2147483648\r\n");

    @ParameterizedTest
    @FieldSource("INPUTS")
    void everyCutInTwo(String input) {
        var whole = Conversation.of(input);
        for (int cut = 0; cut <= input.length(); cut++) {
            var pieces = new Conversation().say(input.substring(0, cut))
                    .say(input.substring(cut));
            assertEquals(whole, withoutEcho(pieces.heard()), "cut at " + cut);
        }
    }

    @ParameterizedTest
    @FieldSource("INPUTS")
    void byteByByte(String input) {
        var pieces = new Conversation();
        for (int i = 0; i < input.length(); i++) {
            pieces.say(input.substring(i, i + 1));
        }
        assertEquals(Conversation.of(input), withoutEcho(pieces.heard()));
    }

    /// A broken parser says so again whenever it is asked.
    private static List<String> withoutEcho(List<String> heard) {
        int last = heard.size();
        while (last > 1 && heard.get(last - 1).equals(heard.get(last - 2))
                && (heard.get(last - 1).startsWith("-") || heard.get(last - 1).startsWith("!"))) {
            last--;
        }
        return heard.subList(0, last);
    }

    @Test
    void manyCutsOfALongStream() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        var input = String.join("", INPUTS.subList(0, 5)).repeat(3);
        var whole = Conversation.of(input);
        for (int round = 0; round < 2_000; round++) {
            var pieces = new Conversation();
            int piecesMax = 1 + random.nextInt(600);
            for (int at = 0; at < input.length();) {
                int end = Math.min(input.length(), at + 1 + random.nextInt(piecesMax));
                pieces.say(input.substring(at, end));
                at = end;
            }
            assertEquals(whole, pieces.heard(), "seed " + seed + ", round " + round);
        }
    }

    /// Anything that begins again at every piece would look at 16 million million bytes here.
    @Test
    void aLargeRequestInSmallPiecesTakesLinearTime() {
        int size = Limits.DEFAULT.respArgumentBytesMax();
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            var conversation = new Conversation().say("*3\r\n$4\r\nMSET\r\n$1\r\nk\r\n$" + size
                    + "\r\n");
            var one = new byte[]{'x'};
            for (int i = 0; i < size; i++)
                conversation.say(one);
            assertEquals(1, conversation.say("\r\n").heard().size());
        });
    }

    /// As an argument does, it grows by doubling.
    @Test
    void aLongLineInSmallPiecesIsSeldomCopied() {
        var conversation = new Conversation();
        int held = 0;
        int copies = 0;
        int length = Limits.RESP_INLINE_BYTES_MAX - 1;
        for (int i = 1; i <= length; i++) {
            int now = conversation.say("x").parser().heldBytes();
            if (now != held) copies++;
            held = now;
            assertTrue(held <= 2 * i, held + " bytes held of " + i);
        }
        assertTrue(copies <= 20, copies + " copies");
        assertEquals(List.of("x".repeat(length)), conversation.say("\r\n").heard());
    }

    @Test
    void manyArgumentsInSmallPiecesTakeLinearTime() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            int count = Limits.RESP_ARGUMENTS_MAX;
            var conversation = new Conversation().say("*" + count + "\r\n");
            byte[] bytes = "$2\r\nab\r\n".getBytes(ISO_8859_1);
            for (int i = 0; i < count; i++) {
                for (byte b : bytes)
                    conversation.say(new byte[]{b});
            }
            assertEquals(1, conversation.heard().size());
            assertTrue(conversation.heard().getFirst().length() > 2 * count);
        });
    }

    @Test
    void aLineInSmallPiecesTakesLinearTime() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (int round = 0; round < 20; round++) {
                var conversation = new Conversation();
                for (int i = 0; i < Limits.RESP_INLINE_BYTES_MAX; i++)
                    conversation.say("x");
                assertEquals(1, conversation.say("\n").heard().size());
            }
        });
    }
}
