package org.bellwether.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Expiry;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Step;
import org.bellwether.api.Watch;
import org.bellwether.node.Node;
import org.jspecify.annotations.Nullable;

/// Clients of a run whose writes hang on what is there, and whose keys end: what a register cannot model. They add to a
/// counter, move amounts between two accounts whose sum is nothing, and set keys that expire; what they hear is
/// held against what they know.
final class Accounts {
    private static final Bytes COUNTER = Bytes.utf8("counter");
    private static final Bytes ONE = Bytes.utf8("account 1");
    private static final Bytes OTHER = Bytes.utf8("account 2");
    private static final int CLIENTS = 2;
    private static final long THINK = 30 * World.MILLI;
    private static final Duration TIMEOUT = Duration.ofMillis(800);
    /// How fast cluster time may run while it follows a wall clock, on a machine whose clock is fast.
    private static final double RATE_MAX = 17.0 / 16 * 1.07;

    private final World world;
    private final Chance chance;
    private final List<SimulatedNode> nodes;
    private final Invariants invariants;
    private int pending;
    private boolean stopped;
    private int keysMade;
    /// Of all adds that were acknowledged, and of all that may have been done.
    private long added;
    private long asked;

    Accounts(World world, Chance chance, List<SimulatedNode> nodes, Invariants invariants) {
        this.world = world;
        this.chance = chance;
        this.nodes = nodes;
        this.invariants = invariants;
    }

    void start() {
        for (int client = 0; client < CLIENTS; client++)
            later();
    }

    void stop() {
        stopped = true;
    }

    boolean isIdle() {
        return pending == 0;
    }

    /// They do not wait for answers.
    private void later() {
        world.after(chance.untilNext(THINK), this::next);
    }

    private void next() {
        if (stopped) return;
        later();
        switch (chance.below(6)) {
            case 0 -> add();
            case 1 -> readCounter();
            case 2 -> move();
            case 3 -> moveIfUnchanged();
            case 4 -> readAccounts();
            default -> setExpiring();
        }
    }

    /// Asks some node; `heard` is told once, [Outcome.Unknown] if the node dies.
    private void ask(Consumer<Outcome> heard, Question question) {
        var node = nodes.get(chance.below(nodes.size()));
        if (!node.isUp()) {
            heard.accept(new Outcome.Overloaded(Outcome.Busy.NOT_READY, "it is down"));
            return;
        }
        pending++;
        boolean[] answered = {false};
        Consumer<Outcome> once = outcome -> {
            if (answered[0]) return;
            answered[0] = true;
            pending--;
            world.note(node.index(), "answers an account", outcome, outcome.valueBytes());
            if (outcome instanceof Outcome.Refused(var why) && !mayRefuse(why))
                world.violated("an account was refused: " + why);
            heard.accept(outcome);
        };
        node.onDeath(() -> once.accept(new Outcome.Unknown("it died")));
        node.onLoop(it -> question.ask(it, once));
    }

    /// Before the rules that know these commands are in effect, or with no room; else nothing may be.
    private static boolean mayRefuse(Refusal why) {
        return switch (why) {
            case Refusal.Conflict _, Refusal.StorageFull _, Refusal.ConditionFailed _ -> true;
            case Refusal.OverLimit _, Refusal.Malformed _, Refusal.Arithmetic _, Refusal.Lost _, Refusal.Forgotten _ ->
                false;
        };
    }

    private interface Question {
        void ask(Node node, Consumer<Outcome> reply);
    }

    private void write(Command command, Consumer<Outcome> heard) {
        ask(heard, (node, reply) -> node.write(command, TIMEOUT, reply));
    }

    private void read(Read read, Consumer<Outcome> heard) {
        ask(heard, (node, reply) -> node.read(read, Consistency.LINEARIZABLE, TIMEOUT, reply));
    }

    // The counter.

    private void add() {
        int amount = chance.between(1, 9);
        long before = added;
        asked += amount;
        write(new Command.Edit(COUNTER, new Amendment.Add(amount)), outcome -> {
            switch (outcome) {
                case Outcome.Applied applied -> {
                    added += amount;
                    world.evidence().count(Evidence.Of.ADDS);
                    if (applied.result() instanceof Result.Amount(long sum))
                        requireWithin(before + amount, sum);
                    else
                        world.violated("an add was answered with " + applied.result());
                }
                case Outcome.Unknown _ -> {
                }
                case Outcome.Accepted _ -> world.violated("an add was answered with " + outcome);
                case Outcome.Refused _, Outcome.NotLeader _, Outcome.Overloaded _ ->
                    asked -= amount;
            }
        });
    }

    private void readCounter() {
        long before = added;
        read(new Read.Get(COUNTER), outcome -> {
            if (outcome instanceof Outcome.Applied applied)
                requireWithin(before, numberIn(applied.result()));
        });
    }

    private void requireWithin(long least, long sum) {
        if (sum < least || sum > asked) {
            world.violated("the counter is " + sum + "; acknowledged before were " + least
                    + ", asked for " + asked);
        }
    }

    private static long numberIn(Result result) {
        return result instanceof Result.Found(var value)
                ? Long.parseLong(new String(value.value().array(), US_ASCII))
                : 0;
    }

    // The accounts.

    private static List<Step> steps(int amount) {
        return List.of(new Command.Edit(ONE, new Amendment.Add(amount)),
                new Command.Edit(OTHER, new Amendment.Add(-amount)), new Read.Get(ONE),
                new Read.Get(OTHER));
    }

    private void move() {
        var transaction = new Command.Transaction(List.of(), steps(chance.between(-50, 50)));
        write(transaction, outcome -> moved(outcome, null));
    }

    private void moveIfUnchanged() {
        read(new Read.Get(ONE), seen -> {
            if (!(seen instanceof Outcome.Applied applied)
                    || !(applied.result() instanceof Result.Found(var value)) || stopped)
                return;
            int amount = chance.between(-50, 50);
            var watch = new Watch(ONE, value.modified());
            long expected = numberIn(applied.result()) + amount;
            write(new Command.Transaction(List.of(watch), steps(amount)),
                    outcome -> moved(outcome, expected));
        });
    }

    private void moved(Outcome outcome, @Nullable Long expected) {
        if (!(outcome instanceof Outcome.Applied applied)) return;
        world.evidence().count(Evidence.Of.TRANSACTIONS);
        if (!(applied.result() instanceof Result.Steps(var outcomes))) {
            world.violated("a transaction was answered with " + applied.result());
            return;
        }
        var results = new ArrayList<Result>();
        for (var each : outcomes) {
            if (each instanceof Outcome.Applied done)
                results.add(done.result());
            else
                world.violated("a step was answered with " + each);
        }
        if (results.size() != 4) return;
        requireNothingLost(numberIn(results.get(2)), numberIn(results.get(3)));
        if (expected != null && numberIn(results.get(2)) != expected)
            world.violated("what was watched had changed: " + results + ", not " + expected);
    }

    private void readAccounts() {
        read(new Read.GetMany(List.of(ONE, OTHER)), outcome -> {
            if (outcome instanceof Outcome.Applied applied
                    && applied.result() instanceof Result.Batch(var results))
                requireNothingLost(numberIn(results.get(0)), numberIn(results.get(1)));
        });
    }

    private void requireNothingLost(long one, long other) {
        if (one + other != 0)
            world.violated("the accounts hold " + one + " and " + other);
    }

    // Keys that end.

    private void setExpiring() {
        var key = Bytes.utf8("expiring " + keysMade++);
        long stays = chance.between(30, 1_500);
        long called = world.now();
        var put = new Command.Put(key, key, Condition.ALWAYS, new Expiry.In(stays), false);
        write(put, outcome -> {
            if (outcome instanceof Outcome.Applied) follow(key, called, stays, 0);
        });
    }

    /// Looks for it until it is gone.
    ///
    /// @param expires as it was seen; 0 if it was not yet
    private void follow(Bytes key, long called, long stays, long expires) {
        if (stopped) return;
        long stampBefore = invariants.stamp();
        read(new Read.Get(key), outcome -> {
            if (!(outcome instanceof Outcome.Applied applied)) {
                world.after(THINK, () -> follow(key, called, stays, expires));
            } else if (applied.result() instanceof Result.Found(var value)) {
                if (value.isExpiredAt(stampBefore)) {
                    world.violated(key + " is there at " + stampBefore + ", and ended at "
                            + value.expires());
                }
                world.after(chance.untilNext(5 * THINK),
                        () -> follow(key, called, stays, value.expires()));
            } else {
                gone(key, called, stays, expires);
            }
        });
    }

    private void gone(Bytes key, long called, long stays, long expires) {
        world.evidence().count(Evidence.Of.EXPIRED);
        if (expires > invariants.stamp()) {
            world.violated(key + " is gone at " + invariants.stamp() + ", and ends at " + expires);
        }
        // A monotonic clock that jumps says that so much time has passed.
        boolean jumped = world.evidence().of(Evidence.Of.CLOCK_JUMPS) > 0;
        double passed = (world.now() - called) / 1e6 * RATE_MAX + 2;
        if (!jumped && passed < stays) {
            world.violated(
                    key + " was to stay for " + stays + " ms, and was gone after "
                            + (world.now() - called) / World.MILLI);
        }
    }
}
