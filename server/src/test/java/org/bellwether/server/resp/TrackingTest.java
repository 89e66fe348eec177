package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// What clients that keep copies (`CLIENT TRACKING`) are told of changes, and when.
@Timeout(120)
class TrackingTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /// Of a client that keeps copies (`a`) and one that changes what it has (`b`). At `=` is compared what the first one
    /// was told.
    private static final List<String> LINES = List.of("a CLIENT GETREDIR", "a CLIENT TRACKINGINFO",
            "a CLIENT CACHING YES", "a CLIENT CACHING", "a CLIENT TRACKING", "a CLIENT TRACKING x",
            "a CLIENT TRACKING ON x", "a CLIENT TRACKING ON REDIRECT",
            "a CLIENT TRACKING ON REDIRECT x", "a CLIENT TRACKING ON REDIRECT 999999",
            "a CLIENT TRACKING ON PREFIX a", "a CLIENT TRACKING ON OPTIN OPTOUT",
            "a CLIENT TRACKING ON BCAST OPTIN", "a CLIENT TRACKING ON BCAST PREFIX",
            "a CLIENT TRACKING ON BCAST PREFIX a PREFIX ab",
            "a CLIENT TRACKING ON BCAST PREFIX a PREFIX b", "a CLIENT TRACKINGINFO",
            "a CLIENT TRACKING ON BCAST PREFIX ac", "a CLIENT TRACKING ON",
            "a CLIENT TRACKING ON BCAST PREFIX c", "a CLIENT TRACKINGINFO", "a CLIENT CACHING YES",
            "a CLIENT TRACKING OFF", "a CLIENT TRACKINGINFO", "a CLIENT TRACKING ON OPTIN NOLOOP",
            "a CLIENT TRACKING ON OPTOUT", "a CLIENT CACHING NO", "a CLIENT CACHING x",
            "a CLIENT TRACKINGINFO", "a CLIENT CACHING YES", "a CLIENT TRACKINGINFO",
            "a CLIENT TRACKINGINFO", "a PING", "a CLIENT TRACKINGINFO", "a CLIENT TRACKING ON",
            "a CLIENT TRACKINGINFO", "a CLIENT TRACKING OFF", "a CLIENT TRACKING ON OPTOUT",
            "a CLIENT CACHING YES", "a CLIENT CACHING NO", "a CLIENT TRACKINGINFO",
            "a CLIENT TRACKING OFF REDIRECT 999999", "a CLIENT GETREDIR", "a CLIENT TRACKING OFF x",
            "a CLIENT TRACKING OFF",
            // Of what is read, once.
            "a CLIENT TRACKING ON", "a GET k", "b SET k 1", "=", "b SET k 2", "=", "a MGET k x y",
            "b MSET x 1 z 1", "=", "b DEL k", "=", "a EXISTS k n", "a STRLEN s", "a GETRANGE r 0 1",
            "a TTL t", "a TYPE u", "b INCR n", "b APPEND s 1", "b SETRANGE r 0 v", "b SET t 1 EX 9",
            "b SETNX u 1", "=", "a GET t", "b EXPIRE t 100", "=", "a GET t", "b PERSIST t", "=",
            "a MGET t v w", "b RENAME t v", "=", "a GET w", "b COPY v w", "=", "a KEYS none*",
            "b SET any 1", "=", "a SET own 1", "b SET own 2", "=", "a GET k", "b GET k",
            "b EXPIRE none 1", "b DEL none", "=", "b FLUSHALL", "=", "b SET k 1", "=",
            // Of transactions.
            "a MULTI", "a GET q", "a EXEC", "b SET q 1", "=", "a MULTI", "a GET q", "a DISCARD",
            "b SET q 2", "=", "a GET k", "a CLIENT TRACKING OFF", "b SET k 2", "=",
            // Of what is announced.
            "a CLIENT TRACKING ON OPTIN", "a GET z", "a CLIENT CACHING YES", "a GET y", "a GET w",
            "b MSET z 1 y 1 w 1", "=", "a CLIENT CACHING YES", "a MULTI", "a GET y", "a PTTL x",
            "a EXEC", "a GET w", "b MSET z 2 y 2 w 2 x 2", "=", "a CLIENT TRACKING OFF",
            "a CLIENT TRACKING ON OPTOUT", "a GET y", "a CLIENT CACHING NO", "a GET z", "a GET w",
            "b MSET z 3 y 3 w 3", "=", "a CLIENT TRACKING OFF",
            // Of whatever begins so.
            "a CLIENT TRACKING ON BCAST PREFIX u PREFIX v", "b SET u1 1", "=", "b SET u1 2", "=",
            "b SET w 4", "=", "b MSET u1 2 u2 3 t 4 v 1", "=", "b DEL u9", "b DEL u1 u2", "=",
            "b FLUSHALL", "=", "a CLIENT TRACKING OFF", "b SET u1 1", "=",
            "a CLIENT TRACKING ON BCAST", "b SET whatever 1", "=", "a RESET", "a CLIENT GETREDIR");

    /// Every reply, and what the first client was told.
    private static List<String> said(RespClient a, RespClient b) throws IOException {
        var said = new ArrayList<String>();
        var told = new TreeSet<String>();
        a.say("HELLO 3");
        for (var line : LINES) {
            if (line.equals("=")) {
                reply(a.send("PING", "end"), told);
                said.add("told " + told);
                told.clear();
            } else {
                var speaker = line.startsWith("a ") ? a : b;
                var reply = reply(speaker.line(line.substring(2)), told);
                said.add(line + " -> " + reply);
            }
        }
        return said;
    }

    /// @param told gets what comes before it, key by key
    private static Object reply(RespClient client, Set<String> told) throws IOException {
        while (true) {
            var next = client.read();
            if (!(next instanceof List<?> list) || !list.contains("invalidate")) return next;
            if (list.getLast() instanceof List<?> keys) {
                keys.forEach(key -> told.add((String) key));
            } else {
                told.add("all: " + list.getLast());
            }
        }
    }

    @Test
    @EnabledIf("org.bellwether.server.resp.RealRedis#isInstalled")
    void theSameAsRedisTells(@TempDir Path dir) throws Exception {
        List<String> theirs;
        try (var redis = new RealRedis(dir); var a = redis.connect(); var b = redis.connect()) {
            theirs = said(a, b);
        }
        try (var node = new FakeNode(); var a = node.connect(); var b = node.connect()) {
            var ours = said(a, b);
            for (int i = 0; i < theirs.size(); i++)
                assertEquals(theirs.get(i), ours.get(i), "after " + ours.subList(0, i));
        }
    }

    private static Object stale(Object keys) {
        return List.of("push", "invalidate", keys);
    }

    private static RespClient tracking(FakeNode node, String options) throws Exception {
        var client = node.connect();
        client.say("HELLO 3");
        assertEquals("+OK", client.say("CLIENT TRACKING ON" + options));
        return client;
    }

    /// Else the client would drop nothing, and then keep what is stale for good.
    @Test
    void aChangeAfterAReadIsToldBehindItsReply() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, ""); var b = node.connect()) {
            b.say("SET k old");
            node.hold();
            a.line("GET k");
            node.awaitHeld(1);
            node.store(store -> {
                store.letGo();
                store.write(new Command.Put(Bytes.utf8("k"), Bytes.utf8("new")), TIMEOUT, _ -> {
                });
                return true;
            });
            assertEquals("old", a.read());
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    @Test
    void aChangeBeforeAReadIsNotMissedByTheNextOne() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, ""); var b = node.connect()) {
            node.hold();
            a.line("GET k");
            node.awaitHeld(1);
            b.line("SET k first");
            node.awaitHeld(2);
            node.store(store -> {
                store.letGoBackwards();
                return true;
            });
            assertEquals("first", a.read());
            assertEquals(stale(List.of("k")), a.read(), "in vain, but it does no harm");
            b.read();
            b.say("SET k second");
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    /// However much is always under way, what was heard before it is told.
    @Test
    void staleCopiesDoNotWaitForWhatWasAskedLater() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, " BCAST"); var b = node.connect()) {
            node.hold();
            a.line("GET x");
            node.awaitHeld(1);
            node.store(store -> {
                store.letGo();
                store.write(new Command.Put(Bytes.utf8("k"), Bytes.utf8("v")), TIMEOUT, _ -> {
                });
                store.holds = true;
                return true;
            });
            assertEquals("null", a.read());
            assertEquals(stale(List.of("k")), a.read());
            a.line("GET y");
            node.awaitHeld(1);
            // A change while that waits is told behind it.
            node.store(store -> {
                store.holds = false;
                store.write(new Command.Put(Bytes.utf8("l"), Bytes.utf8("v")), TIMEOUT, _ -> {
                });
                store.write(new Command.Put(Bytes.utf8("m"), Bytes.utf8("v")), TIMEOUT, _ -> {
                });
                store.letGo();
                return true;
            });
            assertEquals("null", a.read());
            assertEquals(stale(List.of("l", "m")), a.read());
            b.say("PING");
        }
    }

    @Test
    void whatHasExpiredIsStale() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, ""); var b = node.connect()) {
            b.say("SET k 1 PX 10");
            assertEquals("1", a.say("GET k"));
            node.store(store -> {
                store.pass(Duration.ofMillis(10));
                store.pass(Duration.ofMillis(10));
                return true;
            });
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    @Test
    void aCopyThatIsNotRememberedIsStale() throws Exception {
        var rest = "x".repeat(Limits.DEFAULT.keyBytesMax() - 10);
        long keys = FakeNode.BOUNDS.trackedBytesMax() / rest.length() + 1;
        try (var node = new FakeNode(); var a = tracking(node, "")) {
            assertEquals("null", a.send("GET", "0" + rest).read());
            for (int i = 1; i <= keys; i++) {
                var reply = a.send("GET", i + rest).read();
                if (reply.equals("null")) continue;
                assertEquals(stale(List.of("0" + rest)), reply);
                return;
            }
            throw new AssertionError(keys + " keys are remembered");
        }
    }

    @Test
    void moreThanCanBeToldIsEverything() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, " BCAST"); var b = node.connect()) {
            var words = new ArrayList<>(List.of("MSET"));
            int most = Limits.RESP_STALE_BYTES_MAX / Limits.RESP_STALE_KEY_BYTES;
            for (int i = 0; i < most; i++)
                words.addAll(List.of("k" + i, "v"));
            assertEquals("+OK", b.send(words.toArray(String[]::new)).read());
            assertEquals(stale("null"), a.read());
            b.say("SET k 1");
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    @Test
    void whoIsCutOffKeepsNothing() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, ""); var b = node.connect()) {
            b.say("SET k 1");
            a.say("GET k");
            node.store(store -> store.hasLeader = false);
            assertEquals(stale("null"), a.read());
            // A local read may go on; but nobody will hear of changes.
            a.line("GET k");
            assertEquals("1", a.read());
            assertEquals(stale(List.of("k")), a.read());
            node.store(store -> store.hasLeader = true);
            FakeNode.await("reads that may be kept", () -> {
                try {
                    a.line("GET k");
                    assertEquals("1", a.read());
                    var next = a.send("PING", "end").read();
                    if (next.equals("end")) return true;
                    assertEquals(stale(List.of("k")), next);
                    assertEquals("end", a.read());
                    return false;
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            b.say("SET k 2");
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    /// In RESP2, where there is one kind of message.
    @Test
    void anotherConnectionIsTold() throws Exception {
        try (var node = new FakeNode();
                var a = node.connect();
                var b = node.connect();
                var listener = node.connect()) {
            var id = listener.say("CLIENT ID");
            assertEquals("+OK", a.say("CLIENT TRACKING ON REDIRECT " + id));
            assertEquals(id, a.say("CLIENT GETREDIR"));
            a.say("GET k");
            b.say("SET k 1");
            listener.say("SUBSCRIBE __redis__:invalidate");
            a.say("GET k");
            b.say("SET k 2");
            assertEquals(List.of("message", "__redis__:invalidate", List.of("k")),
                    listener.read());
            b.say("FLUSHALL");
            assertEquals(List.of("message", "__redis__:invalidate", "null"), listener.read());
            assertTrue(String.valueOf(a.say("CLIENT INFO")).contains("flags=t "));
            listener.close();
            FakeNode.await("the end of the listener", () -> {
                try {
                    a.say("GET k");
                    b.say("INCR k");
                    return String.valueOf(a.say("CLIENT INFO")).contains("flags=tR ");
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
        }
    }

    /// Which may be for ever.
    @Test
    void whoWaitsForReplicasIsToldMeanwhile() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, ""); var b = node.connect()) {
            a.say("SET own 1");
            a.say("GET k");
            a.line("WAIT 2 0");
            b.say("SET k 1");
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    @Test
    void whatIsFollowedIsNotChangedWithinATransaction() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, " OPTIN")) {
            for (var line : List.of("CLIENT TRACKING OFF", "CLIENT CACHING YES")) {
                a.say("MULTI");
                assertEquals("-ERR Command not allowed inside a transaction", a.say(line));
                assertTrue(a.say("EXEC").toString().startsWith("-EXECABORT"));
            }
        }
    }

    /// It reads here, and its cache is told of nothing.
    @Test
    void aCommandThatIsSentAwayIsTheOneThatWasAnnounced() throws Exception {
        try (var node = new FakeNode(new RespConfig(Consistency.LINEARIZABLE, null, true),
                FakeNode.BOUNDS);
                var b = node.connect()) {
            node.store(store -> store.leads = false);
            try (var a = tracking(node, " OPTOUT")) {
                a.say("READONLY");
                a.say("CLIENT CACHING NO");
                assertTrue(a.say("SET x 1").toString().startsWith("-MOVED"));
                a.say("GET z");
                node.store(store -> store.leads = true);
                b.say("SET z 1");
                assertEquals(stale(List.of("z")), a.read());
            }
        }
    }

    @Test
    void whoIsCutOffKeepsNothingOfAnyKindOfKeys() throws Exception {
        try (var node = new FakeNode(); var a = tracking(node, " BCAST")) {
            node.store(store -> store.hasLeader = false);
            assertEquals(stale("null"), a.read());
            assertEquals("null", a.say("GET k"));
            assertEquals(stale(List.of("k")), a.read());
        }
    }

    @Test
    void nothingIsLeftOfWhoIsGone() throws Exception {
        try (var node = new FakeNode(); var b = node.connect()) {
            try (var a = tracking(node, ""); var c = tracking(node, " BCAST PREFIX x PREFIX y")) {
                for (int i = 0; i < 100; i++)
                    a.say("GET k" + i);
                c.say("PING");
                var info = String.valueOf(b.say("INFO"));
                assertTrue(info.contains("tracking_clients:2"), info);
                assertTrue(info.contains("tracking_total_keys:100"), info);
                assertTrue(info.contains("tracking_total_prefixes:2"), info);
            }
            FakeNode.await("the end of both", () -> {
                try {
                    return String.valueOf(b.say("INFO")).contains("tracking_clients:0");
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            assertTrue(String.valueOf(b.say("INFO")).contains("tracking_total_keys:0"));
        }
    }

    @Test
    void staleKeysThatCannotBeToldYetAreCounted() throws Exception {
        try (var node = new FakeNode(); var a = node.connect(); var b = node.connect()) {
            a.say("HELLO 3");
            assertEquals("+OK", a.say("CLIENT TRACKING ON BCAST"));
            node.hold();
            a.line("GET k");
            node.awaitHeld(1);
            long before = node.heldBytes();
            node.store(it -> it.holds = false);
            var words = new ArrayList<>(List.of("MSET"));
            for (int i = 0; i < 1_000; i++)
                words.addAll(List.of("key" + i, ""));
            assertEquals("+OK", b.send(words.toArray(String[]::new)).read());
            FakeNode.await("the keys to be counted", () -> {
                try {
                    return node.heldBytes() - before >= 64_000;
                } catch (Exception broken) {
                    throw new AssertionError(broken);
                }
            });
            node.letGo();
        }
    }
}
