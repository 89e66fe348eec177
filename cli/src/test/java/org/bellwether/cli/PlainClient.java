package org.bellwether.cli;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.bellwether.api.Address;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.csc.CacheConfig;

/// A client of one server, which knows of no others.
interface PlainClient extends AutoCloseable {
    /// Enough to hear what the cluster says, which gives up after 5 s.
    int PATIENCE_MILLIS = 6_000;

    String set(String key, String value);

    long incr(String key);

    @Override
    void close();

    static RedisClient jedis(Address server) {
        return RedisClient.builder().hostAndPort(new HostAndPort(server.host(), server.port()))
                .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(PATIENCE_MILLIS)
                        .build())
                .build();
    }

    /// One that keeps copies of what it has read (`CLIENT TRACKING`).
    static RedisClient jedisWithCache(Address server) {
        return RedisClient.builder().hostAndPort(new HostAndPort(server.host(), server.port()))
                .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(PATIENCE_MILLIS)
                        .protocol(RedisProtocol.RESP3).build())
                .cacheConfig(CacheConfig.builder().build()).build();
    }

    record OfJedis(RedisClient client) implements PlainClient {
        @Override
        public String set(String key, String value) {
            return client.set(key, value);
        }

        @Override
        public long incr(String key) {
            return client.incr(key);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    static StatefulRedisConnection<String, String> lettuce(io.lettuce.core.RedisClient library,
            Address server) {
        library.setOptions(ClientOptions.builder()
                // Else a command waits for its server to come back, and is sent once more.
                .autoReconnect(false).build());
        return library.connect(RedisURI.Builder.redis(server.host(), server.port())
                .withTimeout(Duration.ofMillis(PATIENCE_MILLIS)).build());
    }

    record OfLettuce(StatefulRedisConnection<String, String> connection) implements PlainClient {
        @Override
        public String set(String key, String value) {
            return connection.sync().set(key, value);
        }

        @Override
        public long incr(String key) {
            return connection.sync().incr(key);
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    /// Several of them: when one fails, the next is asked the next time.
    final class Roaming {
        private final List<PlainClient> clients;
        private int use;

        /// @param first which of them is asked first
        Roaming(List<PlainClient> clients, int first) {
            this.clients = clients;
            this.use = first;
        }

        <T> T ask(Function<PlainClient, T> question) {
            try {
                return question.apply(clients.get(use % clients.size()));
            } catch (RuntimeException unsure) {
                use++;
                throw unsure;
            }
        }
    }
}
