package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.simulation.history.Operation;
import org.bellwether.simulation.history.Operation.Answer;
import org.bellwether.simulation.history.Operation.Guard;
import org.bellwether.simulation.history.Operation.Kind;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/// RESP: one connection to each node. Most answers tell what was there, which is then more than was asked for, and
/// is checked, too.
final class RedisDoor implements Door {
    private static final int PATIENCE_MILLIS = 6_000;
    private static final Guard ABSENT = new Guard.Absent();

    private final TestCluster cluster;
    private final Map<Integer, Jedis> open = new HashMap<>();

    RedisDoor(TestCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public Asked write(int dice, int seen, int value) {
        var same = seen == Operation.ABSENT ? ABSENT : new Guard.Is(seen);
        return switch (dice) {
            case 0, 1 -> Asked.of(Kind.PUT, value);
            case 2 -> Asked.of(Kind.PUT, value).inOneTransaction();
            case 3 -> Asked.putIf(ABSENT, value);
            case 4 -> Asked.putIf(new Guard.Exists(), value);
            case 5 -> Asked.putIf(same, value);
            case 6 -> Asked.putIf(same, value).inOneTransaction();
            case 7 -> Asked.of(Kind.ADD, 1);
            case 8 -> Asked.of(Kind.ADD, 2).inOneTransaction();
            default -> Asked.of(Kind.DELETE, Operation.ABSENT);
        };
    }

    private Jedis connected(int node) throws IOException {
        var known = open.get(node);
        if (known != null) return known;
        Jedis made;
        try {
            // It connects at once.
            made = new Jedis("127.0.0.1", cluster.resp(node).port(), PATIENCE_MILLIS);
        } catch (JedisConnectionException refused) {
            throw new ConnectException(String.valueOf(refused.getMessage()));
        }
        open.put(node, made);
        return made;
    }

    @Override
    public Heard ask(int node, String key, Asked asked) throws IOException {
        var jedis = connected(node);
        try {
            return asked.together() ? askTogether(jedis, key, asked) : ask(jedis, key, asked);
        } catch (JedisDataException error) {
            var code = String.valueOf(error.getMessage()).split(" ", 2)[0];
            return switch (code) {
                case "UNKNOWN" -> new Heard.Unknown();
                case "CLUSTERDOWN", "TRYAGAIN", "LOADING" -> new Heard.Nothing();
                default -> throw new AssertionError(error);
            };
        } catch (JedisConnectionException broken) {
            open.remove(node);
            jedis.close();
            throw new IOException(broken);
        }
    }

    private static Heard ask(Jedis jedis, String key, Asked asked) {
        return switch (asked.kind()) {
            case GET -> said(new Answer.Saw(number(jedis.get(key))));
            case PUT -> put(jedis, key, asked);
            case DELETE -> said(new Answer.Done(jedis.del(key) == 1));
            case ADD -> said(new Answer.Sum(Math.toIntExact(jedis.incrBy(key, asked.value()))));
        };
    }

    private static Heard said(Answer answer) {
        return new Heard.Said(Operation.ALWAYS, answer);
    }

    private static int number(@Nullable Object value) {
        if (value == null) return Operation.ABSENT;
        return Integer.parseInt(
                value instanceof byte[] bytes ? new String(bytes, US_ASCII) : (String) value);
    }

    /// `SET` with `GET`, so that a refusal tells why.
    private static Heard put(Jedis jedis, String key, Asked asked) {
        var value = Integer.toString(asked.value());
        return switch (asked.guard()) {
            case Guard.Always() -> done(number(jedis.sendCommand(Command.SET, key, value, "GET")));
            case Guard.Absent() -> {
                int old = number(jedis.sendCommand(Command.SET, key, value, "NX", "GET"));
                yield old == Operation.ABSENT ? done(old) : refused(asked, old);
            }
            case Guard.Exists() -> {
                int old = number(jedis.sendCommand(Command.SET, key, value, "GET", "XX"));
                yield old == Operation.ABSENT ? refused(asked, old) : done(old);
            }
            case Guard.Is(int expected) -> {
                int old = number(jedis.sendCommand(Command.SET, key, value, "IFEQ",
                        Integer.toString(expected), "GET"));
                yield old == expected ? done(old) : refused(asked, old);
            }
        };
    }

    /// When this was there.
    private static Heard done(int old) {
        return old == Operation.ABSENT
                ? new Heard.Said(ABSENT, new Answer.Done(false))
                : new Heard.Said(new Guard.Is(old), new Answer.Done(true));
    }

    private static Heard refused(Asked asked, int current) {
        return new Heard.Said(asked.guard(), new Answer.Refused(current));
    }

    // Transactions.

    private static Heard askTogether(Jedis jedis, String key, Asked asked) {
        return switch (asked.kind()) {
            case PUT -> asked.guard().equals(Operation.ALWAYS)
                    ? putTogether(jedis, key, asked.value())
                    : putWatched(jedis, key, asked);
            case ADD -> addTogether(jedis, key, asked.value());
            case GET, DELETE -> throw new IllegalArgumentException(asked.toString());
        };
    }

    private static Heard putTogether(Jedis jedis, String key, int value) {
        var transaction = jedis.multi();
        transaction.get(key);
        transaction.set(key, Integer.toString(value));
        transaction.get(key);
        var replies = exec(transaction);
        if (number(replies.get(2)) != value)
            throw new AssertionError("a transaction did not see its own write: " + replies);
        return done(number(replies.getFirst()));
    }

    private static Heard addTogether(Jedis jedis, String key, int amount) {
        var transaction = jedis.multi();
        transaction.get(key);
        transaction.incrBy(key, amount);
        var replies = exec(transaction);
        int sum = Math.toIntExact((Long) replies.get(1));
        if (sum != number(replies.getFirst()) + amount)
            throw new AssertionError("something came between: " + replies);
        return said(new Answer.Sum(sum));
    }

    private static Heard putWatched(Jedis jedis, String key, Asked asked) {
        jedis.watch(key);
        int seen = number(jedis.get(key));
        boolean wanted = asked.guard() instanceof Guard.Is(int expected)
                ? seen == expected
                : seen == Operation.ABSENT;
        if (!wanted) {
            jedis.unwatch();
            return refused(asked, seen);
        }
        var transaction = jedis.multi();
        transaction.set(key, Integer.toString(asked.value()));
        var replies = transaction.exec();
        return replies == null ? new Heard.Nothing() : done(seen);
    }

    private static List<Object> exec(Transaction transaction) {
        var replies = transaction.exec();
        for (var reply : replies) {
            if (reply instanceof JedisDataException wrong) throw new AssertionError(wrong);
        }
        return replies;
    }

    @Override
    public void close() {
        open.values().forEach(Jedis::close);
    }
}
