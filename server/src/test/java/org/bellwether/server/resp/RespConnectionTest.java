package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Revision;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.EventLoops.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a connection does with requests, over real sockets: their order, their bounds, their end.
@Timeout(120)
class RespConnectionTest {
    private static RespBounds bounds(int connections, int pipeline, int unsent, Duration silence) {
        var usual = FakeNode.BOUNDS;
        return new RespBounds(connections, pipeline, usual.pipelineBytes(), usual.startedBytes(),
                usual.readsMax(), unsent, usual.heldBytesMax(), usual.trackedBytesMax(), silence,
                usual.linger(),
                usual.strangerMax());
    }

    @Test
    void aRequestMayComeByteByByte() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            var both = RespClient.request("SET", "k", "value") + RespClient.request("GET", "k");
            for (int i = 0; i < both.length(); i++)
                client.raw(both.substring(i, i + 1));
            assertEquals("+OK", client.read());
            assertEquals("value", client.read());
        }
    }

    @Test
    void writesInARowStartTogether_andWhatIsBehindThemWaits() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.line("SET a 1").line("SET b 2").line("GET a").line("PING").line("GET b")
                    .line("DEL a").line("GET a");
            node.awaitHeld(2);
            assertEquals(List.of("Put", "Put"), node.store(it -> List.copyOf(it.asked)));
            node.letGo();
            var replies = List.<Object>of("+OK", "+OK", "1", "+PONG", "2", 1L, "null");
            for (var reply : replies)
                assertEquals(reply, client.read());
        }
    }

    /// More of them than are answered together.
    @Test
    void clientsThatAreHeardInOneTurnAreAllAnswered() throws Exception {
        try (var node = new FakeNode()) {
            var clients = new ArrayList<RespClient>();
            for (int i = 0; i < 30; i++)
                clients.add(node.connect());
            for (int round = 0; round < 20; round++) {
                int now = round;
                // The loop looks at none of them before all have asked.
                node.store(_ -> {
                    for (int i = 0; i < clients.size(); i++)
                        clients.get(i).line("SET k" + i + " " + now).line("GET k" + i);
                    return true;
                });
                for (var client : clients) {
                    assertEquals("+OK", client.read());
                    assertEquals("" + now, client.read());
                }
            }
            for (var client : clients)
                client.close();
        }
    }

    @Test
    void repliesKeepTheirOrder_whateverTheOrderOfTheAnswers() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.line("MSET a 1 b 2 c 3");
            assertEquals("+OK", client.read());
            node.hold();
            client.line("GET a").line("MGET b c").line("GET c");
            node.awaitHeld(4);
            node.store(it -> {
                it.letGoBackwards();
                return true;
            });
            assertEquals("1", client.read());
            assertEquals(List.of("2", "3"), client.read());
            assertEquals("3", client.read());
        }
    }

    @Test
    void aWriteWaitsForTheReadsBeforeIt() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.line("GET a").line("SET a 1").line("GET a");
            node.awaitHeld(1);
            node.letGo();
            assertEquals("null", client.read());
            assertEquals("+OK", client.read());
            assertEquals("1", client.read());
        }
    }

    @Test
    void aLocalReadIsNotOlderThanWhatThisConnectionHasSeen() throws Exception {
        try (var node = new FakeNode(new RespConfig(Consistency.LOCAL, null, false),
                FakeNode.BOUNDS);
                var client = node.connect()) {
            client.say("SET a 1");
            client.say("SET a 2");
            node.store(it -> it.appliedHere = new Revision(1));
            client.say("GET a");
            node.store(it -> it.appliedHere = new Revision(2));
            client.say("GET a");
            assertEquals(List.of("Put", "Put", "AtLeast", "Local"),
                    node.store(it -> List.copyOf(it.asked)));
        }
    }

    /// Each would wait for as long as the first, one after the other.
    @Test
    void behindARequestThatFoundNoLeaderNobodyWaitsForOne() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.store(it -> {
                it.hasLeader = false;
                it.leaderServes = false;
                it.outcome = new Outcome.Overloaded(Busy.NO_LEADER, "none was found");
                return true;
            });
            var waited = "-CLUSTERDOWN none was found; nothing happened";
            var not = "-CLUSTERDOWN there is no leader, and a request before this one has waited"
                    + " for one in vain; nothing happened";
            client.raw("SET a 1,GET a,MGET a b,PING,MULTI,INCR a,EXEC,KEYS *,CLIENT READS LOCAL,"
                    .replace(",", "\r\n"));
            for (var reply : List.of(waited, not, not, "+PONG", "+OK", "+QUEUED", not, not, "+OK"))
                assertEquals(reply, client.read());
            // There may be one by now.
            assertEquals(waited, client.say("SET a 1"));
            // From here it can be read.
            client.raw("SET a 1\r\nGET a\r\n");
            assertEquals(waited, client.read());
            assertEquals(waited, client.read());
            node.store(it -> it.leaderServes = true);
            client.raw("SET a 1\r\nSET b 1\r\nCLIENT READS DEFAULT\r\nGET a\r\n");
            for (var reply : List.of(waited, waited, "+OK", waited))
                assertEquals(reply, client.read());
            assertEquals(List.of("Put", "Put", "Put", "Local", "Put", "Put", "Linearizable"),
                    node.store(it -> List.copyOf(it.asked)));
        }
    }

    /// Also by a client that always has something under way.
    @Test
    void theNextLeaderThatIsLostIsWaitedForAnew() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.store(it -> {
                it.leaderServes = false;
                it.holds = true;
                it.outcome = new Outcome.Overloaded(Busy.NO_LEADER, "none was found");
                return true;
            });
            client.raw("SET a 1\r\nGET a\r\nSET b 1\r\nGET b\r\n");
            while (node.store(FakeStore::heldCount) < 1)
                Thread.onSpinWait();
            // There is a leader while the second is asked, ...
            node.store(it -> {
                it.letGo();
                it.leaderServes = true;
                it.holds = true;
                return true;
            });
            assertEquals("-CLUSTERDOWN none was found; nothing happened", client.read());
            while (node.store(FakeStore::heldCount) < 1)
                Thread.onSpinWait();
            // ... and none any more when the third is.
            node.store(it -> {
                it.leaderServes = false;
                it.outcome = null;
                it.letGo();
                return true;
            });
            assertEquals("null", client.read());
            assertEquals("+OK", client.read());
            assertEquals("1", client.read());
        }
    }

    /// What came together is looked for together; a single read waits for nothing, and one that a majority has to confirm is
    /// looked for when that has been done.
    @Test
    void whatIsReadFromHereIsToldBefore() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.raw("GET x\r\nGET y\r\nGET z\r\n");
            for (int i = 0; i < 3; i++)
                client.read();
            client.say("CLIENT READS LOCAL");
            client.say("GET w");
            client.raw("GET a,SET b 1,MGET c d,PING,GET e,GET,GET f,GET g,".replace(",", "\r\n"));
            assertEquals("null", client.read());
            assertEquals("+OK", client.read());
            for (int i = 2; i < 8; i++)
                client.read();
            assertEquals("+RESET", client.say("RESET"));
            client.raw("GET h,GET i,QUIT,GET k,GET l,".replace(",", "\r\n"));
            for (int i = 0; i < 3; i++)
                client.read();
            // Nothing comes together with a command of another kind.
            assertEquals(Stream.of("a", "c", "f", "g").map(Bytes::utf8).toList(),
                    node.store(it -> List.copyOf(it.expected)));
        }
    }

    /// More than are looked at together, and not all of the last one.
    @Test
    void aPipelineMayBeLongerThanWhatIsLookedAtTogether() throws Exception {
        try (var node = new FakeNode(new RespConfig(Consistency.LOCAL, null, false),
                FakeNode.BOUNDS);
                var client = node.connect()) {
            var pipeline = new StringBuilder();
            for (int i = 0; i < 100; i++)
                pipeline.append("SET k%d %d\r\nGET k%d\r\n".formatted(i, i, i));
            client.raw(pipeline + "GET k");
            for (int i = 0; i < 100; i++) {
                assertEquals("+OK", client.read());
                assertEquals("" + i, client.read());
            }
            client.raw("42\r\n");
            assertEquals("42", client.read());
        }
    }

    @Test
    void aPortMayHaveLeaseReads() throws Exception {
        try (var node = new FakeNode(new RespConfig(Consistency.LEASE, null, false),
                FakeNode.BOUNDS);
                var client = node.connect()) {
            client.say("GET a");
            client.say("MGET a b");
            assertEquals("lease", client.say("CLIENT READS"));
            assertEquals(List.of("Lease", "Lease", "Lease"),
                    node.store(it -> List.copyOf(it.asked)));
        }
    }

    /// Beyond the port's choice and `READONLY`, for one connection.
    @Test
    void aClientChoosesHowFreshItsReadsAre() throws Exception {
        try (var node = new FakeNode(); var client = node.connect(); var other = node.connect()) {
            assertEquals("linearizable", client.say("CLIENT READS"));
            assertEquals("+OK", client.say("CLIENT READS LEASE"));
            client.say("GET a");
            assertEquals("+OK", client.say("READONLY"));
            client.say("GET a");
            assertEquals("+OK", client.say("client reads local"));
            client.say("GET a");
            assertEquals("+OK", client.say("CLIENT READS Linearizable"));
            client.say("GET a");
            assertEquals("+OK", client.say("CLIENT READS DEFAULT"));
            assertEquals("local", client.say("CLIENT READS"));
            client.say("GET a");
            client.say("CLIENT READS LEASE");
            assertEquals("+RESET", client.say("RESET"));
            client.say("GET a");
            assertEquals("linearizable", other.say("CLIENT READS"));
            assertEquals(List.of("Lease", "Lease", "Local", "Linearizable", "Local",
                    "Linearizable"), node.store(it -> List.copyOf(it.asked)));
            assertEquals("-ERR CLIENT READS is LINEARIZABLE, LEASE, LOCAL or DEFAULT, got 'fast'",
                    client.say("CLIENT READS fast"));
            assertEquals("-ERR wrong number of arguments for 'client|reads' command",
                    client.say("CLIENT READS LOCAL LEASE"));
        }
    }

    @Test
    void readonlyMakesReadsLocal_untilReadwrite() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.say("GET a");
            assertEquals("+OK", client.say("READONLY"));
            client.say("GET a");
            assertEquals("+OK", client.say("READWRITE"));
            client.say("GET a");
            assertEquals(List.of("Linearizable", "Local", "Linearizable"),
                    node.store(it -> List.copyOf(it.asked)));
        }
    }

    // Bounds.

    @Test
    void aLongPipelineIsReadAsItIsAnswered() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT,
                bounds(10, 16, 1 << 20, Duration.ofSeconds(60)));
                var client = node.connect()) {
            node.hold();
            var writer = Thread.ofPlatform().start(() -> {
                try {
                    client.raw(RespClient.request("SET", "k", "v".repeat(100_000)).repeat(200));
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            FakeNode.await("some", () -> node.held() >= 1);
            node.store(it -> {
                assertTrue(it.heldCount() < 100, "given to the store: " + it.heldCount());
                return true;
            });
            node.letGo();
            for (int i = 0; i < 200; i++)
                assertEquals("+OK", client.read());
            writer.join();
        }
    }

    @Test
    void nothingIsDoneForWhoTakesNoReplies_untilTheyDo() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT,
                bounds(10, 1024, 256 * 1024, Duration.ofSeconds(60)));
                var client = node.connect()) {
            var value = "v".repeat(100_000);
            client.send("SET", "k", value).read();
            client.raw(RespClient.request("GET", "k").repeat(1_000));
            node.store(it -> {
                assertTrue(it.asked.size() < 900, "asked: " + it.asked.size());
                return true;
            });
            for (int i = 0; i < 1_000; i++)
                assertEquals(value, client.read());
        }
    }

    /// Whether what is sent leaves at once or later, by the kind of loop.
    @ParameterizedTest
    @EnumSource
    void aPipelineOfAStrangerIsAnsweredToItsEnd(Kind kind) throws Exception {
        assumeTrue(kind.isAvailable());
        var config = new RespConfig(Consistency.LINEARIZABLE, Bytes.utf8("secret"), false);
        try (var node = new FakeNode(config, FakeNode.BOUNDS,
                EventLoops.open("resp-test", 1, kind));
                var client = node.connect()) {
            client.raw(RespClient.request("GET", "k").repeat(900)
                    + RespClient.request("AUTH", "secret"));
            for (int i = 0; i < 900; i++)
                assertEquals("-NOAUTH Authentication required.", client.read());
            assertEquals("+OK", client.read());
        }
    }

    @Test
    void whoNeverTakesRepliesIsLeft() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT,
                bounds(10, 1024, 256 * 1024, Duration.ofMillis(100)));
                var client = node.connect();
                var other = node.connect()) {
            client.send("SET", "k", "v".repeat(1_000_000)).read();
            client.raw(RespClient.request("GET", "k").repeat(1_000));
            FakeNode.await("the connection to be closed", () -> {
                try {
                    return ((String) other.say("CLIENT LIST")).split("\n", -1).length == 2;
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
        }
    }

    @Test
    void aRequestThatDoesNotEndEndsTheConnection() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT,
                bounds(10, 1024, 256 * 1024, Duration.ofMillis(100)));
                var client = node.connect()) {
            client.raw("*2\r\n$3\r\nGET\r\n$1000\r\nab").assertEnded();
        }
    }

    @Test
    void idleConnectionsStay_unlessATimeoutIsSet() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            assertEquals(List.of("timeout", "0"), client.say("CONFIG GET timeout"));
            assertEquals("+OK", client.say("CONFIG SET timeout 1"));
            assertEquals(List.of("timeout", "1"), client.say("CONFIG GET Time*"));
            client.assertEnded();
        }
    }

    @Test
    void tooManyConnectionsAreToldSo() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT,
                bounds(1, 1024, 1 << 20, Duration.ofSeconds(60)));
                var first = node.connect()) {
            assertEquals("+PONG", first.say("PING"));
            try (var second = node.connect()) {
                assertEquals("-ERR max number of clients reached", second.read());
                second.assertEnded();
            }
            assertEquals("+PONG", first.say("PING"));
        }
    }

    @Test
    void aReplyOfTooManyValuesIsRefused() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.send("SET", "k", "v".repeat(Limits.DEFAULT.valueBytesMax())).read();
            int count = Limits.RESP_REPLY_BYTES_MAX / Limits.DEFAULT.valueBytesMax() + 1;
            var words = new String[count + 1];
            Arrays.fill(words, "k");
            words[0] = "MGET";
            var reply = (String) client.send(words).read();
            assertTrue(reply.startsWith("-ERR reply of "), reply);
            assertEquals("+PONG", client.say("PING"));
        }
    }

    private static RespBounds withHeld(long bytes) {
        var usual = FakeNode.BOUNDS;
        return new RespBounds(usual.connectionsMax(), usual.pipelineMax(), usual.pipelineBytes(),
                usual.startedBytes(), usual.readsMax(), usual.unsentBytesMax(), bytes,
                usual.trackedBytesMax(), usual.silence(), usual.linger(), usual.strangerMax());
    }

    /// Each may give back a value of 1 MiB, and what it gives back must be kept until it is written.
    @Test
    void aTransactionOfLongRepliesHasABound() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.line("MULTI").raw(RespClient.request("COMMAND", "DOCS").repeat(3_000))
                    .line("SET k v").line("PUBLISH c x").line("EXEC");
            assertEquals("+OK", client.read());
            for (int i = 0; i < 3_002; i++)
                assertEquals("+QUEUED", client.read());
            var replies = (List<?>) client.read();
            assertEquals(3_002, replies.size());
            assertTrue(replies.getFirst() instanceof List<?>);
            var refusal = "-ERR the replies before this one take more than 33554432 bytes; nothing"
                    + " was done";
            assertEquals(List.of(refusal, "+OK", refusal), replies.subList(2_999, 3_002));
            assertEquals("v", client.say("GET k"));
        }
    }

    @Test
    void writesThatGiveBackValuesAreFewAtATime() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.raw(RespClient.request("GETSET", "k", "v").repeat(200)
                    + RespClient.request("SET", "k", "w", "GET").repeat(200)
                    + RespClient.request("GETEX", "k", "PERSIST").repeat(200));
            int most = FakeNode.BOUNDS.unsentBytesMax() / Limits.DEFAULT.valueBytesMax();
            node.awaitHeld(most);
            node.letGo();
            assertEquals("null", client.read());
            for (int i = 0; i < 200; i++)
                assertEquals("v", client.read());
            for (int i = 0; i < 399; i++)
                assertEquals("w", client.read());
        }
    }

    /// A condition that does not hold says what is there; few replies show it.
    @Test
    void whatNoReplyShowsIsNotKept() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.send("SET", "k", "v".repeat(1 << 20)).read();
            node.hold();
            client.raw(RespClient.request("SET", "k", "w", "NX").repeat(500)
                    + RespClient.request("SETNX", "k", "w").repeat(500));
            node.awaitHeld(1_000);
            node.letGo();
            for (int i = 0; i < 500; i++)
                assertEquals("null", client.read());
            for (int i = 0; i < 500; i++)
                assertEquals(0L, client.read());
        }
    }

    @Test
    void readsOfManyKeysAreFewAtATime() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            var words = new String[101];
            Arrays.fill(words, "k");
            words[0] = "MGET";
            node.hold();
            client.raw(RespClient.request(words).repeat(50));
            node.awaitHeld(200);
            node.letGo();
            for (int i = 0; i < 50; i++)
                assertEquals(100, ((List<?>) client.read()).size());
        }
    }

    /// They would have to be held until the first is there.
    @Test
    void answersThatCannotBeWrittenYetHaveABound() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.send("SET", "k", "v".repeat(1 << 20)).read();
            node.hold();
            client.line("GET first");
            node.awaitHeld(1);
            node.store(it -> it.holds = false);
            client.raw(RespClient.request("GET", "k").repeat(100));
            FakeNode.await("some to be asked", () -> asked(node) > 3);
            // However long one waits, no more than the bound.
            client.raw(RespClient.request("GET", "k").repeat(20));
            assertTrue(asked(node) <= 2 + FakeNode.BOUNDS.unsentBytesMax() / (1 << 20) + 1);
            node.letGo();
            assertEquals("null", client.read());
            for (int i = 0; i < 120; i++)
                assertEquals(1 << 20, ((String) client.read()).length());
        }
    }

    private static int asked(FakeNode node) {
        try {
            return node.store(it -> it.asked.size());
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void aReadForWhichThereIsNoRoomIsRefused() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(4 << 20));
                var client = node.connect();
                var other = node.connect()) {
            client.send("SET", "k", "v".repeat(1 << 20)).read();
            var reply = (String) other.say("MGET k k k k k");
            assertEquals("-TRYAGAIN replies and requests of all Redis clients take more than "
                    + (4 << 20) + " bytes; nothing happened", reply);
            assertEquals(3, ((List<?>) other.say("MGET k k k")).size());
            assertEquals("+PONG", client.say("PING"));
        }
    }

    /// What is thrown away takes the loop's time all the same.
    @Test
    void aReadForWhichNoRoomIsLeftIsNotEvenPerformed() throws Exception {
        int most = 4 << 20;
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(most));
                var client = node.connect()) {
            client.send("SET", "k", "v".repeat(most / 4 - most / 4 / 32)).read();
            node.hold();
            client.line("GET first");
            node.awaitHeld(1);
            node.store(it -> it.holds = false);
            client.raw(RespClient.request("GET", "k").repeat(40));
            FakeNode.await("all to be asked", () -> asked(node) == 42);
            assertEquals(4, (int) node.store(it -> it.found));
            node.letGo();
            // Its turn came last.
            assertTrue(((String) client.read()).startsWith("-TRYAGAIN"));
            for (int i = 0; i < 40; i++) {
                var reply = (String) client.read();
                assertEquals(i >= 4, reply.startsWith("-TRYAGAIN"), "reply " + i);
            }
        }
    }

    @Test
    void writesThatGiveBackValuesWaitForRoom_andAllAreDone() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(8 << 20));
                var one = node.connect();
                var two = node.connect()) {
            node.hold();
            one.raw(RespClient.request("GETSET", "a", "1").repeat(10));
            node.awaitHeld(4);
            two.raw(RespClient.request("GETSET", "b", "2").repeat(10)
                    + RespClient.request("GET", "b"));
            // Who wants nothing back does not wait for that.
            try (var third = node.connect()) {
                third.line("SET c 3");
                node.awaitHeld(5);
                node.letGo();
                assertEquals("+OK", third.read());
            }
            for (var client : List.of(one, two))
                assertEquals("null", client.read());
            for (int i = 0; i < 9; i++) {
                assertEquals("1", one.read());
                assertEquals("2", two.read());
            }
            assertEquals("2", two.read());
        }
    }

    /// As Redis does it (`maxmemory-clients`).
    @Test
    void whoHoldsMostGoes_whenAllTogetherHoldTooMuch() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(4 << 20));
                var small = node.connect();
                var large = node.connect()) {
            for (var client : List.of(small, large))
                assertEquals("+OK", client.say("MULTI"));
            assertEquals("+QUEUED", small.send("SET", "a", "v".repeat(1 << 19)).read());
            for (int i = 0; i < 3; i++)
                assertEquals("+QUEUED", large.send("SET", "b", "v".repeat(1 << 20)).read());
            try {
                large.send("SET", "b", "v".repeat(900_000));
            } catch (IOException gone) {
                // It may go while it still sends.
            }
            FakeNode.await("it to go", () -> {
                try (var other = node.connect()) {
                    return ((String) other.say("INFO stats")).contains("evicted_clients:1\r\n");
                } catch (Exception broken) {
                    throw new AssertionError(broken);
                }
            });
            assertEquals(List.of("+OK"), small.say("EXEC"));
        }
    }

    @Test
    void whoIsToBeSparedGoesLast() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(4 << 20));
                var small = node.connect();
                var spared = node.connect()) {
            assertEquals("+OK", spared.say("CLIENT NO-EVICT ON"));
            assertTrue(((String) spared.say("CLIENT INFO")).contains(" flags=e "));
            for (var client : List.of(small, spared))
                assertEquals("+OK", client.say("MULTI"));
            assertEquals("+QUEUED", small.send("SET", "a", "v".repeat(1 << 19)).read());
            for (int i = 0; i < 3; i++)
                assertEquals("+QUEUED", spared.send("SET", "b", "v".repeat(1 << 20)).read());
            assertEquals("+QUEUED", spared.send("SET", "b", "v".repeat(900_000)).read());
            small.assertEnded();
            try (var other = node.connect()) {
                assertEquals("+OK", other.say("CLIENT NO-EVICT ON"));
                assertEquals("+OK", other.say("MULTI"));
                assertEquals("+QUEUED", other.send("SET", "c", "v".repeat(900_000)).read());
                spared.assertEnded();
                assertEquals(List.of("+OK"), other.say("EXEC"));
            }
        }
    }

    @Test
    void smallCommandsAreCountedByWhatTheyTake() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.line("MULTI").raw(RespClient.request("PING").repeat(1_000));
            for (int i = 0; i <= 1_000; i++)
                client.read();
            long queued = node.heldBytes();
            assertTrue(queued >= 150_000, "queued: " + queued);
            assertEquals("+OK", client.say("DISCARD"));
            node.hold();
            client.raw(RespClient.request("GET", "k").repeat(100));
            node.awaitHeld(100);
            long asked = node.heldBytes();
            assertTrue(asked >= 17_000, "asked: " + asked);
            node.letGo();
        }
    }

    @Test
    void whoWaitsForReplicasLooksTogetherWithTheOthers() throws Exception {
        try (var node = new FakeNode()) {
            var clients = new ArrayList<RespClient>();
            try {
                for (int i = 0; i < 50; i++) {
                    var client = node.connect();
                    clients.add(client);
                    client.line("WAIT 9 0");
                }
                FakeNode.await("all to wait", () -> {
                    try (var other = node.connect()) {
                        return ((String) other.say("INFO clients"))
                                .contains("blocked_clients:50\r\n");
                    } catch (Exception broken) {
                        throw new AssertionError(broken);
                    }
                });
                int before = node.store(it -> it.clusterLooks);
                long start = System.nanoTime();
                FakeNode.await("some looks", () -> {
                    try {
                        return node.store(it -> it.clusterLooks) >= before + 20;
                    } catch (Exception broken) {
                        throw new AssertionError(broken);
                    }
                });
                assertTrue(System.nanoTime() - start >= 100_000_000, "each looks alone");
            } finally {
                for (var each : clients)
                    each.close();
            }
        }
    }

    /// Keys of a few bytes take much more than that.
    @Test
    void keysAreCountedByWhatTheyTake() throws Exception {
        try (var node = new FakeNode(RespConfig.DEFAULT, withHeld(64 << 10));
                var client = node.connect()) {
            var words = new String[2 * 1_500 + 1];
            for (int i = 0; i < 1_500; i++) {
                words[2 * i + 1] = "k" + i;
                words[2 * i + 2] = "";
            }
            words[0] = "MSET";
            assertEquals("+OK", client.send(words).read());
            assertTrue(((String) client.say("KEYS *")).startsWith("-TRYAGAIN "));
            assertEquals(111, ((List<?>) client.say("KEYS k10*")).size());
        }
    }

    @Test
    void watchingLargeValuesIsFree_butNotManyLongKeys() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            var words = new String[41];
            words[0] = "WATCH";
            for (int i = 1; i <= 40; i++) {
                words[i] = "k" + i;
                client.send("SET", words[i], "v".repeat(1 << 20)).read();
            }
            assertEquals("+OK", client.send(words).read());
            int fitting = Limits.DEFAULT.batchBytesMax() / Limits.DEFAULT.keyBytesMax();
            client.say("UNWATCH");
            for (int i = 0; i < fitting; i++) {
                var key = "%04d".formatted(i) + "k".repeat(Limits.DEFAULT.keyBytesMax() - 4);
                assertEquals("+OK", client.send("WATCH", key).read());
            }
            assertEquals("-ERR keys of more than " + Limits.DEFAULT.batchBytesMax()
                    + " bytes together would be watched", client.say("WATCH another"));
        }
    }

    // Who is it?

    @Test
    void strangersGetNothingAndMaySendLittle() throws Exception {
        var config = new RespConfig(Consistency.LINEARIZABLE, Bytes.utf8("secret"), false);
        try (var node = new FakeNode(config, FakeNode.BOUNDS); var client = node.connect()) {
            assertEquals("-NOAUTH Authentication required.", client.say("GET a"));
            assertEquals("-EXECABORT Transaction discarded because of: NOAUTH Authentication"
                    + " required.", client.say("EXEC"));
            assertEquals("-ERR unknown command 'foo', with args beginning with: ",
                    client.say("foo"));
            assertTrue(((String) client.say("HELLO 3")).startsWith("-NOAUTH HELLO must"));
            var wrong = "-WRONGPASS invalid username-password pair or user is disabled.";
            assertEquals(wrong, client.say("AUTH guess"));
            assertEquals(wrong, client.say("AUTH somebody secret"));
            assertEquals(wrong, client.say("HELLO 3 AUTH default guess"));
            var large = "v".repeat(20_000);
            client.raw(RespClient.request("AUTH", "secret") + RespClient.request("SET", "k", large)
                    + RespClient.request("GET", "k"));
            assertEquals("+OK", client.read());
            assertEquals("+OK", client.read());
            assertEquals(large, client.read());
            assertEquals("+RESET", client.say("RESET"));
            client.send("SET", "k", large);
            assertEquals("-ERR Protocol error: unauthenticated bulk length", client.read());
            client.assertEnded();
        }
    }

    @Test
    void whereNobodyIsAskedOnlyTheDefaultUserIsKnown() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            assertTrue(((String) client.say("AUTH x")).startsWith("-ERR AUTH <password> called"));
            assertEquals("+OK", client.say("AUTH default x"));
            assertTrue(((String) client.say("AUTH you x")).startsWith("-WRONGPASS"));
            assertEquals("-ERR syntax error", client.say("AUTH a b c"));
        }
    }

    // The end.

    @Test
    void aProtocolErrorIsToldInItsTurn_andEndsTheConnection() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.line("SET a 1").raw("*1\r\n!\r\n" + "x".repeat(1 << 20));
            node.awaitHeld(1);
            node.letGo();
            assertEquals("+OK", client.read());
            assertEquals("-ERR Protocol error: expected '$', got '!'", client.read());
            client.assertEnded();
        }
    }

    @Test
    void aBrowserThatIsMadeToSendCommandsIsLeft() throws Exception {
        for (var first : List.of("POST / HTTP/1.1\r\n", "Host: x\r\n")) {
            try (var node = new FakeNode(); var client = node.connect()) {
                client.raw(first + "SET a 1\r\n").assertEnded();
                assertEquals(List.of(), node.store(it -> List.copyOf(it.asked)));
            }
        }
    }

    @Test
    void quitIsAnsweredLast() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.line("SET a 1").line("QUIT").line("SET b 1");
            node.awaitHeld(1);
            node.letGo();
            assertEquals("+OK", client.read());
            assertEquals("+OK", client.read());
            client.assertEnded();
            assertEquals(List.of("Put"), node.store(it -> List.copyOf(it.asked)));
        }
    }

    @Test
    void whoEndsHisSideStillHearsHisReplies() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            node.hold();
            client.raw("SET a 1\r\nGET a\r\n").endOutput();
            node.awaitHeld(1);
            node.letGo();
            assertEquals("+OK", client.read());
            assertEquals("1", client.read());
            client.assertEnded();
        }
    }

    @Test
    void whoIsGoneDisturbsNobody() throws Exception {
        try (var node = new FakeNode(); var other = node.connect()) {
            node.hold();
            try (var client = node.connect()) {
                client.line("SET a 1").line("GET a").line("WAIT 9 0");
                node.awaitHeld(1);
            }
            node.letGo();
            FakeNode.await("the end to be noticed", () -> {
                try {
                    return ((String) other.say("CLIENT LIST")).split("\n", -1).length == 2;
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            assertEquals("1", other.say("GET a"));
        }
    }

    @Test
    void repliesThatAreNotWantedAreNotSent() throws Exception {
        try (var node = new FakeNode(); var client = node.connect()) {
            client.line("CLIENT REPLY SKIP").line("SET a 1").line("GET a");
            assertEquals("1", client.read());
            client.line("CLIENT REPLY OFF").line("SET a 2").line("PING").line("GET a").line("foo")
                    .line("CLIENT REPLY ON");
            assertEquals("+OK", client.read());
            assertEquals("2", client.say("GET a"));
            assertEquals("-ERR syntax error", client.say("CLIENT REPLY maybe"));
        }
    }
}
