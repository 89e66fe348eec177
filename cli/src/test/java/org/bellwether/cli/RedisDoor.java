package org.bellwether.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.bellwether.simulation.history.Operation;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/// RESP: one connection to each node.
final class RedisDoor implements Door {
    private static final int PATIENCE_MILLIS = 6_000;

    private final TestCluster cluster;
    private final Map<Integer, Jedis> open = new HashMap<>();

    RedisDoor(TestCluster cluster) {
        this.cluster = cluster;
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

    private Heard ask(int node, Function<Jedis, Heard> question) throws IOException {
        var jedis = connected(node);
        try {
            return question.apply(jedis);
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

    private static int number(@Nullable String value) {
        return value == null ? Operation.ABSENT : Integer.parseInt(value);
    }

    @Override
    public Heard put(int node, String key, int value) throws IOException {
        return ask(node, jedis -> new Heard.Done(
                jedis.setGet(key, Integer.toString(value)) != null));
    }

    @Override
    public Heard delete(int node, String key) throws IOException {
        return ask(node, jedis -> new Heard.Done(jedis.del(key) == 1));
    }

    @Override
    public Heard get(int node, String key) throws IOException {
        return ask(node, jedis -> new Heard.Saw(number(jedis.get(key))));
    }

    @Override
    public void close() {
        open.values().forEach(Jedis::close);
    }
}
