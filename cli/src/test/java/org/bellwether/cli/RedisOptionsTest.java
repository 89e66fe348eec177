package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.server.StartException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/// What `bell serve` is told about Redis clients holds for them, on the port that it is said of.
@Timeout(120)
class RedisOptionsTest {
    private static final String PASSWORD = "correct horse";
    private static final int PATIENCE_MILLIS = 20_000;

    private static Jedis stranger(Address at) {
        return new Jedis(at.host(), at.port(), PATIENCE_MILLIS);
    }

    private static Jedis friend(Address at) {
        var jedis = stranger(at);
        assertEquals("OK", jedis.auth(PASSWORD));
        return jedis;
    }

    private static @Nullable Object reads(Jedis jedis, String... how) {
        var words = new ArrayList<>(List.of("READS"));
        words.addAll(List.of(how));
        return SafeEncoder.encodeObject(
                jedis.sendCommand(Protocol.Command.CLIENT, words.toArray(String[]::new)));
    }

    private static void assertRefused(String code, Executable asked) {
        var refusal = assertThrows(JedisDataException.class, asked);
        assertTrue(String.valueOf(refusal.getMessage()).startsWith(code), refusal::toString);
    }

    @Test
    void passwordsAndHowToReadAreOfTheirPorts(@TempDir Path dir)
            throws IOException, StartException {
        var file = Files.writeString(dir.resolve("password"), PASSWORD + "\n");
        try (var nodes = TestCluster.withRedis(dir, "--resp-password-file", file.toString(),
                "--resp-reads", "local", "--resp-cluster-reads", "lease")) {
            int leader = nodes.awaitLeader(nodes.nodes());
            nodes.nodes().forEach(nodes::awaitReady);
            for (var at : new Address[]{nodes.resp(leader), nodes.respCluster(leader)}) {
                try (var jedis = stranger(at)) {
                    assertRefused("NOAUTH ", () -> jedis.get("k"));
                    assertRefused("WRONGPASS ", () -> jedis.auth("wrong"));
                    assertEquals("OK", jedis.auth(PASSWORD));
                    assertEquals("OK", jedis.set("k", "v"));
                }
            }

            try (var cluster = friend(nodes.respCluster(leader))) {
                assertEquals("lease", reads(cluster));
            }

            int left = nodes.others(leader).getFirst();
            try (var jedis = friend(nodes.resp(left))) {
                assertEquals("local", reads(jedis));
                Await.until("it to have the key", () -> "v".equals(jedis.get("k")));
                nodes.others(left).forEach(nodes::kill);
                assertEquals("v", jedis.get("k"));
                assertEquals("OK", reads(jedis, "LINEARIZABLE"));
                assertRefused("CLUSTERDOWN ", () -> jedis.get("k"));
                assertEquals("OK", reads(jedis, "DEFAULT"));
                assertEquals("v", jedis.get("k"));
            }
        }
    }
}
