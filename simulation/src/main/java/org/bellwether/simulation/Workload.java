package org.bellwether.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.bellwether.api.Versioned;
import org.bellwether.simulation.history.Operation;
import org.bellwether.simulation.history.Operation.Answer;
import org.bellwether.simulation.history.Operation.Guard;
import org.bellwether.simulation.history.Operation.Kind;
import org.bellwether.simulation.history.RevisionOrder.Claim;
import org.jspecify.annotations.Nullable;

/// The clients of a run: what they ask, and a careful record of what they heard. Every value is written once
/// in a run. A key that has seen too many unknown outcomes is left for a fresh one, since every one of them
/// doubles what the checker must consider.
final class Workload {
    private static final int UNKNOWNS_OF_A_KEY_MAX = 3;
    private static final int OPERATIONS_OF_A_KEY_MAX = 120;
    /// Enough for a few round trips of the slowest network.
    private static final Duration LAST_TIMEOUT = Duration.ofSeconds(3);

    private final World world;
    private final Chance chance;
    private final List<SimulatedNode> nodes;
    private final Invariants invariants;
    private final Mix mix;

    private final Map<Integer, Accepted> acceptedOf = new HashMap<>();
    private final Map<String, KeyHistory> histories = new LinkedHashMap<>();
    private final List<Claim> claims = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private final Map<Long, Pending> pending = new LinkedHashMap<>();
    private int keysMade;
    private int valuesMade;
    private long requests;
    private boolean stopped;

    /// How busy the clients are.
    ///
    /// @param thinkMicros   between an answer and the next request of a client, on average
    /// @param readPercent   of all requests
    /// @param valueBytesMax longest value, most are short
    record Mix(int clients, int keys, int thinkMicros, int readPercent, int conditionPercent,
            int deletePercent, int batchPercent, int valueBytesMax, int timeoutMillis) {}

    private static final class KeyHistory {
        final List<Operation> operations = new ArrayList<>();
        int unknowns;
        boolean unknownDelete;
        int lastSeen;
        Revision lastSeenAt = Revision.NONE;
    }

    /// One write or read of one key; a batch is several with one request.
    private record Part(String key, Kind kind, Guard guard, int value) {}

    /// @param token what the read is to include; null if it is local otherwise, or linearizable, or no read
    private record Pending(long request, int client, SimulatedNode node, List<Part> parts,
            boolean local, @Nullable Token token, long called) {}

    /// The last write of a client that a leader accepted alone.
    private record Accepted(String key, Token write) {}

    Workload(World world, Chance chance, List<SimulatedNode> nodes, Invariants invariants,
            Mix mix) {
        this.world = world;
        this.chance = chance;
        this.nodes = nodes;
        this.invariants = invariants;
        this.mix = mix;
        for (int i = 0; i < mix.keys(); i++)
            keys.add(freshKey());
    }

    void start() {
        for (int client = 0; client < mix.clients(); client++) {
            int each = client;
            world.after(chance.untilNext(mix.thinkMicros() * World.MICRO), () -> next(each));
        }
    }

    /// No new requests; those under way are waited for.
    void stop() {
        stopped = true;
    }

    boolean isIdle() {
        return pending.isEmpty();
    }

    String describePending() {
        return pending.values().stream().map(each -> "%s on n%d since %.3f s".formatted(
                each.parts(), each.node().index() + 1, each.called() / 1e9)).toList().toString();
    }

    Map<String, List<Operation>> histories() {
        var all = new LinkedHashMap<String, List<Operation>>();
        histories.forEach((key, history) -> all.put(key, history.operations));
        return all;
    }

    List<Claim> claims() {
        return claims;
    }

    Set<String> openDeletes() {
        var open = new LinkedHashSet<String>();
        histories.forEach((key, history) -> {
            if (history.unknownDelete) open.add(key);
        });
        return open;
    }

    List<String> activeKeys() {
        return List.copyOf(keys);
    }

    private String freshKey() {
        String key = "k" + keysMade++;
        histories.put(key, new KeyHistory());
        return key;
    }

    private KeyHistory history(String key) {
        return histories.computeIfAbsent(key, _ -> new KeyHistory());
    }

    // Asking.

    private void next(int client) {
        if (stopped) return;
        var node = nodes.get(chance.percent(60)
                ? client % nodes.size()
                : chance.below(nodes.size()));
        if (!node.isUp()) {
            thinkThenNext(client);
            return;
        }
        var last = acceptedOf.get(client);
        if (last != null && chance.percent(10))
            readIncluding(client, node, last);
        else if (chance.percent(mix.readPercent()))
            read(client, node);
        else
            write(client, node);
    }

    private void thinkThenNext(int client) {
        world.after(chance.untilNext(mix.thinkMicros() * World.MICRO), () -> next(client));
    }

    private String pickKey() {
        return keys.get(chance.below(keys.size()));
    }

    private void read(int client, SimulatedNode node) {
        if (chance.percent(25)) {
            read(client, node, pickKey(), Consistency.LOCAL);
        } else if (chance.percent(30)) {
            read(client, node, pickKey(), Consistency.LINEARIZABLE);
        } else {
            // Most go to a leader, present or past: there alone a lease can be held for too long.
            var leaders = nodes.stream().filter(SimulatedNode::takesItselfForLeader).toList();
            boolean any = leaders.isEmpty() || chance.percent(30);
            read(client, any ? node : leaders.get(chance.below(leaders.size())), pickKey(),
                    Consistency.LEASE);
        }
    }

    void read(int client, SimulatedNode node, String key, Consistency consistency) {
        var parts = List.of(new Part(key, Kind.GET, Operation.ALWAYS, Operation.ABSENT));
        var asked = ask(client, node, parts, consistency.equals(Consistency.LOCAL), null);
        node.onLoop(it -> {
            boolean[] waiting = {false};
            it.read(new Read.Get(Bytes.utf8(key)), consistency, timeout(), outcome -> {
                boolean alone = !waiting[0] && consistency.equals(Consistency.LEASE)
                        && outcome instanceof Outcome.Applied;
                if (alone) {
                    world.evidence().count(Evidence.Of.READS_BY_LEASE);
                    invariants.servedByLease(node.index(), it.raft().term());
                }
                answered(asked, outcome);
            });
            waiting[0] = true;
        });
    }

    /// Of a write that a leader accepted alone: was it kept?
    private void readIncluding(int client, SimulatedNode node, Accepted accepted) {
        var parts = List.of(
                new Part(accepted.key(), Kind.GET, Operation.ALWAYS, Operation.ABSENT));
        var asked = ask(client, node, parts, true, accepted.write());
        node.onLoop(it -> it.read(new Read.Get(Bytes.utf8(accepted.key())),
                new Consistency.Including(accepted.write()), timeout(),
                outcome -> answered(asked, outcome)));
    }

    private void write(int client, SimulatedNode node) {
        var parts = new ArrayList<Part>();
        var commands = new ArrayList<Command.Single>();
        String first = pickKey();
        add(first, true, parts, commands);
        if (mix.keys() > 1 && chance.percent(mix.batchPercent())) {
            String second = pickKey();
            if (!second.equals(first)) {
                add(second, false, parts, commands);
                world.evidence().count(Evidence.Of.BATCHES);
            }
        }
        var command = commands.size() == 1
                ? commands.getFirst()
                : new Command.Batch(commands);
        submit(client, node, parts, command);
    }

    private void add(String key, boolean mayHaveCondition, List<Part> parts,
            List<Command.Single> commands) {
        var seen = history(key);
        Guard guard = Operation.ALWAYS;
        Condition condition = Condition.ALWAYS;
        if (mayHaveCondition && chance.percent(mix.conditionPercent())) {
            if (seen.lastSeen == Operation.ABSENT) {
                guard = new Guard.Absent();
                condition = Condition.ABSENT;
            } else if (chance.percent(10)) {
                guard = new Guard.Exists();
                condition = Condition.EXISTS;
            } else {
                guard = new Guard.Is(seen.lastSeen);
                condition = new Condition.At(seen.lastSeenAt);
            }
        }
        if (chance.percent(mix.deletePercent())) {
            parts.add(new Part(key, Kind.DELETE, guard, Operation.ABSENT));
            commands.add(new Command.Delete(Bytes.utf8(key), condition));
        } else {
            int value = ++valuesMade;
            parts.add(new Part(key, Kind.PUT, guard, value));
            commands.add(new Command.Put(Bytes.utf8(key), valueBytes(value), condition));
        }
    }

    /// The first bytes name the value, the others only take room.
    private Bytes valueBytes(int value) {
        int length = chance.percent(10) ? chance.between(12, mix.valueBytesMax()) : 12;
        byte[] bytes = new byte[length];
        byte[] name = Integer.toString(value).getBytes(UTF_8);
        System.arraycopy(name, 0, bytes, 0, name.length);
        return Bytes.wrap(bytes);
    }

    private static int nameOf(Bytes value) {
        int number = 0;
        for (byte digit : value.array()) {
            if (digit == 0) break;
            number = 10 * number + digit - '0';
        }
        return number;
    }

    private void submit(int client, SimulatedNode node, List<Part> parts, Command command) {
        var asked = ask(client, node, parts, false, null);
        var ack = pickAck(command);
        node.onLoop(it -> it.write(command, ack, timeout(), outcome -> answered(asked, outcome)));
    }

    private Ack pickAck(Command command) {
        if (chance.percent(4)) return Ack.ALL;
        return chance.percent(4) && Ack.LEADER.check(command) == null ? Ack.LEADER : Ack.QUORUM;
    }

    private Duration timeout() {
        return Duration.ofMillis(chance.between(mix.timeoutMillis() / 8, mix.timeoutMillis()));
    }

    private Pending ask(int client, SimulatedNode node, List<Part> parts, boolean local,
            @Nullable Token token) {
        var asked = new Pending(++requests, client, node, parts, local, token, world.now());
        pending.put(asked.request(), asked);
        world.note(node.index(), local ? "asked locally" : "asked", parts, asked.request());
        node.onDeath(() -> {
            if (pending.remove(asked.request()) != null) unknown(asked);
        });
        return asked;
    }

    /// Writes through a node, for the end of a run; `done` hears whether it was applied.
    void writeThrough(SimulatedNode node, String key, Consumer<Outcome> done) {
        int value = ++valuesMade;
        var asked = ask(mix.clients() + node.index(), node,
                List.of(new Part(key, Kind.PUT, Operation.ALWAYS, value)), false, null);
        node.onLoop(it -> it.write(new Command.Put(Bytes.utf8(key), valueBytes(value)),
                LAST_TIMEOUT, outcome -> {
                    answered(asked, outcome);
                    done.accept(outcome);
                }));
    }

    /// The same for a linearizable read.
    void readThrough(SimulatedNode node, String key, Consumer<Outcome> done) {
        var asked = ask(mix.clients() + node.index(), node,
                List.of(new Part(key, Kind.GET, Operation.ALWAYS, Operation.ABSENT)), false, null);
        node.onLoop(it -> it.read(new Read.Get(Bytes.utf8(key)), Consistency.LINEARIZABLE,
                LAST_TIMEOUT, outcome -> {
                    answered(asked, outcome);
                    done.accept(outcome);
                }));
    }

    // Hearing.

    private void answered(Pending asked, Outcome outcome) {
        world.note(asked.node().index(), "answers", outcome, asked.request());
        if (pending.remove(asked.request()) == null) {
            world.violated("answered twice: " + asked.parts() + " with " + outcome);
            return;
        }
        if (asked.parts().getFirst().kind() == Kind.GET)
            readAnswered(asked, outcome);
        else
            writeAnswered(asked, outcome);
        if (asked.client() < mix.clients()) thinkThenNext(asked.client());
    }

    private void readAnswered(Pending asked, Outcome outcome) {
        if (asked.token() != null && outcome instanceof Outcome.Applied) {
            world.evidence().count(Evidence.Of.TOKENS_KEPT);
            invariants.told(asked.token(), true);
        }
        switch (outcome) {
            case Outcome.Refused(Refusal.Lost(var write)) when write.equals(asked.token()) -> {
                world.evidence().count(Evidence.Of.TOKENS_LOST);
                invariants.told(write, false);
            }
            case Outcome.Refused(Refusal.Forgotten(var write, var _)) when write
                    .equals(asked.token()) ->
                world.evidence().count(Evidence.Of.READS_REFUSED);
            case Outcome.Applied(Result.Found(var value), var at) -> sawLive(asked, value, at);
            case Outcome.Applied(Result.Absent _, var at) -> sawLive(asked, null, at);
            case Outcome.Overloaded _, Outcome.NotLeader _ ->
                world.evidence().count(Evidence.Of.READS_REFUSED);
            case Outcome.Applied _, Outcome.Accepted _, Outcome.Refused _, Outcome.Unknown _ ->
                world.violated("a read was answered with " + outcome);
        }
    }

    private void sawLive(Pending asked, @Nullable Versioned value, Revision at) {
        String key = asked.parts().getFirst().key();
        int saw = value == null ? Operation.ABSENT : nameOf(value.value());
        if (asked.local()) {
            world.evidence().count(Evidence.Of.READS_LOCAL);
            invariants.readLocally(asked.node().index(), at);
        } else {
            world.evidence().count(Evidence.Of.READS_LINEARIZABLE);
            record(key, Operation.get(clientName(asked), asked.called(), world.now(), saw));
        }
        claim(asked, key, value, at, !asked.local());
        saw(key, value);
    }

    private void saw(String key, @Nullable Versioned value) {
        var history = history(key);
        history.lastSeen = value == null ? Operation.ABSENT : nameOf(value.value());
        history.lastSeenAt = value == null ? Revision.NONE : value.modified();
    }

    private void claim(Pending asked, String key, @Nullable Versioned value, Revision at,
            boolean inOrder) {
        claims.add(new Claim(asked.request(), key, asked.called(), world.now(), false, at.number(),
                value == null ? 0 : value.modified().number(),
                value == null ? Operation.ABSENT : nameOf(value.value()), inOrder));
    }

    private void writeAnswered(Pending asked, Outcome outcome) {
        switch (outcome) {
            case Outcome.Applied(Result.Replicated(var result, boolean everywhere), var at) -> {
                if (everywhere) world.evidence().count(Evidence.Of.WRITES_EVERYWHERE);
                applied(asked, result, at);
            }
            case Outcome.Applied(var result, var at) -> applied(asked, result, at);
            // Kept or lost: the history cannot tell.
            case Outcome.Accepted(var write) -> {
                world.evidence().count(Evidence.Of.WRITES_ACCEPTED);
                invariants.accepted(write);
                acceptedOf.put(asked.client(), new Accepted(asked.parts().getFirst().key(), write));
                unknown(asked);
            }
            case Outcome.Refused(Refusal.ConditionFailed(var current, var at)) -> {
                world.evidence().count(Evidence.Of.WRITES_REFUSED);
                var part = asked.parts().getFirst();
                int was = current == null ? Operation.ABSENT : nameOf(current.value());
                record(part.key(), operation(asked, part, new Answer.Refused(was)));
                claim(asked, part.key(), current, at, true);
                saw(part.key(), current);
            }
            // They promise that nothing happened. If it did, somebody sees a value that nobody wrote.
            case Outcome.NotLeader _, Outcome.Overloaded _ ->
                world.evidence().count(Evidence.Of.WRITES_NOT_DONE);
            case Outcome.Refused(Refusal.StorageFull _) ->
                world.evidence().count(Evidence.Of.WRITES_NOT_DONE);
            case Outcome.Refused(var why) ->
                world.violated("a proper write was refused: " + why);
            case Outcome.Unknown _ -> unknown(asked);
        }
    }

    private void applied(Pending asked, Result result, Revision at) {
        world.evidence().count(Evidence.Of.WRITES_APPLIED);
        invariants.acknowledged(at);
        var results = result instanceof Result.Batch(var each) ? each : List.of(result);
        if (results.size() != asked.parts().size()) {
            world.violated(asked.parts() + " was answered with " + results);
            return;
        }
        for (int i = 0; i < results.size(); i++) {
            var part = asked.parts().get(i);
            boolean existed = switch (results.get(i)) {
                case Result.Written(boolean created) -> !created;
                case Result.Deleted(boolean did) -> did;
                case Result.Batch _, Result.Found _, Result.Absent _, Result.Joined _, Result.Done _, Result.Before _, Result.Timed _, Result.Amount _, Result.Text _, Result.Page _, Result.Steps _, Result.Replicated _ -> {
                    world.violated(part + " was answered with " + result);
                    yield false;
                }
            };
            record(part.key(), operation(asked, part, new Answer.Done(existed)));
            boolean changed = part.kind() == Kind.PUT || existed;
            claims.add(new Claim(asked.request(), part.key(), asked.called(), world.now(), changed,
                    at.number(), changed ? at.number() : 0, part.value(), true));
            var history = history(part.key());
            history.lastSeen = part.value();
            history.lastSeenAt = part.kind() == Kind.PUT ? at : Revision.NONE;
        }
    }

    private void unknown(Pending asked) {
        if (asked.parts().getFirst().kind() == Kind.GET) {
            world.evidence().count(Evidence.Of.READS_REFUSED);
        } else {
            world.evidence().count(Evidence.Of.WRITES_UNKNOWN);
            for (var part : asked.parts()) {
                record(part.key(), operation(asked, part, Operation.UNKNOWN));
                var history = history(part.key());
                history.unknowns++;
                history.unknownDelete |= part.kind() == Kind.DELETE;
            }
        }
        boolean died = !asked.node().isUp();
        if (died && asked.client() < mix.clients()) thinkThenNext(asked.client());
    }

    private String clientName(Pending asked) {
        return "c" + asked.client() + "@n" + (asked.node().index() + 1);
    }

    private Operation operation(Pending asked, Part part, Answer answer) {
        long returned = answer instanceof Answer.Unknown ? Operation.NEVER : world.now();
        return new Operation(clientName(asked), asked.called(), returned, part.kind(),
                part.guard(), part.value(), answer);
    }

    private void record(String key, Operation operation) {
        var history = history(key);
        history.operations.add(operation);
        boolean worn = history.unknowns >= UNKNOWNS_OF_A_KEY_MAX
                || history.operations.size() >= OPERATIONS_OF_A_KEY_MAX;
        if (worn && keys.remove(key)) {
            world.evidence().count(Evidence.Of.KEYS_RETIRED);
            keys.add(freshKey());
        }
    }

    /// What is known of a run's keys at its end.
    Map<String, Integer> operationsPerKey() {
        var counts = new HashMap<String, Integer>();
        histories.forEach((key, history) -> counts.put(key, history.operations.size()));
        return counts;
    }
}
