package org.bellwether.simulation.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.simulation.history.Operation.Answer;
import org.bellwether.simulation.history.Operation.Guard;
import org.bellwether.simulation.history.Operation.Kind;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
    private static final Guard ALWAYS = Operation.ALWAYS;

    private final List<Operation> history = new ArrayList<>();

    @Test
    void emptyHistoryIsLegal() {
        legal();
    }

    @Test
    void readsMayFallOnEitherSideOfAWriteUnderWay() {
        put(1, 10, 1, new Answer.Done(false));
        get(2, 3, 0);
        get(4, 5, 1);
        legal();
    }

    @Test
    void valueSeenOnceMustStaySeen() {
        put(1, 10, 1, new Answer.Done(false));
        get(2, 3, 1);
        get(4, 5, 0);
        illegal();
    }

    @Test
    void staleReadIsConvicted() {
        put(1, 2, 1, new Answer.Done(false));
        put(3, 4, 2, new Answer.Done(true));
        get(5, 6, 1);
        String why = illegal();
        assertTrue(why.contains("saw 1"), why);
    }

    @Test
    void intervalsAreClosed() {
        put(1, 2, 1, new Answer.Done(false));
        get(2, 3, 0);
        legal();
    }

    @Test
    void lostWriteIsConvicted() {
        put(1, 2, 1, new Answer.Done(false));
        get(3, 4, 0);
        illegal();
    }

    @Test
    void resurrectedValueIsConvicted() {
        put(1, 2, 1, new Answer.Done(false));
        delete(3, 4, new Answer.Done(true));
        get(5, 6, 0);
        get(7, 8, 1);
        illegal();
    }

    @Test
    void valueThatNobodyWroteIsConvicted() {
        put(1, 2, 1, new Answer.Done(false));
        get(3, 4, 7);
        illegal();
    }

    @Test
    void unknownWriteMayHappenLate() {
        put(1, 2, 1, new Answer.Done(false));
        put(3, Operation.NEVER, 2, Operation.UNKNOWN);
        get(5, 6, 1);
        get(100, 101, 2);
        legal();
    }

    @Test
    void unknownWriteMayNeverHappen() {
        put(1, 2, 1, new Answer.Done(false));
        put(3, Operation.NEVER, 2, Operation.UNKNOWN);
        put(4, 5, 3, new Answer.Done(true));
        get(6, 7, 3);
        legal();
    }

    @Test
    void unknownWriteHappensOnce() {
        put(1, Operation.NEVER, 1, Operation.UNKNOWN);
        get(2, 3, 1);
        put(4, 5, 2, new Answer.Done(true));
        get(6, 7, 2);
        get(8, 9, 1);
        illegal();
    }

    @Test
    void unknownWriteDoesNotHappenBeforeItsCall() {
        get(1, 2, 1);
        put(3, Operation.NEVER, 1, Operation.UNKNOWN);
        illegal();
    }

    @Test
    void addsCountFromNothingAndFromWhatIsThere() {
        add(1, 2, 3, new Answer.Sum(3));
        put(3, 4, 10, new Answer.Done(true));
        add(5, 9, 1, new Answer.Sum(13));
        add(6, 8, 2, new Answer.Sum(12));
        get(10, 11, 13);
        delete(12, 13, new Answer.Done(true));
        add(14, 15, 1, new Answer.Sum(1));
        legal();
    }

    @Test
    void addThatIsLostOrCountedTwiceIsConvicted() {
        add(1, 2, 1, new Answer.Sum(1));
        get(3, 4, 0);
        illegal();
        history.clear();
        add(1, 2, 1, new Answer.Sum(1));
        add(3, 4, 1, new Answer.Sum(3));
        illegal();
        history.clear();
        add(1, 5, 1, new Answer.Sum(1));
        add(2, 6, 1, new Answer.Sum(1));
        illegal();
    }

    @Test
    void unknownAddCountsOnceOrNot() {
        add(1, Operation.NEVER, 5, Operation.UNKNOWN);
        add(2, 3, 1, new Answer.Sum(1));
        add(4, 5, 1, new Answer.Sum(7));
        legal();
        add(6, 7, 1, new Answer.Sum(13));
        illegal();
    }

    /// The reference's example against dropping unknown writes that no read saw: legal, because the write
    /// of 9 may have stood between the refusal and the write of 3.
    @Test
    void unseenUnknownWriteExplainsARefusal() {
        put(1, 2, 1, new Answer.Done(false));
        put(3, Operation.NEVER, 9, Operation.UNKNOWN);
        putIf(4, 5, new Guard.Is(1), 2, new Answer.Refused(9));
        put(6, 7, 3, new Answer.Done(true));
        get(8, 9, 3);
        legal();
        history.remove(1);
        illegal();
    }

    @Test
    void refusalShowsWhatWasThere() {
        put(1, 2, 1, new Answer.Done(false));
        put(3, 4, 2, new Answer.Done(true));
        putIf(5, 6, new Guard.Absent(), 3, new Answer.Refused(1));
        illegal();
    }

    @Test
    void refusalWithoutReasonIsConvicted() {
        put(1, 2, 1, new Answer.Done(false));
        putIf(3, 4, new Guard.Is(1), 2, new Answer.Refused(1));
        illegal();
    }

    @Test
    void onlyOneOfTwoConditionalWritesWins() {
        put(1, 2, 1, new Answer.Done(false));
        putIf(3, 9, new Guard.Is(1), 2, new Answer.Done(true));
        putIf(4, 8, new Guard.Is(1), 3, new Answer.Done(true));
        illegal();
    }

    @Test
    void whetherThereWasSomethingCounts() {
        put(1, 2, 1, new Answer.Done(true));
        illegal();
    }

    @Test
    void giveUpIsNotOk() {
        for (int i = 1; i <= 12; i++)
            put(i, Operation.NEVER, i, Operation.UNKNOWN);
        get(100, 101, 77);
        assertInstanceOf(Verdict.Unknown.class, Linearizability.check(history, 1_000));
    }

    @Test
    void agreesWithTryingEveryOrder() {
        int legal = 0;
        int illegal = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new SplittableRandom(seed);
            var tried = randomHistory(random);
            boolean expected = BruteForce.isLinearizable(tried);
            var verdict = Linearizability.check(tried);
            assertEquals(expected, verdict instanceof Verdict.Ok,
                    "seed " + seed + ": " + tried + " " + verdict);
            if (expected)
                legal++;
            else
                illegal++;
        }
        assertTrue(legal > 2_000 && illegal > 2_000, legal + " legal, " + illegal + " illegal");
    }

    /// Answers of a real register, each taken at a random moment of its interval; then, half the time, one
    /// answer is changed. Small, so that every order can be tried.
    private static List<Operation> randomHistory(SplittableRandom random) {
        int count = random.nextInt(1, 7);
        var made = new ArrayList<Operation>();
        int[] moments = random.ints(count, 0, 12).sorted().toArray();
        int state = 0;
        for (int i = 0; i < count; i++) {
            long called = moments[i] - random.nextLong(5);
            long returned = moments[i] + random.nextLong(5);
            var kind = List.of(Kind.GET, Kind.PUT, Kind.DELETE, Kind.ADD).get(random.nextInt(4));
            int value = kind == Kind.PUT || kind == Kind.ADD ? i + 1 : 0;
            Guard guard = kind == Kind.GET || kind == Kind.ADD
                    ? ALWAYS
                    : switch (random.nextInt(5)) {
                        case 0 -> new Guard.Absent();
                        case 1 -> new Guard.Exists();
                        case 2 -> new Guard.Is(random.nextInt(1, count + 1));
                        default -> ALWAYS;
                    };
            boolean happens = random.nextInt(4) > 0;
            boolean unknown = kind != Kind.GET && random.nextInt(4) == 0;
            var operation = answered(kind, guard, value, called, returned, state);
            if (unknown) {
                if (happens) state = operation.after(state);
                operation = new Operation("c", called, Operation.NEVER, kind, guard, value,
                        Operation.UNKNOWN);
            } else {
                state = operation.after(state);
            }
            made.add(operation);
        }
        if (random.nextBoolean()) {
            int spoiled = random.nextInt(count);
            var old = made.get(spoiled);
            if (!old.isUnknown())
                made.set(spoiled, answered(old.kind(), old.guard(), old.value(), old.called(),
                        old.returned(), random.nextInt(count + 1)));
        }
        return made;
    }

    private static Operation answered(Kind kind, Guard guard, int value, long called,
            long returned, int state) {
        if (kind == Kind.GET) return Operation.get("c", called, returned, state);
        if (kind == Kind.ADD)
            return new Operation("c", called, returned, kind, guard, value,
                    new Answer.Sum(state + value));
        var done = new Operation("c", called, returned, kind, guard, value,
                new Answer.Done(state != 0));
        return done.after(state) != Operation.IMPOSSIBLE
                ? done
                : new Operation("c", called, returned, kind, guard, value,
                        new Answer.Refused(state));
    }

    private void put(long called, long returned, int value, Answer answer) {
        putIf(called, returned, ALWAYS, value, answer);
    }

    private void putIf(long called, long returned, Guard guard, int value, Answer answer) {
        history.add(new Operation("c", called, returned, Kind.PUT, guard, value, answer));
    }

    private void delete(long called, long returned, Answer answer) {
        history.add(new Operation("c", called, returned, Kind.DELETE, ALWAYS, 0, answer));
    }

    private void add(long called, long returned, int amount, Answer answer) {
        history.add(new Operation("c", called, returned, Kind.ADD, ALWAYS, amount, answer));
    }

    private void get(long called, long returned, int saw) {
        history.add(Operation.get("c", called, returned, saw));
    }

    private void legal() {
        assertEquals(Verdict.OK, Linearizability.check(history));
        assertTrue(BruteForce.isLinearizable(history));
    }

    private String illegal() {
        var verdict = assertInstanceOf(Verdict.Illegal.class, Linearizability.check(history));
        assertTrue(!BruteForce.isLinearizable(history));
        return verdict.why();
    }
}
