package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random conversations of two clients, held with a real Redis and with us at the same time: every reply is the same,
/// but for what `docs/redis-compatibility.md` lists. `-Dbellwether.differential.sequences=N` holds more of them,
/// `-Dbellwether.differential.seed=S` others.
@EnabledIf("org.bellwether.server.resp.RealRedis#isInstalled")
@Timeout(600)
class DifferentialTest {
    private static final int SEQUENCES = Integer.getInteger("bellwether.differential.sequences",
            600);
    private static final long SEED = Long.getLong("bellwether.differential.seed", 1);
    private static final int COMMANDS = 60;
    private static final int DIFFERENCES_MAX = 5;
    /// Milliseconds and seconds that a command may have been on its way.
    private static final long LATE_MILLIS_MAX = 2_000;

    /// One client, at both.
    private static final class Pair {
        final String name;
        final RespClient theirs;
        final RespClient ours;
        final Set<String> watched = new HashSet<>();
        boolean transacting;

        Pair(String name, RespClient theirs, RespClient ours) {
            this.name = name;
            this.theirs = theirs;
            this.ours = ours;
        }

        /// What the clients know of their sessions.
        void heard(List<String> command, Object reply) {
            boolean ok = "+OK".equals(reply);
            switch (command.getFirst().toLowerCase(Locale.ROOT)) {
                case "multi" -> transacting |= ok;
                case "watch" -> {
                    if (ok) watched.addAll(command.subList(1, command.size()));
                }
                case "unwatch" -> {
                    if (ok) watched.clear();
                }
                case "exec", "discard" -> {
                    if (ok || reply instanceof List<?> || !String.valueOf(reply).startsWith("-ERR"))
                        end();
                }
                default -> {
                }
            }
        }

        void end() {
            transacting = false;
            watched.clear();
        }

        /// A watched key that was absent, was made and is absent again is as it was: here, the transaction is performed.
        boolean sawKeyComeAndGo(List<String> command, Object theirReply) throws IOException {
            if (!command.getFirst().equalsIgnoreCase("exec") || !"null array".equals(theirReply)
                    && !"null".equals(theirReply)) {
                return false;
            }
            for (var key : watched) {
                if (theirs.send("EXISTS", key).read().equals(0L)) return true;
            }
            return false;
        }
    }

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyReplyIsTheSame(int protocol) throws Exception {
        try (var redis = new RealRedis(dir);
                var node = new FakeNode();
                var theirs1 = redis.connect();
                var theirs2 = redis.connect();
                var ours1 = node.connect();
                var ours2 = node.connect()) {
            var clients = List.of(new Pair("A", theirs1, ours1), new Pair("B", theirs2, ours2));
            for (var client : clients) {
                client.theirs.say("HELLO " + protocol);
                client.ours.say("HELLO " + protocol);
            }
            var differences = new ArrayList<String>();
            for (long seed = SEED; seed < SEED + SEQUENCES
                    && differences.size() < DIFFERENCES_MAX; seed++) {
                var difference = converse(seed, node, clients);
                if (difference != null) differences.add(difference);
            }
            assertEquals(List.of(), differences, () -> String.join("\n\n", differences));
        }
    }

    /// @return null if all was the same; else all that was said until it was not
    private static @Nullable String converse(long seed, FakeNode node, List<Pair> clients)
            throws Exception {
        var random = new SplittableRandom(seed);
        var words = new RedisWords(random);
        var said = new ArrayList<String>();
        for (var client : clients) {
            client.end();
            for (var line : List.of("DISCARD", "UNWATCH", "FLUSHALL")) {
                client.theirs.say(line);
                client.ours.say(line);
            }
        }
        for (int i = 0; i < COMMANDS; i++) {
            var client = clients.get(random.nextInt(10) < 7 ? 0 : 1);
            var command = words.command(client.transacting);
            said.add(client.name + ": " + command);
            node.store(store -> {
                store.pass(Duration.ofMillis(System.currentTimeMillis() - store.clusterMillis()));
                return true;
            });
            var theirs = client.theirs.send(command.toArray(String[]::new)).read();
            var ours = client.ours.send(command.toArray(String[]::new)).read();
            if (!alike(command, theirs, ours)) {
                if (client.sawKeyComeAndGo(command, theirs)) return null;
                return "seed " + seed + "\n" + String.join("\n", said) + "\nRedis: " + theirs
                        + "\n here: " + ours;
            }
            client.heard(command, ours);
        }
        return null;
    }

    /// Whether the replies are the same, as far as they must be.
    private static boolean alike(List<String> command, Object theirs, Object ours) {
        if (theirs instanceof List<?> many && ours instanceof List<?> others) {
            if (many.size() != others.size()) return false;
            if (isSet(command)) return asSet(many).equals(asSet(others));
            for (int i = 0; i < many.size(); i++) {
                if (!alike(List.of("exec"), many.get(i), others.get(i))) return false;
            }
            return true;
        }
        if (theirs instanceof Long one && ours instanceof Long other) {
            // Of an end, or of what is left until then. Both clocks go on meanwhile.
            boolean late = command.getFirst().toLowerCase(Locale.ROOT)
                    .matches("p?ttl|p?expiretime|exec")
                    && one > 0 && other > 0;
            return late ? Math.abs(one - other) <= LATE_MILLIS_MAX : one.equals(other);
        }
        // Of an absent key, Redis does not look at what else is wrong.
        if (command.getFirst().equalsIgnoreCase("getex") && "null".equals(theirs)
                && String.valueOf(ours).startsWith("-ERR"))
            return true;
        // Redis says by which way a value came to be, we what it would be if it was set.
        var encoding = Set.<Object>of("raw", "embstr", "int");
        if (encoding.contains(theirs) && encoding.contains(ours)) return true;
        return String.valueOf(theirs).equals(String.valueOf(ours));
    }

    private static boolean isSet(List<String> command) {
        return List.of("keys", "scan").contains(command.getFirst().toLowerCase(Locale.ROOT));
    }

    private static Set<Object> asSet(List<?> replies) {
        var set = new HashSet<Object>();
        for (var each : replies)
            set.add(each instanceof List<?> list ? asSet(list) : each);
        return set;
    }
}
