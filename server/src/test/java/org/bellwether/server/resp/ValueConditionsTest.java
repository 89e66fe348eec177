package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `SET … IFEQ|IFNE`, `DELEX` and `DELIFEQ`, which are younger than the servers that others are compared with: as their
/// documentation has it.
@Timeout(120)
class ValueConditionsTest {
    private FakeNode node;
    private RespClient client;

    @BeforeEach
    void start() throws Exception {
        node = new FakeNode();
        client = node.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        node.close();
    }

    private void expect(Object reply, String line) throws IOException {
        assertEquals(reply, client.say(line), line);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void setIfTheValueIs(int protocol) throws Exception {
        client.say("HELLO " + protocol);
        expect("null", "SET a new IFEQ old");
        expect(0L, "EXISTS a");
        expect("+OK", "SET a old");
        expect("null", "SET a new IFEQ ol");
        expect("null", "SET a new ifeq OLD");
        expect("old", "GET a");
        expect("+OK", "SET a new ifeq old");
        expect("new", "GET a");
        assertEquals("null", client.send("SET", "a", "x", "IFEQ", "").read());
        assertEquals("+OK", client.send("SET", "a", "", "IFEQ", "new").read());
        assertEquals("+OK", client.send("SET", "a", "\u0000\r\n\u00ff", "IFEQ", "").read());
        assertEquals("null", client.send("SET", "a", "x", "IFEQ", "\u0000\r\n").read());
        assertEquals("+OK", client.send("SET", "a", "x", "IFEQ", "\u0000\r\n\u00ff").read());
    }

    /// Of a key that is not there, no value is its own.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void setIfTheValueIsNot(int protocol) throws Exception {
        client.say("HELLO " + protocol);
        expect("+OK", "SET a 1 IFNE 1");
        expect("null", "SET a 2 IFNE 1");
        expect("1", "GET a");
        expect("+OK", "SET a 2 ifne 3");
        expect("2", "GET a");
    }

    /// Whether it was set is seen by what was there.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void givenBackIsWhatWasThere_setOrNot(int protocol) throws Exception {
        client.say("HELLO " + protocol);
        expect("null", "SET a 1 IFEQ 0 GET");
        expect(0L, "EXISTS a");
        expect("null", "SET a 1 GET IFNE 0");
        expect("1", "SET a 2 IFEQ 0 GET");
        expect("1", "SET a 2 GET IFEQ 1");
        expect("2", "SET a 3 IFNE 2 GET");
        expect("2", "SET a 3 IFNE 1 GET");
        expect("3", "GET a");
    }

    @Test
    void oneConditionIsEnough() throws Exception {
        client.say("SET a 1");
        for (var options : List.of("NX IFEQ 1", "IFEQ 1 NX", "XX IFEQ 1", "IFEQ 1 XX", "NX IFNE 1",
                "IFNE 2 XX", "IFEQ 1 IFNE 2", "IFNE 2 IFEQ 1", "IFEQ 1 IFEQ 2", "IFEQ", "IFNE",
                "GET IFEQ", "IFEQ 1 2", "IFDEQ 1", "KEEPTTL EX 5 IFEQ 1")) {
            expect("-ERR syntax error", "SET a 2 " + options);
        }
        expect("-ERR invalid expire time in 'set' command", "SET a 2 IFEQ 0 EX 0");
        expect("1", "GET a");
        // A value may read like an option.
        expect("null", "SET a NX IFEQ XX");
        expect("+OK", "SET a IFEQ IFEQ 1");
        expect("+OK", "SET a 1 IFEQ IFEQ");
    }

    @Test
    void whatIsNotSetKeepsItsTime() throws Exception {
        client.say("SET a 1 EX 1000");
        expect("null", "SET a 2 IFEQ 0 EX 10");
        expect(1_000L, "TTL a");
        expect("+OK", "SET a 2 IFEQ 1 KEEPTTL");
        expect(1_000L, "TTL a");
        expect("+OK", "SET a 3 PX 5000 IFEQ 2");
        expect(5_000L, "PTTL a");
        expect("+OK", "SET a 4 IFNE 2");
        expect(-1L, "TTL a");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void deletedIfTheValueIsOrIsNot(int protocol) throws Exception {
        client.say("HELLO " + protocol);
        for (var line : List.of("DELEX a", "DELEX a IFEQ 1", "DELEX a IFNE 1", "DELIFEQ a 1"))
            expect(0L, line);
        client.say("MSET a 1 b 1 c 1 d 1");
        expect(0L, "DELEX a IFEQ 2");
        expect(0L, "DELEX a IFNE 1");
        expect(0L, "DELIFEQ a 2");
        expect(4L, "EXISTS a b c d");
        expect(1L, "DELEX a IFEQ 1");
        expect(1L, "delex b ifne 2");
        expect(1L, "DELIFEQ c 1");
        expect(1L, "DELEX d");
        expect(0L, "EXISTS a b c d");
        for (var line : List.of("DELEX a IFEQ", "DELEX a IFEQ 1 2", "DELEX a IFEQ 1 IFNE 2"))
            expect("-ERR wrong number of arguments for 'delex' command", line);
        expect("-ERR wrong number of arguments for 'delifeq' command", "DELIFEQ a");
        expect("-ERR Invalid condition. Use IFEQ or IFNE", "DELEX a NX 1");
    }

    /// Each sees what those before it have done, also between `MULTI` and `EXEC`.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void inAPipelineAndInATransaction(int protocol) throws Exception {
        client.say("HELLO " + protocol);
        var lines = List.of("SET a 1", "SET a 2 IFEQ 1", "SET a 3 IFEQ 1", "SET a 3 IFNE 1 GET",
                "DELEX a IFEQ 2", "DELIFEQ a 3", "SET a 1 IFEQ 3 GET", "SET a 1 IFNE 3",
                "DELEX a IFNE 3", "GET a");
        var replies = List.<Object>of("+OK", "+OK", "null", "2", 0L, 1L, "null", "+OK", 1L, "null");
        for (var line : lines)
            client.line(line);
        for (var reply : replies)
            assertEquals(reply, client.read());

        client.line("MULTI");
        for (var line : lines)
            client.line(line);
        client.line("EXEC");
        assertEquals("+OK", client.read());
        for (var _ : lines)
            assertEquals("+QUEUED", client.read());
        assertEquals(replies, client.read());
    }

    /// A counter that nobody adds to, but many compare and set.
    @Test
    void nobodysSetIsLostWhereManyCompareFirst(@TempDir Path dir) throws Exception {
        int clients = 4;
        int each = 100;
        try (var real = new RealNode(dir.resolve("node"));
                var threads = Executors.newFixedThreadPool(clients);
                var own = real.connect()) {
            own.say("SET count 0");
            var tasks = new ArrayList<Callable<Integer>>();
            for (int i = 0; i < clients; i++)
                tasks.add(() -> count(real, each));
            for (var done : threads.invokeAll(tasks))
                assertEquals(each, done.get());
            assertEquals(Integer.toString(clients * each), own.say("GET count"));
        }
    }

    private static int count(RealNode real, int times) throws IOException {
        int done = 0;
        try (var own = real.connect()) {
            while (done < times) {
                int seen = Integer.parseInt((String) own.say("GET count"));
                var reply = own.say("SET count " + (seen + 1) + " IFEQ " + seen);
                if (reply.equals("+OK")) {
                    done++;
                } else {
                    assertEquals("null", reply);
                }
            }
        }
        return done;
    }
}
