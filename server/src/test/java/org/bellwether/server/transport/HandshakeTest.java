package org.bellwether.server.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bellwether.api.Address;
import org.bellwether.transport.BadFrameException;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final Hello HELLO = new Hello(1, 65_535, TestNode.CLUSTER, TestNode.id(2),
            TestNode.id(3), new Address("127.0.0.1", 7501));

    @Test
    void aHelloArrives() throws BadFrameException {
        assertEquals(Hello.bytes(9), HELLO.encode().length);
        assertEquals(HELLO, Hello.decode(HELLO.encode()));
    }

    @Test
    void everyFlippedBitOfAHelloIsNoticed() {
        byte[] hello = HELLO.encode();
        for (int bit = 0; bit < hello.length * 8; bit++) {
            hello[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(BadFrameException.class, () -> Hello.decode(hello));
            hello[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void aVerdictArrives() throws BadFrameException {
        assertEquals(Verdict.welcome(), decode(Verdict.welcome().encode()));
        assertEquals(Verdict.refused("no Ämter"), decode(Verdict.refused("no Ämter").encode()));
        var lengthy = decode(Verdict.refused("x".repeat(10_000)).encode());
        assertEquals(Verdict.refused("x".repeat(Verdict.REASON_BYTES_MAX)), lengthy);
    }

    @Test
    void everyFlippedBitOfAVerdictIsNoticed() {
        byte[] verdict = Verdict.refused("no").encode();
        for (int bit = 0; bit < verdict.length * 8; bit++) {
            verdict[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(BadFrameException.class, () -> decode(verdict));
            verdict[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void attemptsComeLessAndLessOften_andNeverInStep() {
        var backoff = new Backoff(new Random(1));
        long longest = Backoff.LONGEST.toNanos();
        long expected = Backoff.FIRST.toNanos();
        for (int i = 0; i < 20; i++) {
            long nanos = backoff.next().toNanos();
            assertTrue(nanos >= expected / 2 && nanos <= expected, "attempt " + i + ": " + nanos);
            expected = Math.min(longest, expected * 2);
        }
        assertTrue(backoff.next().toNanos() != backoff.next().toNanos());
        backoff.reset();
        assertTrue(backoff.next().compareTo(Backoff.FIRST) <= 0);
    }

    @Test
    void whatIsRefusedAgainAndAgainIsALineNowAndThen() {
        var lines = new ArrayList<String>();
        var warnings = new Warnings(lines::add);
        for (int port = 1; port <= 100; port++)
            warnings.warn("here: no", "no to here:" + port);
        warnings.warn("there: no", "no to there:1");
        assertEquals(List.of("no to here:1", "no to there:1"), lines);
    }

    @Test
    void strangersCannotFillTheLog() {
        var lines = new ArrayList<String>();
        var warnings = new Warnings(lines::add);
        for (int i = 0; i < 1000; i++)
            warnings.warn("line " + i);
        assertEquals(Warnings.LINES_MAX, lines.size());
    }

    private static Verdict decode(byte[] bytes) throws BadFrameException {
        int length = Verdict.bytes(Arrays.copyOf(bytes, Verdict.HEAD_BYTES));
        if (length != bytes.length) throw new BadFrameException("says " + length);
        return Verdict.decode(bytes);
    }
}
