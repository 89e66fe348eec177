package org.bellwether.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Message;
import org.bellwether.raft.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerCodecTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsSentArrives(long seed) throws BadFrameException {
        for (var message : new Samples(seed, 3000).peerMessages()) {
            var back = decode(PeerCodec.encode(message).toBytes());
            assertTrue(Deep.equal(message, back),
                    () -> "seed " + seed + ": " + message + " came back as " + back);
        }
    }

    @Test
    void theSamplesHoldEveryKindOfMessage() {
        Set<Class<?>> kinds = new HashSet<>();
        for (var message : new Samples(1, 1).peerMessages()) {
            kinds.add(message.getClass());
            if (message instanceof PeerMessage.Consensus(var inner)) kinds.add(inner.getClass());
        }
        assertTrue(kinds.containsAll(kindsOf(PeerMessage.class)));
        assertTrue(kinds.containsAll(kindsOf(Message.class)));
    }

    private static Set<Class<?>> kindsOf(Class<?> family) {
        if (!family.isSealed()) return Set.of(family);
        var kinds = new HashSet<Class<?>>();
        for (var member : family.getPermittedSubclasses())
            kinds.addAll(kindsOf(member));
        return kinds;
    }

    @Test
    void payloadsAreNotCopiedAndNotSummedAgain() throws BadFrameException {
        byte[] payload = {1, 2, 3};
        int wrongCrc = 4711;
        var entry = new Entry(new Position(1, 1), Entry.Kind.COMMANDS, payload, wrongCrc);
        var frame = PeerCodec.encode(append(List.of(entry)));
        assertSame(payload, frame.payloads().getFirst());
        var refused = assertThrows(BadFrameException.class, () -> decode(frame.toBytes()));
        assertTrue(refused.reason().contains("checksum"), refused::reason);
    }

    @Test
    void aFrameIsReadFromWhereItStartsInALargerBuffer() throws BadFrameException {
        byte[] frame = PeerCodec.encode(append(List.of(entryOf(10)))).toBytes();
        var around = ByteBuffer.allocateDirect(frame.length + 7).put(5, frame);
        var back = PeerCodec.decode(around.position(5).limit(5 + frame.length));
        assertEquals(append(List.of(entryOf(10))), back);
    }

    @Test
    void aFrameCutShortAnywhereIsRefused() {
        for (var message : new Samples(11, 40).peerMessages()) {
            byte[] frame = PeerCodec.encode(message).toBytes();
            for (int length = 0; length < frame.length; length++)
                assertRefused(Arrays.copyOf(frame, length));
        }
    }

    /// Also when the length says so, and the checksum over it is right.
    @Test
    void aFrameMadeShorterAnywhereIsRefused() {
        for (var message : new Samples(12, 40).peerMessages()) {
            byte[] frame = PeerCodec.encode(message).toBytes();
            for (int length = PeerCodec.PREFIX_BYTES; length < frame.length; length++)
                assertRefused(sealed(Arrays.copyOf(frame, length)));
        }
    }

    @Test
    void everyFlippedBitIsNoticed() {
        for (var message : new Samples(13, 40).peerMessages()) {
            byte[] frame = PeerCodec.encode(message).toBytes();
            for (int bit = 0; bit < frame.length * 8; bit++) {
                frame[bit / 8] ^= (byte) (1 << bit % 8);
                assertRefused(frame);
                frame[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
    }

    @Test
    void bytesTooManyAreRefused() {
        for (var message : new Samples(14, 40).peerMessages()) {
            byte[] frame = PeerCodec.encode(message).toBytes();
            assertRefused(Arrays.copyOf(frame, frame.length + 1));
            assertRefused(sealed(Arrays.copyOf(frame, frame.length + 1)));
        }
    }

    /// A peer that lies: the checksums are right, the content is not. It gets a refusal and nothing else;
    /// in particular no count makes us allocate more than the frame could hold.
    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void whateverAHeadSays_theAnswerIsAMessageOrARefusal(long seed) {
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            for (var message : new Samples(seed + round, 40).peerMessages()) {
                byte[] frame = PeerCodec.encode(message).toBytes();
                int at = PeerCodec.PREFIX_BYTES
                        + random.nextInt(frame.length - PeerCodec.PREFIX_BYTES);
                frame[at] = (byte) random.nextInt(256);
                if (random.nextBoolean())
                    Arrays.fill(frame, at, Math.min(frame.length, at + 4), (byte) -1);
                try {
                    decode(sealed(frame));
                } catch (BadFrameException refused) {
                    assertTrue(!refused.reason().isEmpty());
                } catch (RuntimeException | OutOfMemoryError wrong) {
                    fail("seed " + seed + ", round " + round + ": " + message, wrong);
                }
            }
        }
    }

    @Test
    void garbageIsRefused() {
        var random = new SplittableRandom(31);
        for (int round = 0; round < 2000; round++) {
            byte[] garbage = new byte[random.nextInt(100)];
            random.nextBytes(garbage);
            assertRefused(garbage);
        }
    }

    @Test
    void countsAndLengthsBeyondTheFrameAreNamed() {
        byte[] frame = PeerCodec.encode(append(List.of(entryOf(10)))).toBytes();
        int countAt = PeerCodec.PREFIX_BYTES + 1 + 8 + 16 + 8;
        int lengthAt = countAt + 4 + 16 + 1;
        for (int lie : new int[]{Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 2}) {
            byte[] count = frame.clone();
            ByteBuffer.wrap(count).putInt(countAt, lie);
            assertTrue(assertRefused(sealed(count)).contains("entries"));
        }
        for (int lie : new int[]{Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 11}) {
            byte[] length = frame.clone();
            ByteBuffer.wrap(length).putInt(lengthAt, lie);
            assertTrue(assertRefused(sealed(length)).contains("does not fit"));
        }
    }

    private static PeerMessage append(List<Entry> entries) {
        return new PeerMessage.Consensus(
                new Message.Append(3, new Position(2, 7), entries, 6));
    }

    private static Entry entryOf(int bytes) {
        return Entry.of(new Position(3, 8), Entry.Kind.COMMANDS, new byte[bytes]);
    }

    private static PeerMessage decode(byte[] frame) throws BadFrameException {
        return PeerCodec.decode(ByteBuffer.wrap(frame));
    }

    private static String assertRefused(byte[] frame) {
        var refused = assertThrows(BadFrameException.class, () -> decode(frame),
                () -> Arrays.toString(frame));
        return refused.reason();
    }

    /// The same bytes with the length and the head's checksum made right.
    private static byte[] sealed(byte[] frame) {
        var buffer = ByteBuffer.wrap(frame);
        buffer.putInt(0, frame.length - PeerCodec.LENGTH_BYTES);
        long head = PeerCodec.PREFIX_BYTES + Integer.toUnsignedLong(buffer.getInt(8));
        buffer.putInt(4, PeerCodec.headCrc(buffer, (int) Math.min(head, frame.length)));
        return frame;
    }
}
