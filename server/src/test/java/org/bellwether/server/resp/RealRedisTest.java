package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.bellwether.machine.LongDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// Reply for reply beside a real Redis, where one is installed. `docs/redis-compatibility.md` lists the
/// differences that we accept; those known here are of it.
@EnabledIf("org.bellwether.server.resp.RealRedis#isInstalled")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealRedisTest {
    /// Younger than the Redis of Debian 12, which is 7.0; or of another program.
    private static final Set<String> NOT_IN_REDIS_7_0 = Set.of("client|no-touch",
            "client|reads", "client|setinfo", "delex", "delifeq", "waitaof", "sentinel");

    private RealRedis redis;
    private RespClient client;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        redis = new RealRedis(dir);
        client = redis.connect();
        say("HELLO", "3");
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        redis.close();
    }

    private Object say(String... words) throws IOException {
        return client.send(words).read();
    }

    /// But for the subcommands that only Redis has, and for the order of its tables, which is chance.
    @Test
    void infoOfEveryCommand() throws IOException {
        int compared = 0;
        for (var command : CommandTableTest.everything()) {
            var name = command.name();
            if (NOT_IN_REDIS_7_0.contains(name) || name.startsWith("sentinel|")) continue;
            var theirs = withOurSubcommands(say("COMMAND", "INFO", name), command);
            var ours = withOurSubcommands(CommandRepliesTest.read(true, "COMMAND INFO " + name),
                    command);
            assertEquals(theirs, ours, name);
            compared++;
        }
        assertTrue(compared > 100, "only " + compared);
    }

    private static String withOurSubcommands(Object reply, CommandInfo command) {
        var info = (List<?>) ((List<?>) reply).getFirst();
        var text = new ArrayList<Object>(info.subList(0, 9));
        ((List<?>) info.get(9)).stream().filter(each -> each instanceof List<?> row
                && !NOT_IN_REDIS_7_0.contains(row.getFirst())
                && command.subcommands().list().stream()
                        .anyMatch(own -> own.name().equals(row.getFirst())))
                .map(Object::toString).sorted(Comparator.naturalOrder()).forEach(text::add);
        return text.toString();
    }

    @Test
    void docsOfEveryCommandAgreeOnFacts() throws IOException {
        for (var command : CommandTableTest.everything()) {
            var name = command.name();
            if (NOT_IN_REDIS_7_0.contains(name) || name.startsWith("sentinel|")) continue;
            for (var field : List.of("since", "group", "doc_flags", "deprecated_since",
                    "replaced_by")) {
                assertEquals(field(say("COMMAND", "DOCS", name), field),
                        field(CommandRepliesTest.read(true, "COMMAND DOCS " + name), field),
                        name + " " + field);
            }
        }
    }

    private static Object field(Object reply, String name) {
        var docs = (List<?>) ((List<?>) reply).get(2);
        int at = docs.indexOf(name);
        return at < 0 ? "none" : docs.get(at + 1);
    }

    @Test
    void repliesOfCommand() throws IOException {
        for (var line : List.of("COMMAND INFO nope", "COMMAND INFO get|x client|id",
                "COMMAND DOCS nope", "COMMAND LIST FILTERBY PATTERN getd*",
                "COMMAND LIST FILTERBY foo bar", "COMMAND LIST foo",
                "COMMAND LIST FILTERBY MODULE", "COMMAND LIST FILTERBY ACLCAT nope",
                "COMMAND GETKEYS ping", "COMMAND GETKEYS nope x", "COMMAND GETKEYS get",
                "COMMAND GETKEYS mset a 1 b 2", "COMMAND GETKEYS mset a 1 b",
                "COMMAND GETKEYS client id", "COMMAND GETKEYS client nope",
                "COMMAND GETKEYS get a b", "COMMAND GETKEYS copy a b", "COMMAND COUNT 1",
                "COMMAND nope", "CLIENT nope", "CLIENT", "foo", "foo a b", "GET", "SET k",
                "foo " + "x".repeat(200) + " y", "F".repeat(300), "client " + "x".repeat(200))) {
            assertEquals(say(line.split(" ", -1)), CommandRepliesTest.read(true, line), line);
        }
    }

    /// Each on a connection of its own, which ends with it.
    @Test
    void protocolErrors() throws IOException {
        for (var input : List.of("*\r\n", "*x\r\n", "*01\r\n", "*+1\r\n", "*-0\r\n",
                "*2147483648\r\n", "*9223372036854775808\r\n", "*1\r\nxPING\r\n", "*1\r\n\r\r\n",
                "*2\r\n$4\r\nPING\r\n:1\r\n", "*1\r\n\u00ff\r\n", "*1\r\n$\r\n",
                "*1\r\n$-1\r\n", "*1\r\n$01\r\n", "*1\r\n$536870913\r\n",
                "*1\r\n$9223372036854775807\r\n", "*1\r\n$18446744073709551620\r\n",
                "PING \"a\r\n", "PING 'a'b\r\n", "x".repeat(70_000))) {
            try (var own = new Socket(redis.address.host(), redis.address.port())) {
                own.getOutputStream().write(input.getBytes(ISO_8859_1));
                var theirs = new RespReader(own.getInputStream()).read();
                // An error is a line; what ends one within it becomes a space.
                var ours = Conversation.of(input).getLast().replace('\r', ' ');
                assertEquals(theirs, ours, input);
                assertEquals(-1, own.getInputStream().read(), input);
            }
        }
    }

    @Test
    void patterns() throws IOException {
        var random = new SplittableRandom(1);
        for (int round = 0; round < 5_000; round++) {
            var pattern = random(random, "ab*?[]^-\\", 8);
            var key = random(random, "ab^]-\\", 5);
            if (pattern.equals("*")) continue;
            say("FLUSHALL");
            say("SET", key, "v");
            var glob = Glob.compile(pattern.getBytes(ISO_8859_1));
            assertEquals(((List<?>) say("KEYS", pattern)).size() == 1,
                    glob != null && glob.matches(key.getBytes(ISO_8859_1)),
                    pattern + " on " + key);
        }
    }

    @Test
    void sums() throws IOException {
        var random = new SplittableRandom(2);
        for (int round = 0; round < 5_000; round++) {
            var one = number(random);
            var other = number(random);
            say("SET", "sum", one);
            assertEquals(say("INCRBYFLOAT", "sum", other), sum(one, other), one + " + " + other);
        }
    }

    private static String sum(String one, String other) {
        var first = LongDouble.parse(one.getBytes(ISO_8859_1));
        var second = LongDouble.parse(other.getBytes(ISO_8859_1));
        if (first == null || second == null) return "-ERR value is not a valid float";
        var sum = first.plus(second);
        return sum == null ? "-ERR increment would produce NaN or Infinity" : sum.toString();
    }

    private static String number(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> Integer.toString(random.nextInt(-1000, 1000));
            case 1 -> Long.toString(random.nextLong());
            case 2 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
            case 3 -> random.nextInt(100) + "." + random.nextLong(Long.MAX_VALUE);
            case 4 -> random.nextInt(10) + "e" + random.nextInt(-4960, 4960);
            default -> random(random, "0123456789.e-+", 8);
        };
    }

    private static String random(SplittableRandom random, String letters, int lengthMax) {
        var text = new StringBuilder();
        for (int left = random.nextInt(lengthMax + 1); left > 0; left--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    @Test
    void linesWithQuotes() throws IOException {
        var random = new SplittableRandom(3);
        for (int round = 0; round < 5_000; round++) {
            var line = "COMMAND GETKEYS MGET first " + random(random, "ab\"'\\ x4\tn", 13);
            var heard = Conversation.of(line + "\r\n").getFirst();
            // That one would end the connection.
            if (heard.startsWith("-")) continue;
            var words = heard.split("\\|", -1);
            assertEquals(List.of(words).subList(3, words.length), client.raw(line + "\r\n").read(),
                    line);
        }
    }
}
