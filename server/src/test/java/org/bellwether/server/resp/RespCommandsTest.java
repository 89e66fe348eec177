package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What commands do and answer, over real sockets.
@Timeout(120)
class RespCommandsTest {
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

    private void expect(Object reply, String line) throws Exception {
        assertEquals(reply, client.say(line), line);
    }

    /// A leader's clients are sent away when it leads no more.
    private void loseOffice() throws Exception {
        node.store(it -> it.leads = false);
        client.assertEnded();
        client.close();
        client = node.connect();
    }

    private String text(String line) throws Exception {
        return (String) client.say(line);
    }

    // Outcomes.

    private void expectOutcome(String reply, Outcome outcome) throws Exception {
        node.store(it -> it.outcome = outcome);
        for (var line : List.of("SET a 1", "SET a 1 NX", "SETNX a 1", "MSETNX a 1 b 2", "DEL a",
                "DEL a b", "GET a", "MGET a b", "EXISTS a", "TYPE a", "STRLEN a", "GETRANGE a 0 1",
                "REPLICAOF NO ONE", "FAILOVER")) {
            expect(reply, line);
        }
    }

    /// Never OK, never "nothing happened" where it may have.
    @Test
    void eachOutcomeHasItsWords() throws Exception {
        expectOutcome("-UNKNOWN the office was lost; it may have happened or may yet",
                new Outcome.Unknown("the office was lost"));
        expectOutcome("-TRYAGAIN 9 writes are waiting; nothing happened",
                new Outcome.Overloaded(Busy.FULL, "9 writes are waiting"));
        expectOutcome("-LOADING the node is starting; nothing happened",
                new Outcome.Overloaded(Busy.NOT_READY, "the node is starting"));
        expectOutcome("-CLUSTERDOWN no leader; nothing happened",
                new Outcome.Overloaded(Busy.NO_LEADER, "no leader"));
        expectOutcome("-CLUSTERDOWN this node does not lead and could not pass the command on;"
                + " nothing happened", new Outcome.NotLeader(null));
        expectOutcome("-OOM the disk is full",
                new Outcome.Refused(new Refusal.StorageFull("the disk is full")));
        expectOutcome("-ERR no such voter",
                new Outcome.Refused(new Refusal.Conflict("no such voter")));
        expectOutcome("-ERR no sense", new Outcome.Refused(new Refusal.Malformed("no sense")));
    }

    @Test
    void whatIsOverALimitIsRefusedByName() throws Exception {
        assertEquals("-ERR key of 8193 bytes is over the limit of 8192",
                client.send("GET", "k".repeat(8193)).read());
        assertEquals("-ERR value of 1048577 bytes is over the limit of 1048576",
                client.send("SET", "k", "v".repeat(1 << 20 | 1)).read());
        assertEquals("-ERR the key is empty", client.send("SET", "", "v").read());
        assertEquals("+PONG", client.say("PING"));
    }

    /// One word in the wrong window, and all is gone.
    @Test
    void allKeysAreOnlyRemovedWhereThatIsAllowed() throws Exception {
        expect("+OK", "SET a 1");
        expect("+OK", "FLUSHALL");
        expect("null", "GET a");
        try (var guarded = new FakeNode(RespConfig.DEFAULT, FakeNode.BOUNDS);
                var other = guarded.connect()) {
            var refusal = "-NOPERM FLUSHALL and FLUSHDB remove every key of the cluster; nodes"
                    + " started with --resp-flush allow it";
            other.say("SET a 1");
            for (var line : List.of("FLUSHALL", "flushdb async", "FLUSHALL SYNC"))
                assertEquals(refusal, other.say(line), line);
            assertEquals("-ERR syntax error", other.say("FLUSHALL NOW"));
            other.say("MULTI");
            assertEquals(refusal, other.say("FLUSHALL"));
            assertEquals("+QUEUED", other.say("SET a 2"));
            assertEquals("-EXECABORT Transaction discarded because of previous errors.",
                    other.say("EXEC"));
            assertEquals("1", other.say("GET a"));
        }
    }

    // Values and keys.

    @Test
    void setAndItsConditions() throws Exception {
        expect("null", "GET a");
        expect("null", "SET a 1 XX");
        expect("+OK", "SET a 1 NX");
        expect("null", "set a 2 nx");
        expect("1", "GET a");
        expect("+OK", "SET a 3 xx");
        expect("3", "get a");
        expect("-ERR syntax error", "SET a 4 NX XX");
        expect("-ERR syntax error", "SET a 4 SOON");
        expect("3", "GET a");
        expect(0L, "SETNX a 5");
        expect(1L, "SETNX b 5");
    }

    @Test
    void severalAtOnce() throws Exception {
        expect("+OK", "MSET a 1 b 2 a 3");
        expect(List.of("3", "2", "null"), "MGET a b c");
        expect("-ERR wrong number of arguments for 'mset' command", "MSET a 1 b");
        expect(0L, "MSETNX c 1 a 2");
        expect("null", "GET c");
        expect(1L, "MSETNX c 1 d 2");
        expect(3L, "EXISTS a a c x");
        expect(2L, "TOUCH a c x");
        expect(2L, "DEL a b x");
        expect(1L, "UNLINK c");
        expect(0L, "DEL c");
        expect(0L, "EXISTS a b c");
    }

    @ParameterizedTest
    @CsvSource({"0 -1, Hello", "0 0, H", "1 2, el", "-3 -1, llo", "-3 -2, ll", "-100 100, Hello",
            "3 1, ''", "-1 -3, ''", "5 9, ''", "-100 -50, H", "4 9, o"})
    void partsOfAValue(String range, String part) throws Exception {
        client.say("SET a Hello");
        expect(part, "GETRANGE a " + range);
        expect("", "GETRANGE none " + range);
        expect("-ERR value is not an integer or out of range", "GETRANGE a 0 x");
    }

    @Test
    void lengthAndType() throws Exception {
        client.say("SET a Hello");
        expect(5L, "STRLEN a");
        expect(0L, "STRLEN b");
        expect("+string", "TYPE a");
        expect("+none", "TYPE b");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, -1", "9223372036854775807, 9223372036854775807",
            "-9223372036854775808, -9223372036854775808", "10, 10"})
    void wholeNumbers(String text, long value) {
        assertEquals(value, WholeNumber.parse(text.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({"''", "-", "+1", "01", "-0", "1.0", "' 1'", "9223372036854775808",
            "-9223372036854775809", "99999999999999999999", "1x"})
    void noWholeNumbers(String text) throws Exception {
        assertEquals("-ERR value is not an integer or out of range",
                client.send("SELECT", text).read());
    }

    // The connection.

    @Test
    void smallTalk() throws Exception {
        expect("+PONG", "PING");
        expect("hi", "PING hi");
        expect("-ERR wrong number of arguments for 'ping' command", "PING a b");
        expect("hi", "ECHO hi");
        expect("+OK", "SELECT 0");
        expect("-ERR DB index is out of range", "SELECT 1");
        expect("+OK", "ASKING");
        expect(List.of(), "SLOWLOG GET 10");
        expect(0L, "SLOWLOG LEN");
        expect("+OK", "SLOWLOG RESET");
        expect(List.of(), "LATENCY LATEST");
        expect(List.of(), "LATENCY HISTORY command");
        expect(0L, "LATENCY RESET");
        expect("+OK", "CONFIG RESETSTAT");
        assertEquals(2, ((List<?>) client.say("TIME")).size());
        expect("-ERR This instance has cluster support disabled", "CLUSTER SLOTS");
        expect("-ERR unknown command 'LPUSH', with args beginning with: 'a' 'b' ", "LPUSH a b");
        expect("-ERR unknown subcommand 'nope'. Try CLIENT HELP.", "CLIENT nope");
    }

    @Test
    void helloAgreesOnAProtocol() throws Exception {
        expect("-NOPROTO unsupported protocol version", "HELLO 4");
        expect("-ERR Protocol version is not an integer or out of range", "HELLO x");
        expect("-ERR Syntax error in HELLO option 'nope'", "HELLO 3 nope");
        long id = (Long) client.say("CLIENT ID");
        expect(List.of("server", "redis", "version", "7.4.0", "proto", 2L, "id", id, "mode",
                "standalone", "role", "master", "modules", List.of()), "HELLO");
        expect(List.of("map", "server", "redis", "version", "7.4.0", "proto", 3L, "id", id, "mode",
                "standalone", "role", "master", "modules", List.of()), "HELLO 3 SETNAME me");
        expect("me", "CLIENT GETNAME");
        expect(List.of("map", "save", ""), "CONFIG GET save");
        expect("+RESET", "RESET");
        expect(List.of("save", ""), "CONFIG GET save");
        expect("null", "CLIENT GETNAME");
        loseOffice();
        assertTrue(client.say("HELLO").toString().contains("role, replica"));
    }

    @Test
    void connectionsHaveNames() throws Exception {
        expect("+OK", "CLIENT SETNAME worker-1");
        expect("+OK", "CLIENT SETINFO LIB-NAME jedis");
        expect("+OK", "CLIENT SETINFO lib-ver 8.0.2");
        expect("-ERR Unrecognized option 'lib-x'", "CLIENT SETINFO lib-x 1");
        assertEquals("-ERR Client names cannot contain spaces, newlines or special characters.",
                client.send("CLIENT", "SETNAME", "a b").read());
        var line = text("CLIENT INFO");
        assertTrue(line.startsWith("id=1 addr=127.0.0.1:" + client.port() + " laddr=127.0.0.1:"),
                line);
        assertTrue(line.contains(" name=worker-1 ") && line.contains(" cmd=client|info ")
                && line.endsWith(" lib-name=jedis lib-ver=8.0.2\n"), line);
        expect("+OK", "CLIENT NO-EVICT ON");
        expect("+OK", "CLIENT NO-TOUCH off");
        expect("-ERR syntax error", "CLIENT NO-TOUCH x");
    }

    @Test
    void namesHaveABound() throws Exception {
        int most = Limits.RESP_NAME_BYTES_MAX;
        var longest = "n".repeat(most);
        assertEquals("+OK", client.say("CLIENT SETNAME " + longest));
        for (var line : List.of("CLIENT SETNAME ", "CLIENT SETINFO LIB-NAME ",
                "CLIENT SETINFO LIB-VER ", "HELLO 3 SETNAME ",
                "SENTINEL get-master-addr-by-name ", "SENTINEL MASTER ")) {
            expect("-ERR name of " + (most + 1) + " bytes is over the limit of " + most,
                    line + longest + "x");
        }
        expect(longest, "CLIENT GETNAME");
        assertEquals("-ERR Names of masters cannot contain spaces, newlines or special characters.",
                client.send("SENTINEL", "MASTER", "a b").read());
    }

    @Test
    void othersCanBeEnded() throws Exception {
        try (var other = node.connect(); var third = node.connect()) {
            long id = (Long) other.say("CLIENT ID");
            third.say("PING");
            assertEquals(4, text("CLIENT LIST").split("\n", -1).length);
            assertEquals(4, text("CLIENT LIST TYPE normal").split("\n", -1).length);
            expect("", "CLIENT LIST TYPE replica");
            assertTrue(text("CLIENT LIST ID " + id).startsWith("id=" + id + " "));
            expect("-ERR No such client", "CLIENT KILL 1.2.3.4:5");
            expect("-ERR client-id should be greater than 0", "CLIENT KILL ID 0");
            expect(1L, "CLIENT KILL ID " + id);
            other.assertEnded();
            expect("+OK", "CLIENT KILL 127.0.0.1:" + third.port());
            third.assertEnded();
            expect(0L, "CLIENT KILL TYPE normal");
            expect(1L, "CLIENT KILL TYPE normal SKIPME no");
            client.assertEnded();
        }
    }

    // The server.

    @Test
    void configIsAnsweredInPairs() throws Exception {
        expect(List.of("appendonly", "yes"), "CONFIG GET appendonly");
        expect(List.of("appendonly", "yes", "save", ""), "CONFIG GET SAVE appendonly");
        expect(List.of(), "CONFIG GET nope");
        expect("+OK", "CONFIG SET databases 1");
        expect("-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - can't set"
                + " immutable config", "CONFIG SET maxmemory 5");
        expect("-ERR Unknown option or number of arguments for CONFIG SET - 'nope'",
                "CONFIG SET nope 5");
        for (var value : List.of("x", "1.5", "05", "99999999999999999999")) {
            expect("-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument"
                    + " couldn't be parsed into an integer", "CONFIG SET timeout " + value);
        }
        expect("-ERR CONFIG SET failed (possibly related to argument 'TIMEOUT') - duplicate"
                + " parameter", "CONFIG SET timeout x TIMEOUT 5");
        expect("-ERR CONFIG SET failed (possibly related to argument 'databases') - duplicate"
                + " parameter", "CONFIG SET databases 1 databases 1");
        expect("-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument must be"
                + " between 0 and 2147483647 inclusive", "CONFIG SET timeout -1");
        expect("+OK", "CONFIG RESETSTAT");
    }

    @Test
    void infoIsMadeOfSections() throws Exception {
        var all = text("INFO");
        assertTrue(all.contains("# Server\r\nredis_version:7.4.0\r\n"), all);
        assertTrue(all.contains("\r\n\r\n# Replication\r\nrole:master\r\n"), all);
        assertTrue(all.contains("\r\nloading:0\r\n"), all);
        var some = text("INFO REPLICATION cluster");
        assertFalse(some.contains("# Server"), some);
        assertTrue(some.contains("connected_slaves:2\r\n") && some.contains("cluster_enabled:0"),
                some);
        // Lettuce takes a replica at 0 for none.
        assertTrue(some.contains("master_repl_offset:10\r\n"), some);
        expect("", "INFO nope");
        loseOffice();
        assertTrue(text("INFO replication").contains(
                "role:slave\r\nmaster_host:10.0.0.2\r\nmaster_port:6400\r\nmaster_link_status:up\r\n"));
    }

    /// What `redis-cli --stat` shows.
    @Test
    void infoCountsKeysAndWhoWaits() throws Exception {
        expect("# Keyspace\r\n", "INFO keyspace");
        client.say("MSET a 1 b 2");
        expect("# Keyspace\r\ndb0:keys=2,expires=0,avg_ttl=0\r\n", "INFO keyspace");
        assertTrue(text("INFO clients").contains("\r\nblocked_clients:0\r\n"));
        try (var other = node.connect(); var listener = node.connect()) {
            listener.say("SUBSCRIBE c");
            other.say("SET a 1");
            other.line("WAIT 5 0");
            FakeNode.await("it to be seen", () -> {
                try {
                    return text("INFO clients").contains("\r\nblocked_clients:1\r\n");
                } catch (Exception broken) {
                    throw new AssertionError(broken);
                }
            });
            assertTrue(text("INFO clients").contains("\r\npubsub_clients:1\r\n"));
            assertTrue(text("INFO stats").contains("\r\npubsub_channels:1\r\n"));
        }
    }

    /// No client is told of a command that it would not get.
    @Test
    void commandListsWhatIsServed() throws Exception {
        var names = (List<?>) client.say("COMMAND LIST");
        for (var name : names) {
            var row = (List<?>) ((List<?>) client.say("COMMAND INFO " + name)).getFirst();
            assertEquals(name, row.getFirst());
        }
        assertTrue(names.contains("get") && names.contains("client|kill"), names::toString);
        expect((long) ((List<?>) client.say("COMMAND")).size(), "COMMAND COUNT");
        expect(List.of("a", "b"), "COMMAND GETKEYS MSET a 1 b 2");
    }

    // Who leads, and who else there is.

    @Test
    void whoLeadsAsRedisTellsIt() throws Exception {
        node.store(it -> it.replicasApplied = 7);
        expect(List.of("master", 10L,
                List.of(List.of("10.0.0.2", "6400", "7"), List.of("10.0.0.3", "6400", "7"))),
                "ROLE");
        var info = text("INFO replication");
        for (var line : List.of("connected_slaves:2",
                "slave0:ip=10.0.0.2,port=6400,state=online,offset=7,lag=0",
                "slave1:ip=10.0.0.3,port=6400,state=online,offset=7,lag=0")) {
            assertTrue(info.contains("\r\n" + line + "\r\n"), info);
        }
        loseOffice();
        expect(List.of("slave", "10.0.0.2", 6400L, "connected", 10L), "ROLE");
        node.store(it -> it.hasLeader = false);
        expect(List.of("slave", "", 0L, "connect", 10L), "ROLE");
        assertTrue(text("INFO replication").contains("role:slave\r\nmaster_link_status:down\r\n"));
    }

    @Test
    void whoLeadsAsSentinelTellsIt() throws Exception {
        expect(List.of("10.0.0.1", "6400"), "SENTINEL get-master-addr-by-name mymaster");
        var id = "0000000000000007000000000000000100000000";
        expect(id, "SENTINEL MYID");
        expect(List.of("name", "any", "ip", "10.0.0.1", "port", "6400", "runid", id, "flags",
                "master", "role-reported", "master", "config-epoch", "3", "num-slaves", "2",
                "num-other-sentinels", "2", "quorum", "2"), "SENTINEL MASTER any");
        assertEquals(1, ((List<?>) client.say("SENTINEL MASTERS")).size());
        var replicas = (List<?>) client.say("SENTINEL REPLICAS mymaster");
        assertTrue(replicas.getFirst().toString().startsWith("[name, 10.0.0.2:6400, ip, 10.0.0.2,"
                + " port, 6400, runid, "), replicas::toString);
        assertTrue(replicas.toString().contains("flags, slave,"), replicas::toString);
        expect(replicas, "SENTINEL slaves mymaster");
        assertEquals(2, ((List<?>) client.say("SENTINEL SENTINELS mymaster")).size());
        assertTrue(text("SENTINEL CKQUORUM mymaster").startsWith("+OK 3 usable"));
        expect("+OK", "SENTINEL FAILOVER mymaster");
        client.say("HELLO 3");
        var asMap = (List<?>) client.say("SENTINEL MASTER mymaster");
        assertEquals("map", asMap.getFirst());
    }

    @Test
    void whoHasNoAddressForRedisIsNotSpokenOf() throws Exception {
        node.store(it -> {
            it.third = null;
            return true;
        });
        assertEquals(1, ((List<?>) client.say("SENTINEL REPLICAS mymaster")).size());
        node.store(it -> it.hasLeader = false);
        expect("null array", "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster");
        assertTrue(client.say("SENTINEL MASTER mymaster").toString().contains("s_down"));
    }

    // Replicas.

    @Test
    void waitCountsWhoHasIt() throws Exception {
        node.store(it -> it.replicasApplied = 10);
        expect(2L, "WAIT 2 0");
        client.say("SET a 1");
        // An acknowledged write is on two disks of three.
        expect(1L, "WAIT 1 0");
        expect(1L, "WAIT 2 30");
        client.line("WAIT 2 0");
        node.store(it -> it.replicasApplied = 100);
        assertEquals(2L, client.read());
        expect(List.of(1L, 2L), "WAITAOF 1 2 0");
        for (var line : List.of("MULTI", "WAIT 9 0", "WAITAOF 1 9 0", "WAITAOF 2 9 0"))
            client.say(line);
        expect(List.of(2L, List.of(1L, 2L),
                "-ERR value is out of range, value must between 0 and 1"), "EXEC");
        expect("-ERR value is out of range, value must between 0 and 1", "WAITAOF 2 2 0");
        expect("-ERR timeout is negative", "WAIT 1 -1");
        expect("-ERR timeout is not an integer or out of range", "WAIT 1 x");
    }

    /// Who has written nothing asks who is there, and level.
    @Test
    void waitDoesNotCountTheDead() throws Exception {
        expect(0L, "WAIT 2 20");
        node.store(it -> it.replicasApplied = 10);
        expect(2L, "WAIT 2 0");
        node.store(it -> it.silent.add(3));
        expect(1L, "WAIT 2 20");
        expect(List.of(1L, 1L), "WAITAOF 1 2 20");
    }

    @Test
    void aBlockedWaitEndsWithTheOffice() throws Exception {
        client.say("SET a 1");
        try (var cluster = new FakeNode(new RespConfig(Consistency.LINEARIZABLE, null, true),
                FakeNode.BOUNDS); var other = cluster.connect()) {
            client.line("WAIT 2 0");
            node.store(it -> it.leads = false);
            assertEquals(1L, client.read());
            client.assertEnded();
            // Clients of Redis Cluster stay, and are answered all the same.
            other.say("SET a 1");
            other.line("WAIT 2 0").line("PING");
            cluster.store(it -> it.leads = false);
            assertEquals(1L, other.read());
            assertEquals("+PONG", other.read());
        }
    }

    @Test
    void leadershipIsOnlyHandedOver() throws Exception {
        expect("+OK", "REPLICAOF NO ONE");
        expect("+OK", "SLAVEOF no one");
        assertTrue(text("REPLICAOF 127.0.0.1 6379").startsWith("-ERR the cluster decides"));
        expect("+OK", "FAILOVER");
        expect("+OK", "FAILOVER TIMEOUT 100");
        expect("-ERR No failover in progress.", "FAILOVER ABORT");
        expect("-ERR syntax error", "FAILOVER NOW");
        expect("-ERR syntax error", "FAILOVER FORCE");
        expect("+OK", "FAILOVER TO 10.0.0.2 6400 FORCE TIMEOUT 100");
        expect("-ERR FAILOVER target HOST and PORT is not a replica.", "FAILOVER TO 1.2.3.4 5");
    }
}
