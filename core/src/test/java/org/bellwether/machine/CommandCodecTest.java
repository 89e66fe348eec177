package org.bellwether.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.NodeId;
import org.bellwether.api.Revision;
import org.junit.jupiter.api.Test;

class CommandCodecTest {
    private static final Bytes KEY = Bytes.wrap(new byte[]{0, -1, 127, 'k'});
    private static final Bytes VALUE = Bytes.utf8("value");
    private static final List<Condition> CONDITIONS = List.of(Condition.ALWAYS, Condition.ABSENT,
            Condition.EXISTS, new Condition.At(new Revision(Long.MAX_VALUE)));

    private static List<Command> samples() {
        var samples = new ArrayList<Command>();
        var singles = new ArrayList<Command.Single>();
        for (var condition : CONDITIONS) {
            singles.add(new Command.Put(KEY, VALUE, condition));
            singles.add(new Command.Put(KEY, Bytes.EMPTY, condition));
            singles.add(new Command.Delete(KEY, condition));
        }
        samples.addAll(singles);
        samples.add(new Command.Batch(singles));
        samples.add(new Command.Batch(List.of()));
        return samples;
    }

    private static List<Command> changes() {
        var node = new NodeId(new UUID(1, 2));
        var peer = new Address("127.0.0.1", 7501);
        var http = new Address("::1", 65_535);
        return List.of(new Command.Join(new UUID(3, 4), "n4", peer, http),
                new Command.Join(new UUID(3, 4), "", peer, http), new Command.Remove(node),
                new Command.Move(node, peer, http),
                new Command.Move(node, peer, http, new Address("redis", 6401)),
                new Command.SetVoters(5),
                new Command.Transfer(null), new Command.Transfer(node));
    }

    @Test
    void everyChangeSurvivesTheRoundTrip() {
        for (var change : changes()) {
            byte[] whole = CommandCodec.encode(change);
            assertEquals(change, CommandCodec.decode(whole));
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(IllegalArgumentException.class, () -> CommandCodec.decode(cut));
            }
        }
    }

    @Test
    void everyCommandSurvivesTheRoundTrip() {
        for (var command : samples()) {
            assertEquals(command, CommandCodec.decode(CommandCodec.encode(command)));
        }
        var encoded = samples().stream().map(CommandCodec::encode).toList();
        assertEquals(samples(), CommandCodec.commands(CommandCodec.payload(encoded)));
    }

    @Test
    void aCommandCutAnywhereIsNone() {
        for (var command : samples()) {
            byte[] whole = CommandCodec.encode(command);
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(IllegalArgumentException.class, () -> CommandCodec.decode(cut));
            }
            byte[] more = Arrays.copyOf(whole, whole.length + 1);
            assertThrows(IllegalArgumentException.class, () -> CommandCodec.decode(more));
        }
    }

    @Test
    void aPayloadCutAnywhereIsNone() {
        byte[] whole = CommandCodec.payload(samples().stream().map(CommandCodec::encode).toList());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> CommandCodec.commands(cut));
        }
    }

    /// A length that lies is noticed before anything of that size is allocated.
    @Test
    void lyingLengthsAreNoticed() {
        for (int length : new int[]{-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1000}) {
            byte[] put = CommandCodec.encode(new Command.Put(KEY, VALUE));
            ByteBuffer.wrap(put).putInt(2, length);
            assertThrows(IllegalArgumentException.class, () -> CommandCodec.decode(put));
            byte[] payload = CommandCodec.payload(List.of(put));
            ByteBuffer.wrap(payload).putInt(0, length);
            assertThrows(IllegalArgumentException.class, () -> CommandCodec.commands(payload));
        }
    }

    @Test
    void randomBytesAreCommandsOrAreRefusedNothingElse() {
        var random = new SplittableRandom(1);
        byte[] whole = CommandCodec.payload(samples().stream().map(CommandCodec::encode).toList());
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            try {
                CommandCodec.commands(mutated);
            } catch (IllegalArgumentException expected) {
                refused++;
            }
        }
        assertTrue(refused > 1000, refused + " refused");
    }
}
