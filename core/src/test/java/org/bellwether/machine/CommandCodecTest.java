package org.bellwether.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.bellwether.api.RespAddresses;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.Read;
import org.bellwether.api.Revision;
import org.bellwether.api.Step;
import org.bellwether.api.Watch;
import org.junit.jupiter.api.Test;

class CommandCodecTest {
    private static final Bytes KEY = Bytes.wrap(new byte[]{0, -1, 127, 'k'});
    private static final Bytes VALUE = Bytes.utf8("value");
    private static final List<Condition> CONDITIONS = List.of(Condition.ALWAYS, Condition.ABSENT,
            Condition.EXISTS, new Condition.At(new Revision(Long.MAX_VALUE)),
            new Condition.ValueIs(VALUE), new Condition.ValueIsNot(Bytes.EMPTY));

    private static List<Command> samples() {
        var samples = new ArrayList<Command>();
        var singles = new ArrayList<Command.Single>();
        for (var condition : CONDITIONS) {
            singles.add(new Command.Put(KEY, VALUE, condition));
            singles.add(new Command.Put(KEY, Bytes.EMPTY, condition));
            singles.add(new Command.Delete(KEY, condition));
        }
        for (var expiry : List.of(Expiry.NEVER, Expiry.KEEP, new Expiry.At(1),
                new Expiry.In(-Limits.EXPIRY_MILLIS_MAX))) {
            singles.add(new Command.Put(KEY, VALUE, Condition.ABSENT, expiry, true));
            singles.add(new Command.Put(KEY, VALUE, Condition.ALWAYS, expiry, false));
        }
        singles.add(new Command.Delete(KEY, Condition.EXISTS, true));
        samples.addAll(singles);
        samples.add(new Command.Batch(singles));
        for (var how : List.of(new Amendment.Add(Long.MIN_VALUE), new Amendment.AddDecimal(VALUE),
                new Amendment.Append(VALUE), new Amendment.Overwrite(Integer.MAX_VALUE, VALUE)))
            samples.add(new Command.Edit(KEY, how, Condition.EXISTS));
        for (var when : When.values())
            samples.add(new Command.Expire(KEY, new Expiry.In(7), when, when == When.LATER));
        samples.add(new Command.Rename(KEY, VALUE, true));
        samples.add(new Command.Copy(KEY, VALUE, false));
        samples.add(new Command.Clear());
        var steps = new ArrayList<Step>();
        for (var sample : samples)
            steps.add((Command.Plain) sample);
        steps.addAll(List.of(new Read.Get(KEY), new Read.GetMany(List.of(KEY, VALUE)),
                new Read.Count(List.of(KEY, KEY)), new Read.Size()));
        samples.add(new Command.Transaction(
                List.of(new Watch(KEY, Revision.NONE), new Watch(VALUE, new Revision(7))), steps));
        samples.add(new Command.Transaction(List.of(), List.of()));
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
                new Command.Move(node, peer, http,
                        RespAddresses.standalone(new Address("redis", 6401))),
                new Command.Move(node, peer, http,
                        new RespAddresses(null, new Address("redis", 6501))),
                new Command.SetVoters(5), new Command.SetLeaseReads(true),
                new Command.SetLeaseReads(false),
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
        assertEquals(samples(), Payload.decode(Payload.of(0, encoded)).commands());
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
        byte[] whole = Payload.of(0, samples().stream().map(CommandCodec::encode).toList());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> Payload.decode(cut));
        }
    }

    @Test
    void everyPayloadSurvivesTheRoundTrip() {
        var encoded = samples().stream().map(CommandCodec::encode).toList();
        var stamped = Payload.of(5, encoded);
        assertEquals(new Payload(0, 5, List.of(), samples()), Payload.decode(stamped));
        var due = Payload.due(6, List.of(KEY, VALUE));
        assertEquals(new Payload(0, 6, List.of(KEY, VALUE), List.of()), Payload.decode(due));
        var raise = Payload.raise(2, 7);
        assertEquals(new Payload(2, 7, List.of(), List.of()), Payload.decode(raise));
        assertEquals(new Payload(0, 0, List.of(), List.of()), Payload.decode(Payload.marker()));
        assertTrue(Payload.isMarker(raise) && Payload.isMarker(Payload.marker()));
        assertFalse(Payload.isMarker(stamped) || Payload.isMarker(due));
        assertTrue(Payload.isStamped(raise) && Payload.isStamped(stamped)
                && Payload.isStamped(due));
        assertFalse(Payload.isStamped(Payload.marker())
                || Payload.isStamped(Payload.of(0, List.of(new byte[8]))));
        for (var whole : List.of(stamped, due)) {
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(IllegalArgumentException.class, () -> Payload.decode(cut));
            }
        }
    }

    /// The bytes that programs of version 1 wrote and read.
    @Test
    void whatVersion1KnowsIsWrittenAsItWas() {
        var put = CommandCodec.encode(new Command.Put(Bytes.utf8("k"), Bytes.utf8("v"),
                new Condition.At(new Revision(3))));
        assertEquals("0103000000000000000300000001" + "6b" + "00000001" + "76",
                HexFormat.of().formatHex(put));
        var delete = CommandCodec.encode(new Command.Delete(Bytes.utf8("k"), Condition.EXISTS));
        assertEquals("0202" + "00000001" + "6b", HexFormat.of().formatHex(delete));
        assertEquals("00000001" + "00000007" + "0202000000016b",
                HexFormat.of().formatHex(Payload.of(0, List.of(delete))));
        assertEquals("00000000", HexFormat.of().formatHex(Payload.marker()));
    }

    /// A length that lies is noticed before anything of that size is allocated.
    @Test
    void lyingLengthsAreNoticed() {
        for (int length : new int[]{-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1000}) {
            byte[] put = CommandCodec.encode(new Command.Put(KEY, VALUE));
            ByteBuffer.wrap(put).putInt(2, length);
            assertThrows(IllegalArgumentException.class, () -> CommandCodec.decode(put));
            byte[] payload = Payload.of(0, List.of(put));
            ByteBuffer.wrap(payload).putInt(0, length);
            assertThrows(IllegalArgumentException.class, () -> Payload.decode(payload));
        }
    }

    @Test
    void randomBytesAreCommandsOrAreRefusedNothingElse() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        byte[] whole = Payload.of(9, samples().stream().map(CommandCodec::encode).toList());
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            try {
                Payload.decode(mutated);
            } catch (IllegalArgumentException expected) {
                refused++;
            } catch (RuntimeException | Error wrong) {
                fail("seed " + seed, wrong);
            }
        }
        assertTrue(refused > 1000, "seed " + seed + ": " + refused + " refused");
    }
}
