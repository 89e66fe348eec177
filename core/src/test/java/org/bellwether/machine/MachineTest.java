package org.bellwether.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Delete;
import org.bellwether.api.Command.Put;
import org.bellwether.api.Condition;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.MemoryStorage;
import org.junit.jupiter.api.Test;

class MachineTest {
    private static final Bytes K = Bytes.utf8("k");
    private static final Bytes L = Bytes.utf8("l");

    private final MemoryStorage storage = new MemoryStorage();
    private final Machine machine = new Machine(storage);
    private long index;

    private List<Outcome> apply(Command... commands) {
        var encoded = new ArrayList<byte[]>();
        for (var command : commands)
            encoded.add(CommandCodec.encode(command));
        return machine.apply(++index, Payload.of(0, encoded));
    }

    private static Bytes value(int number) {
        return Bytes.utf8("v" + number);
    }

    private static Versioned versioned(int value, long created, long modified, long version) {
        return new Versioned(value(value), new Revision(created), new Revision(modified), version);
    }

    private static Outcome applied(Result result, long at) {
        return new Outcome.Applied(result, new Revision(at));
    }

    private static Outcome failed(Versioned current, long at) {
        return new Outcome.Refused(new Refusal.ConditionFailed(current, new Revision(at)));
    }

    @Test
    void aKeyRemembersWhoCreatedItWhoChangedItAndHowOften() {
        apply(new Put(K, value(1)));
        apply(new Put(L, value(2)));
        apply(new Put(K, value(3)));
        assertEquals(versioned(3, 1, 3, 2), storage.get(K));
        apply(new Delete(K));
        apply(new Put(K, value(4)));
        assertEquals(versioned(4, 5, 5, 1), storage.get(K));
    }

    @Test
    void commandsOfAnEntrySeeThoseBeforeThem() {
        var outcomes = apply(new Put(K, value(1)), new Put(K, value(2), Condition.ABSENT),
                new Put(K, value(3), new Condition.At(new Revision(1))), new Delete(K),
                new Delete(K));
        assertEquals(List.of(applied(new Result.Written(true), 1), failed(versioned(1, 1, 1, 1), 1),
                applied(new Result.Written(false), 2), applied(new Result.Deleted(true), 3),
                applied(new Result.Deleted(false), 3)), outcomes);
        assertEquals(0, storage.mark().keys());
    }

    @Test
    void whatChangesNothingTakesNoRevision() {
        apply(new Put(K, value(1)));
        apply(new Delete(L));
        apply(new Put(K, value(2), Condition.ABSENT));
        apply(new Command.Batch(List.of(new Delete(L))));
        assertEquals(new Revision(1), storage.revision());
        assertEquals(4, storage.applied());
    }

    @Test
    void everyConditionHoldsWhereItShould() {
        var at1 = new Condition.At(new Revision(1));
        assertInstanceOf(Outcome.Refused.class,
                apply(new Put(K, value(1), Condition.EXISTS)).getFirst());
        assertInstanceOf(Outcome.Refused.class, apply(new Put(K, value(1), at1)).getFirst());
        assertInstanceOf(Outcome.Applied.class,
                apply(new Put(K, value(1), Condition.ABSENT)).getFirst());
        assertInstanceOf(Outcome.Refused.class, apply(new Delete(K, Condition.ABSENT)).getFirst());
        assertInstanceOf(Outcome.Applied.class, apply(new Put(K, value(2), at1)).getFirst());
        assertEquals(failed(versioned(2, 1, 2, 2), 2), apply(new Delete(K, at1)).getFirst());
        assertInstanceOf(Outcome.Applied.class, apply(new Delete(K, Condition.EXISTS)).getFirst());
    }

    @Test
    void aBatchIsAppliedAtOneRevisionOrNotAtAll() {
        apply(new Put(K, value(1)));
        var refused = apply(new Command.Batch(List.of(new Put(L, value(2)),
                new Put(K, value(3), Condition.ABSENT)))).getFirst();
        assertEquals(failed(versioned(1, 1, 1, 1), 1), refused);
        assertEquals(1, storage.mark().keys());
        var done = apply(new Command.Batch(List.of(new Put(L, value(2), Condition.ABSENT),
                new Put(K, value(3)), new Put(K, value(4)), new Delete(L)))).getFirst();
        assertEquals(applied(new Result.Batch(List.of(new Result.Written(true),
                new Result.Written(false), new Result.Written(false), new Result.Deleted(true))),
                2), done);
        assertEquals(versioned(4, 1, 2, 3), storage.get(K));
    }

    @Test
    void itIsKnownWhatCanOnlyRemove() {
        var key = Bytes.utf8("k");
        var delete = new Command.Delete(key);
        var put = new Command.Put(key, key);
        var read = new Read.Get(key);
        for (var removes : List.of(delete, new Command.Clear(), new Command.Batch(List.of(delete)),
                new Command.Transaction(List.of(), List.of(read, delete, new Command.Clear())))) {
            assertTrue(Machine.onlyRemoves(removes), removes::toString);
        }
        for (var grows : List.of(put, new Command.Batch(List.of(delete, put)),
                new Command.Transaction(List.of(), List.of(delete, put)),
                new Command.Rename(key, key, true), new Command.SetVoters(3))) {
            assertFalse(Machine.onlyRemoves(grows), grows::toString);
        }
    }

    @Test
    void aReadTellsTheRevisionItSaw() {
        apply(new Put(K, value(1)), new Put(L, value(2)));
        assertEquals(applied(new Result.Found(versioned(1, 1, 1, 1)), 2),
                machine.read(new Read.Get(K)));
        assertEquals(applied(Result.Absent.ABSENT, 2),
                machine.read(new Read.Get(Bytes.utf8("none"))));
    }

    @Test
    void entriesAreAppliedInOrderWithoutGaps() {
        machine.pass(1);
        assertThrows(IllegalStateException.class, () -> machine.pass(1));
        assertThrows(IllegalStateException.class, () -> machine.pass(3));
        machine.pass(2);
        assertEquals(2, storage.applied());
    }

    @Test
    void bytesThatAreNoCommandsBreakTheMachineAndChangeNothing() {
        assertThrows(IllegalArgumentException.class,
                () -> machine.apply(1, new byte[]{0, 0, 0, 1, 9}));
        assertEquals(0, storage.applied());
    }

    /// Thousands of commands against a model so plain that it can be checked by reading.
    @Test
    void itAgreesWithAPlainModelAndWithItself() {
        for (long seed = 0; seed < 60; seed++) {
            var random = new SplittableRandom(seed);
            var stateOne = new MemoryStorage();
            var one = new Machine(stateOne);
            var stateTwo = new MemoryStorage();
            var two = new Machine(stateTwo);
            var model = new Model();
            for (long entry = 1; entry <= 100; entry++) {
                var encoded = new ArrayList<byte[]>();
                var expected = new ArrayList<Outcome>();
                for (int i = random.nextInt(5); i >= 0; i--) {
                    var command = command(random, model.revision);
                    encoded.add(CommandCodec.encode(command));
                    expected.add(model.perform(command));
                }
                var payload = Payload.of(0, encoded);
                assertEquals(expected, one.apply(entry, payload), "seed " + seed);
                two.apply(entry, payload);
            }
            assertEquals(model.table, contents(stateOne), "seed " + seed);
            assertEquals(contents(stateOne), contents(stateTwo), "seed " + seed);
        }
    }

    private static Map<Bytes, Versioned> contents(MemoryStorage storage) {
        var contents = new LinkedHashMap<Bytes, Versioned>();
        try (var view = storage.view()) {
            view.scan(Bytes.EMPTY, (key, value) -> {
                contents.put(key, value);
                return true;
            });
        }
        return contents;
    }

    private static Command command(SplittableRandom random, long revision) {
        if (random.nextInt(5) > 0) return single(random, revision);
        var singles = new ArrayList<Command.Single>();
        for (int i = random.nextInt(4); i >= 0; i--)
            singles.add(single(random, revision));
        return new Command.Batch(singles);
    }

    private static Command.Single single(SplittableRandom random, long revision) {
        var key = Bytes.utf8("k" + random.nextInt(6));
        var condition = switch (random.nextInt(6)) {
            case 0 -> Condition.ABSENT;
            case 1 -> Condition.EXISTS;
            case 2 -> new Condition.At(new Revision(Math.max(0, revision - random.nextInt(6))));
            default -> Condition.ALWAYS;
        };
        return random.nextInt(3) == 0
                ? new Delete(key, condition)
                : new Put(key, value(random.nextInt(1000)), condition);
    }

    private static final class Model {
        final TreeMap<Bytes, Versioned> table = new TreeMap<>();
        long revision;

        Outcome perform(Command command) {
            var singles = command instanceof Command.Batch(var many)
                    ? many
                    : List.of((Command.Single) command);
            for (var single : singles) {
                var now = table.get(single.key());
                boolean holds = switch (single.condition()) {
                    case Condition.Always _ -> true;
                    case Condition.Absent _ -> now == null;
                    case Condition.Exists _ -> now != null;
                    case Condition.At(var at) -> now != null && now.modified().equals(at);
                    case Condition.ValueIs(var value) ->
                        now != null && now.value().equals(value);
                    case Condition.ValueIsNot(var value) ->
                        now == null || !now.value().equals(value);
                };
                if (!holds) {
                    return new Outcome.Refused(
                            new Refusal.ConditionFailed(now, new Revision(revision)));
                }
            }
            boolean changed = false;
            var results = new ArrayList<Result>();
            var next = new Revision(revision + 1);
            for (var single : singles) {
                var now = table.get(single.key());
                if (single instanceof Put put) {
                    table.put(put.key(), now == null
                            ? new Versioned(put.value(), next, next, 1)
                            : new Versioned(put.value(), now.created(), next, now.version() + 1));
                    results.add(new Result.Written(now == null));
                    changed = true;
                } else {
                    changed |= table.remove(single.key()) != null;
                    results.add(new Result.Deleted(now != null));
                }
            }
            if (changed) revision++;
            return new Outcome.Applied(command instanceof Command.Batch
                    ? new Result.Batch(results)
                    : results.getFirst(), new Revision(revision));
        }
    }
}
