package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bellwether.api.Amendment.Add;
import org.bellwether.api.Amendment.AddDecimal;
import org.bellwether.api.Amendment.Append;
import org.bellwether.api.Amendment.Overwrite;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Clear;
import org.bellwether.api.Command.Copy;
import org.bellwether.api.Command.Delete;
import org.bellwether.api.Command.Edit;
import org.bellwether.api.Command.Expire;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Command.Put;
import org.bellwether.api.Command.Rename;
import org.bellwether.api.Command.Transaction;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Refusal.Fault;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.api.Watch;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Totals;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Version 2 of the rules, command by command.
class TimeAndEditsTest {
    private static final Bytes K = Bytes.utf8("k");
    private static final Bytes L = Bytes.utf8("l");
    private static final long NOW = 1_000_000;

    private final MemoryStorage storage = new MemoryStorage();
    private final Machine machine = new Machine(storage);
    private long index;
    private long now = NOW;

    TimeAndEditsTest() {
        machine.apply(++index, Payload.raise(2, 1));
    }

    private Outcome apply(Command command) {
        return machine.apply(++index, Payload.of(now, List.of(CommandCodec.encode(command))))
                .getFirst();
    }

    private Result result(Command command) {
        return assertInstanceOf(Outcome.Applied.class, apply(command)).result();
    }

    private Refusal refusal(Command command) {
        long before = storage.revision().number();
        var why = assertInstanceOf(Outcome.Refused.class, apply(command)).why();
        assertEquals(before, storage.revision().number(), "what is refused changes nothing");
        return why;
    }

    private Versioned failedWith(Command command) {
        var current = assertInstanceOf(Refusal.ConditionFailed.class, refusal(command)).current();
        if (current == null) throw new AssertionError("it holds something");
        return current;
    }

    private void put(Bytes key, String value, Expiry expiry) {
        apply(new Put(key, Bytes.utf8(value), Condition.ALWAYS, expiry, false));
    }

    private void put(Bytes key, String value) {
        put(key, value, Expiry.NEVER);
    }

    private @Nullable String get(Bytes key) {
        var value = machine.get(key);
        return value == null ? null : new String(value.value().array(), UTF_8);
    }

    private long expiryOf(Bytes key) {
        var value = machine.get(key);
        if (value == null) throw new AssertionError(key + " is absent");
        return value.expires();
    }

    private static Command when(Expiry expiry, When when) {
        return new Expire(K, expiry, when);
    }

    private boolean isDone(Expiry expiry, When when) {
        return assertInstanceOf(Result.Timed.class, result(when(expiry, when))).done();
    }

    private static List<Bytes> keys(View view) {
        var keys = new ArrayList<Bytes>();
        view.scan(Bytes.EMPTY, (key, _) -> keys.add(key));
        return keys;
    }

    // Versions.

    @Test
    void whatVersion2BringsIsRefusedByVersion1() {
        var old = new MemoryStorage();
        var first = new Machine(old);
        var put = new Put(K, L);
        var news = List.of(new Put(K, L, Condition.ALWAYS, Expiry.KEEP, false),
                new Put(K, L, Condition.ALWAYS, Expiry.NEVER, true),
                new Put(K, L, new Condition.ValueIsNot(K)),
                new Delete(K, new Condition.ValueIs(K)), new Delete(K, Condition.ALWAYS, true),
                new Command.Batch(List.of(put, new Delete(K, new Condition.ValueIs(K)))),
                new Edit(K, new Add(1)), when(Expiry.NEVER, When.ALWAYS), new Rename(K, L, true),
                new Copy(K, L, true), new Clear(),
                new Transaction(List.of(), List.of(new Read.Get(K))));
        for (var command : news) {
            var encoded = CommandCodec.encode(command);
            var outcome = first.apply(old.applied() + 1, Payload.of(0, List.of(encoded)));
            var refused = assertInstanceOf(Outcome.Refused.class, outcome.getFirst());
            assertEquals(new Refusal.Conflict("the cluster's rules are at version 1 until every"
                    + " node knows version 2, which this needs"), refused.why());
        }
        assertEquals(Revision.NONE, old.revision());
        assertThrows(IllegalArgumentException.class, () -> first.apply(old.applied() + 1,
                Payload.of(5, List.of(CommandCodec.encode(put)))));
    }

    // Puts and deletes.

    @Test
    void putsAndDeletesGiveBackWhatWasThere() {
        var swap = new Put(K, L, Condition.ALWAYS, Expiry.NEVER, true);
        assertEquals(new Result.Before(null), result(swap));
        var before = machine.get(K);
        assertEquals(new Result.Before(before), result(swap));
        var take = new Delete(K, Condition.ALWAYS, true);
        before = machine.get(K);
        assertEquals(new Result.Before(before), result(take));
        assertEquals(new Result.Before(null), result(take));
    }

    @Test
    void conditionsOnValuesHoldAsInRedis() {
        var is = new Condition.ValueIs(Bytes.utf8("1"));
        var isNot = new Condition.ValueIsNot(Bytes.utf8("1"));
        assertEquals(new Refusal.ConditionFailed(null, Revision.NONE),
                refusal(new Put(K, L, is)), "IFEQ on an absent key");
        assertEquals(new Result.Written(true), result(new Put(K, Bytes.utf8("1"), isNot)));
        failedWith(new Put(K, L, isNot));
        assertEquals(new Result.Written(false), result(new Put(K, L, is)));
        failedWith(new Delete(K, is));
        assertEquals(new Result.Deleted(true), result(new Delete(K, isNot)));
    }

    // Time.

    @Test
    void aKeyIsAbsentOnceAnAppliedStampHasReachedItsEnd() {
        put(K, "v", new Expiry.In(100));
        assertEquals(NOW + 100, expiryOf(K));
        now = NOW + 99;
        put(L, "x");
        assertEquals("v", get(K));
        now = NOW + 100;
        put(L, "y");
        assertNull(get(K));
        assertEquals(Result.Absent.ABSENT, assertInstanceOf(Outcome.Applied.class,
                machine.read(new Read.Get(K))).result());
        assertEquals(new Result.Deleted(false), result(new Delete(K)));
        assertEquals(2, storage.mark().keys(), "its row is still there");
        assertEquals(1, machine.size());
        put(K, "again");
        var made = machine.get(K);
        assertEquals(1, made == null ? 0 : made.version(), "it begins anew");
    }

    @Test
    void timeDoesNotGoBack() {
        put(K, "v", new Expiry.In(100));
        now = NOW + 100;
        put(L, "x");
        now = NOW - 5000;
        put(L, "y");
        assertNull(get(K));
        assertEquals(NOW + 100, storage.mark().stamp());
        put(K, "w", new Expiry.In(7));
        assertEquals(NOW + 107, expiryOf(K), "relative to the time in effect");
    }

    @Test
    void anEndThatIsPastRemovesTheKeyAtOnce() {
        put(K, "v");
        assertEquals(new Result.Written(false), result(new Put(K, L, Condition.ALWAYS,
                new Expiry.At(NOW), false)));
        assertNull(get(K));
        assertEquals(0, storage.mark().keys());
        assertEquals(new Result.Written(true), result(new Put(K, L, Condition.ALWAYS,
                new Expiry.In(0), false)));
        assertNull(get(K));
        put(K, "v");
        assertTrue(isDone(new Expiry.At(-Limits.EXPIRY_MILLIS_MAX), When.ALWAYS));
        assertNull(get(K));
    }

    @Test
    void aPlainPutForgetsTheEndAndKeepKeepsIt() {
        put(K, "v", new Expiry.At(NOW + 5));
        put(K, "w", Expiry.KEEP);
        assertEquals(NOW + 5, expiryOf(K));
        put(K, "x");
        assertEquals(Versioned.NEVER, expiryOf(K));
        put(L, "new", Expiry.KEEP);
        assertEquals(Versioned.NEVER, expiryOf(L));
    }

    @Test
    void expireObeysItsWhen() {
        var soon = new Expiry.At(NOW + 10);
        var late = new Expiry.At(NOW + 20);
        assertEquals(new Result.Timed(false), result(when(soon, When.ALWAYS)), "absent");
        put(K, "v");
        for (var not : List.of(When.EXPIRES, When.LATER, When.EXPIRES_EARLIER))
            assertEquals(new Result.Timed(false), result(when(soon, not)), not::name);
        assertTrue(isDone(soon, When.EARLIER), "forever is later than any end");
        assertEquals(NOW + 10, expiryOf(K));
        assertEquals(new Result.Timed(false), result(when(late, When.STAYS)));
        assertEquals(new Result.Timed(false), result(when(late, When.EARLIER)));
        assertTrue(isDone(late, When.LATER));
        assertTrue(isDone(soon, When.EXPIRES_EARLIER));
        assertTrue(isDone(late, When.EXPIRES));
        assertTrue(isDone(Expiry.NEVER, When.ALWAYS), "persist");
        assertEquals(new Result.Timed(false), result(when(Expiry.NEVER, When.ALWAYS)));
        assertTrue(isDone(soon, When.STAYS));
        long revision = storage.revision().number();
        assertTrue(isDone(soon, When.ALWAYS));
        assertEquals(revision, storage.revision().number(), "it had that end already");
        var value = machine.get(K);
        assertEquals(new Result.Before(value),
                result(new Expire(K, Expiry.NEVER, When.ALWAYS, true)));
        assertEquals(Versioned.NEVER, expiryOf(K));
    }

    @Test
    void keysThatAreDueAreRemovedIfTheyStillAre() {
        put(K, "v", new Expiry.In(10));
        put(L, "v", new Expiry.In(10));
        put(L, "w", new Expiry.In(50));
        long revision = storage.revision().number();
        var due = List.of(K, L, Bytes.utf8("none"));
        assertTrue(machine.apply(++index, Payload.due(NOW + 9, due)).isEmpty());
        assertEquals(2, storage.mark().keys(), "too early");
        machine.apply(++index, Payload.due(NOW + 10, due));
        assertEquals(1, storage.mark().keys());
        assertEquals("w", get(L));
        assertEquals(revision + 1, storage.revision().number());
        machine.apply(++index, Payload.due(NOW + 10, due));
        assertEquals(revision + 1, storage.revision().number());
    }

    // Edits.

    @Test
    void addsCountFromNothingAndKeepTheEnd() {
        assertEquals(new Result.Amount(-3), result(new Edit(K, new Add(-3))));
        apply(new Expire(K, new Expiry.At(NOW + 5), When.ALWAYS));
        assertEquals(new Result.Amount(39), result(new Edit(K, new Add(42))));
        assertEquals("39", get(K));
        assertEquals(NOW + 5, expiryOf(K));
        failedWith(new Edit(K, new Add(1), Condition.ABSENT));
        put(K, "-9223372036854775808");
        assertEquals(new Result.Amount(Long.MIN_VALUE), result(new Edit(K, new Add(0))));
        assertEquals(new Result.Amount(-1), result(new Edit(K, new Add(Long.MAX_VALUE))));
    }

    @Test
    void whatIsNoIntegerOrGoesOverTheEdgeIsToldApart() {
        for (var text : List.of("", "-", "+1", "01", "-0", " 1", "1 ", "1.0", "x",
                "9223372036854775808", "-9223372036854775809", "99999999999999999999",
                "123456789012345678901")) {
            put(K, text);
            assertEquals(new Refusal.Arithmetic(Fault.NOT_AN_INTEGER),
                    refusal(new Edit(K, new Add(1))), text);
        }
        put(K, Long.toString(Long.MAX_VALUE));
        assertEquals(new Refusal.Arithmetic(Fault.OVERFLOW), refusal(new Edit(K, new Add(1))));
        put(K, "-2");
        assertEquals(new Refusal.Arithmetic(Fault.OVERFLOW),
                refusal(new Edit(K, new Add(Long.MIN_VALUE))));
    }

    @Test
    void decimalsAreAddedAsRedisDoes() {
        assertEquals(new Result.Text(Bytes.utf8("0.1")),
                result(new Edit(K, new AddDecimal(Bytes.utf8("0.1")))));
        assertEquals(new Result.Text(Bytes.utf8("0.3")),
                result(new Edit(K, new AddDecimal(Bytes.utf8("2e-1")))));
        assertEquals("0.3", get(K));
        assertEquals(new Refusal.Arithmetic(Fault.NOT_A_DECIMAL),
                refusal(new Edit(K, new AddDecimal(Bytes.utf8("x")))));
        assertEquals(new Refusal.Arithmetic(Fault.NOT_FINITE),
                refusal(new Edit(K, new AddDecimal(Bytes.utf8("inf")))));
        put(K, "none");
        assertEquals(new Refusal.Arithmetic(Fault.NOT_A_DECIMAL),
                refusal(new Edit(K, new AddDecimal(Bytes.utf8("1")))));
    }

    @Test
    void bytesAreAppendedAndOverwritten() {
        assertEquals(new Result.Amount(0), result(new Edit(K, new Overwrite(5, Bytes.EMPTY))));
        assertNull(get(K));
        assertEquals(new Result.Amount(0), result(new Edit(K, new Append(Bytes.EMPTY))));
        assertEquals("", get(K), "as in Redis, an empty append makes a key");
        assertEquals(new Result.Amount(2), result(new Edit(K, new Append(Bytes.utf8("ab")))));
        assertEquals(new Result.Amount(5), result(new Edit(K, new Overwrite(4, K))));
        assertEquals("ab\0\0k", get(K));
        assertEquals(new Result.Amount(5), result(new Edit(K, new Overwrite(0, L))));
        assertEquals("lb\0\0k", get(K));
        long revision = storage.revision().number();
        assertEquals(new Result.Amount(5), result(new Edit(K, new Append(Bytes.EMPTY))));
        assertEquals(revision, storage.revision().number());
    }

    @Test
    void noValueGrowsOverTheLimit() {
        int max = Limits.DEFAULT.valueBytesMax();
        put(K, "x".repeat(max));
        assertEquals(new Refusal.OverLimit("value", max + 1, max, "bytes"),
                refusal(new Edit(K, new Append(L))));
        assertEquals(new Refusal.OverLimit("value", max + 1, max, "bytes"),
                refusal(new Edit(K, new Overwrite(max, L))));
    }

    // Keys as a whole.

    @Test
    void renamesAndCopiesCarryTheEndAlong() {
        assertEquals(new Refusal.ConditionFailed(null, storage.revision()),
                refusal(new Rename(K, L, true)));
        put(K, "v", new Expiry.At(NOW + 5));
        assertEquals(new Result.Written(true), result(new Copy(K, L, false)));
        assertEquals(NOW + 5, expiryOf(L));
        assertEquals("v", new String(failedWith(new Copy(K, L, false)).value().array(), UTF_8));
        put(L, "other");
        failedWith(new Rename(K, L, false));
        assertEquals(new Result.Written(false), result(new Rename(K, L, true)));
        assertNull(get(K));
        assertEquals("v", get(L));
        assertEquals(NOW + 5, expiryOf(L));
        long revision = storage.revision().number();
        assertEquals(new Result.Written(false), result(new Rename(L, L, true)));
        failedWith(new Rename(L, L, false));
        assertEquals("v", get(L));
        assertEquals(revision, storage.revision().number());
    }

    @Test
    void clearRemovesEverythingAtOnce() {
        assertEquals(Result.Done.DONE, result(new Clear()));
        assertEquals(Revision.NONE, storage.revision());
        put(K, "v", new Expiry.In(5));
        put(L, "v");
        try (var before = storage.view()) {
            assertEquals(Result.Done.DONE, result(new Clear()));
            assertEquals(2, before.mark().keys());
            assertEquals(2, keys(before).size(), "a view stays as it is");
        }
        assertEquals(0, storage.mark().keys());
        assertEquals(3, storage.revision().number());
        assertTrue(storage.expiring(Long.MAX_VALUE - 1, 5).isEmpty());
        var steps = result(new Transaction(List.of(), List.of(new Put(K, K), new Clear(),
                new Read.Size(), new Put(L, L), new Read.Get(K), new Read.Get(L),
                new Read.Size())));
        var results = results(steps);
        assertEquals(new Result.Amount(0), results.get(2));
        assertEquals(Result.Absent.ABSENT, results.get(4));
        assertInstanceOf(Result.Found.class, results.get(5));
        assertEquals(new Result.Amount(1), results.get(6));
        try (var view = storage.view()) {
            assertEquals(List.of(L), keys(view));
            var sum = new Totals.Sum();
            view.scan(Bytes.EMPTY, sum);
            assertEquals(sum.totals(), storage.mark().totals());
        }
    }

    /// However large it is.
    @Test
    void whoIsCountedTwiceIsLookedUpOnce() {
        put(K, "value");
        long before = machine.lookedUpBytes();
        assertEquals(new Outcome.Applied(new Result.Amount(1_000), storage.revision()),
                machine.read(new Read.Count(Collections.nCopies(1_000, K))));
        assertEquals("value".length(), machine.lookedUpBytes() - before);
    }

    // Transactions.

    private static List<Result> results(Result steps) {
        return assertInstanceOf(Result.Steps.class, steps).outcomes().stream()
                .map(each -> assertInstanceOf(Outcome.Applied.class, each).result()).toList();
    }

    @Test
    void aRefusedStepKeepsNoneOfTheOthersFromBeingDone() {
        put(K, "text");
        var outcomes = assertInstanceOf(Result.Steps.class,
                result(new Transaction(List.of(), List.of(new Edit(K, new Add(1)),
                        new Edit(L, new Add(1)), new Edit(L, new Add(1)),
                        new Read.GetMany(List.of(K, Bytes.utf8("none"))),
                        new Read.Count(List.of(L, L, K, Bytes.utf8("none"))),
                        new Command.Batch(List.of(new Delete(K), new Put(L, K)))))))
                .outcomes();
        assertEquals(new Outcome.Refused(new Refusal.Arithmetic(Fault.NOT_AN_INTEGER)),
                outcomes.get(0));
        assertEquals(new Outcome.Applied(new Result.Amount(2), new Revision(3)), outcomes.get(2));
        var many = assertInstanceOf(Result.Batch.class,
                assertInstanceOf(Outcome.Applied.class, outcomes.get(3)).result());
        assertEquals(Result.Absent.ABSENT, many.results().get(1));
        assertEquals(new Outcome.Applied(new Result.Amount(3), new Revision(3)), outcomes.get(4));
        assertEquals(new Revision(4), storage.revision());
        assertEquals("k", get(L));
    }

    @Test
    void whatIsWatchedAndHasChangedAbortsItAll() {
        put(K, "v", new Expiry.In(10));
        var watched = machine.get(K);
        var asItWas = List.of(new Watch(K, watched == null ? Revision.NONE : watched.modified()),
                new Watch(L, Revision.NONE));
        var add = new Transaction(asItWas, List.of(new Edit(Bytes.utf8("n"), new Add(1))));
        assertEquals(List.of(new Result.Amount(1)), results(result(add)));
        put(L, "came");
        failedWith(add);
        apply(new Delete(L));
        assertEquals(List.of(new Result.Amount(2)), results(result(add)));
        now = NOW + 10;
        assertEquals(new Refusal.ConditionFailed(null, storage.revision()), refusal(add),
                "it has expired since");
    }

    @Test
    void theAnswersOfATransactionAreBounded() {
        put(K, "x".repeat(Limits.DEFAULT.valueBytesMax()));
        var keys = IntStream.range(0, 100).mapToObj(_ -> K).toList();
        assertInstanceOf(Outcome.Refused.class, machine.read(new Read.GetMany(keys)));
        var gets = IntStream.range(0, 100).mapToObj(_ -> new Read.Get(K)).toList();
        var outcomes = assertInstanceOf(Result.Steps.class,
                result(new Transaction(List.of(), List.copyOf(gets)))).outcomes();
        assertInstanceOf(Outcome.Applied.class, outcomes.get(4));
        assertInstanceOf(Outcome.Refused.class, outcomes.get(5));
    }

    @Test
    void theSizeLeavesOutWhatIsDue() {
        for (int i = 0; i < 10; i++)
            put(Bytes.utf8("k" + i), "v", i % 2 == 0 ? Expiry.NEVER : new Expiry.In(i));
        assertEquals(10, machine.size());
        now = NOW + 5;
        put(K, "v");
        assertEquals(8, machine.size());
        var steps = result(new Transaction(List.of(), List.of(new Put(Bytes.utf8("k1"), K),
                new Delete(Bytes.utf8("k0")), new Read.Size())));
        assertEquals(new Result.Amount(8), results(steps).get(2));
        assertTrue(Arrays.asList("k0", "k3", "k5").stream().allMatch(
                key -> get(Bytes.utf8(key)) == null));
    }
}
