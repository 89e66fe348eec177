package org.bellwether.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeFieldsTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsAnsweredArrives(long seed) throws BadFrameException {
        for (var outcome : new Samples(seed, 300).outcomes())
            assertEquals(outcome, decode(encode(outcome)));
    }

    @Test
    void theSamplesHoldEveryKindOfOutcome() {
        Set<Class<?>> kinds = new HashSet<>();
        for (var outcome : new Samples(1, 1).outcomes()) {
            kinds.add(outcome.getClass());
            if (outcome instanceof Outcome.Applied(var result, var _)) kinds.add(result.getClass());
            if (outcome instanceof Outcome.Refused(var why)) kinds.add(why.getClass());
        }
        for (var family : List.of(Outcome.class, Result.class, Refusal.class)) {
            for (var kind : family.getPermittedSubclasses())
                assertTrue(kinds.contains(kind), kind::toString);
        }
    }

    @Test
    void anOutcomeCutShortOrTooLongIsRefused() {
        for (var outcome : new Samples(9, 40).outcomes()) {
            byte[] encoded = encode(outcome);
            for (int length = 0; length < encoded.length; length++) {
                byte[] cut = Arrays.copyOf(encoded, length);
                assertThrows(BadFrameException.class, () -> decode(cut));
            }
            byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
            assertThrows(BadFrameException.class, () -> decode(longer));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43, 44})
    void whateverTheBytes_theAnswerIsAnOutcomeOrARefusal(long seed) {
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            for (var outcome : new Samples(seed + round, 40).outcomes()) {
                byte[] encoded = encode(outcome);
                int at = random.nextInt(encoded.length);
                encoded[at] = (byte) random.nextInt(256);
                try {
                    decode(encoded);
                } catch (BadFrameException refused) {
                    assertTrue(!refused.reason().isEmpty());
                } catch (RuntimeException | Error wrong) {
                    fail("seed " + seed + ", round " + round + ": " + outcome, wrong);
                }
            }
        }
    }

    /// Else a few kilobytes of nested batches would be a stack overflow.
    @Test
    void aBatchWithinABatchIsRefused() {
        var inner = new Result.Batch(List.of());
        var nested = new Outcome.Applied(new Result.Batch(List.of(inner)), new Revision(1));
        assertThrows(IllegalArgumentException.class, () -> encode(nested));
        byte[] deep = new byte[1 + 8 + 5 * 10_000];
        deep[0] = 1;
        for (int at = 9; at < deep.length; at += 5) {
            deep[at] = 3;
            deep[at + 4] = 1;
        }
        assertThrows(BadFrameException.class, () -> decode(deep));
    }

    private static byte[] encode(Outcome outcome) {
        var out = new FieldWriter(8);
        OutcomeFields.write(out, outcome);
        return out.toBytes();
    }

    private static Outcome decode(byte[] encoded) throws BadFrameException {
        var in = new FieldReader(ByteBuffer.wrap(encoded));
        var outcome = OutcomeFields.read(in);
        in.end("an outcome");
        return outcome;
    }
}
