package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.management.ObjectName;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Publishing and listening, over real sockets.
@Timeout(120)
class ChannelsTest {
    private FakeNode node;
    private RespClient listener;
    private RespClient speaker;

    @BeforeEach
    void start() throws Exception {
        node = new FakeNode();
        listener = node.connect();
        speaker = node.connect();
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
        speaker.close();
        node.close();
    }

    private static void expect(Object reply, RespClient client, String line) throws IOException {
        assertEquals(reply, client.say(line), line);
    }

    @Test
    void whoListensHearsEveryMessage() throws Exception {
        expect(List.of("subscribe", "news", 1L), listener, "SUBSCRIBE news");
        expect(List.of("psubscribe", "n*", 2L), listener, "PSUBSCRIBE n*");
        expect(2L, speaker, "PUBLISH news hello");
        expect(1L, speaker, "PUBLISH none 1");
        expect(0L, speaker, "PUBLISH other 2");
        assertEquals(List.of("message", "news", "hello"), listener.read());
        assertEquals(List.of("pmessage", "n*", "news", "hello"), listener.read());
        assertEquals(List.of("pmessage", "n*", "none", "1"), listener.read());
        expect(List.of("unsubscribe", "news", 1L), listener, "UNSUBSCRIBE");
        expect(List.of("punsubscribe", "n*", 0L), listener, "PUNSUBSCRIBE n*");
        expect(List.of("unsubscribe", "null", 0L), listener, "UNSUBSCRIBE");
        expect(0L, speaker, "PUBLISH news 3");
        expect("null", listener, "GET a");
    }

    @Test
    void inResp2WhoListensMayNotAskForElse() throws Exception {
        expect(List.of("subscribe", "c", 1L), listener, "SUBSCRIBE c");
        expect("-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT /"
                + " RESET are allowed in this context", listener, "GET a");
        expect("-ERR wrong number of arguments for 'get' command", listener, "GET");
        expect("-EXECABORT Transaction discarded because of: Can't execute 'exec': only"
                + " (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this"
                + " context", listener, "EXEC");
        expect("-ERR unknown command 'NOPE', with args beginning with: ", listener, "NOPE");
        expect(List.of("pong", ""), listener, "PING");
        expect(List.of("pong", "x"), listener, "PING x");
        expect("+RESET", listener, "RESET");
        expect("null", listener, "GET a");
        expect(0L, speaker, "PUBLISH c 1");
    }

    @Test
    void inResp3MessagesArePushedBetweenReplies() throws Exception {
        listener.say("HELLO 3");
        expect(List.of("push", "subscribe", "c", 1L), listener, "SUBSCRIBE c");
        expect("+OK", listener, "SET a 1");
        expect(1L, speaker, "PUBLISH c x");
        assertEquals(List.of("push", "message", "c", "x"), listener.read());
        expect("1", listener, "GET a");
        expect("+PONG", listener, "PING");
    }

    @Test
    void whatIsListenedToCanBeAsked() throws Exception {
        listener.say("SUBSCRIBE one");
        listener.say("PSUBSCRIBE t*");
        speaker.say("HELLO 3");
        speaker.say("SUBSCRIBE one");
        expect(List.of("one"), speaker, "PUBSUB CHANNELS");
        expect(List.of(), speaker, "PUBSUB CHANNELS x*");
        expect("-ERR unknown subcommand or wrong number of arguments for 'channels'. Try PUBSUB"
                + " HELP.", speaker, "PUBSUB channels x* y*");
        expect(List.of("one", 2L, "two", 0L), speaker, "PUBSUB NUMSUB one two");
        expect(1L, speaker, "PUBSUB NUMPAT");
        var info = (String) speaker.say("CLIENT INFO");
        assertTrue(info.contains("flags=P") && info.contains("sub=1 psub=0"), info);
    }

    @Test
    void aConnectionThatEndsListensNoMore() throws Exception {
        listener.say("SUBSCRIBE c");
        listener.close();
        FakeNode.await("nobody listens", () -> {
            try {
                return speaker.say("PUBLISH c 1").equals(0L);
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        });
    }

    // Who publishes and listens at once.

    @Test
    void whoHearsHimselfIsToldFirst_andAnsweredThen() throws Exception {
        speaker.say("HELLO 3");
        speaker.say("SUBSCRIBE c");
        speaker.line("PUBLISH c x");
        assertEquals(List.of("push", "message", "c", "x"), speaker.read());
        assertEquals(1L, speaker.read());
    }

    @Test
    void noMessageLandsWithinAnotherReply() throws Exception {
        speaker.say("HELLO 3");
        speaker.say("SUBSCRIBE c");
        speaker.line("MULTI").line("SET a 1").line("PUBLISH c x").line("PUBLISH c y").line("GET a")
                .line("EXEC");
        for (var reply : List.of("+OK", "+QUEUED", "+QUEUED", "+QUEUED", "+QUEUED"))
            assertEquals(reply, speaker.read());
        assertEquals(List.of("+OK", 1L, 1L, "1"), speaker.read());
        assertEquals(List.of("push", "message", "c", "x"), speaker.read());
        assertEquals(List.of("push", "message", "c", "y"), speaker.read());
    }

    @Test
    void whoWantsNoRepliesStillHears() throws Exception {
        speaker.say("HELLO 3");
        speaker.say("SUBSCRIBE c");
        speaker.line("CLIENT REPLY SKIP").line("PUBLISH c 1").line("PING");
        assertEquals(List.of("push", "message", "c", "1"), speaker.read());
        assertEquals("+PONG", speaker.read());
        speaker.line("CLIENT REPLY OFF").line("PUBLISH c 2").line("SUBSCRIBE d")
                .line("UNSUBSCRIBE d").line("MULTI").line("PUBLISH c 3").line("EXEC")
                .line("CLIENT REPLY ON");
        assertEquals(List.of("push", "message", "c", "2"), speaker.read());
        assertEquals(List.of("push", "subscribe", "d", 2L), speaker.read());
        assertEquals(List.of("push", "unsubscribe", "d", 1L), speaker.read());
        assertEquals(List.of("push", "message", "c", "3"), speaker.read());
        assertEquals("+OK", speaker.read());
    }

    @Test
    void whatIsNoCommandIsToldSo_alsoToWhoListens() throws Exception {
        listener.say("SUBSCRIBE c");
        expect("-ERR unknown command 'foo', with args beginning with: ", listener, "foo");
        expect("-ERR wrong number of arguments for 'get' command", listener, "GET");
    }

    @Test
    void listenersAreAKindOfClients() throws Exception {
        listener.say("SUBSCRIBE c");
        long id = (Long) speaker.say("CLIENT ID");
        assertTrue(((String) speaker.say("CLIENT LIST TYPE pubsub")).contains(" flags=P "));
        var others = (String) speaker.say("CLIENT LIST TYPE normal");
        assertTrue(
                others.startsWith("id=" + id + " ") && others.indexOf('\n') == others.length() - 1,
                others);
        expect("", speaker, "CLIENT LIST TYPE master");
        expect("", speaker, "CLIENT LIST TYPE replica");
        expect("-ERR Unknown client type 'foo'", speaker, "CLIENT LIST TYPE foo");
        expect(0L, speaker, "CLIENT KILL TYPE normal");
        expect(1L, speaker, "CLIENT KILL TYPE pubsub");
        listener.assertEnded();
    }

    @Test
    void severalChannelsAreListenedToTogether_orNone() throws Exception {
        listener.say("HELLO 3");
        for (int i = 0; i < Limits.RESP_SUBSCRIPTIONS_MAX - 1; i++)
            listener.line("SUBSCRIBE c" + i);
        for (int i = 0; i < Limits.RESP_SUBSCRIPTIONS_MAX - 1; i++)
            listener.read();
        var tooMany = "-ERR a connection listens to at most " + Limits.RESP_SUBSCRIPTIONS_MAX
                + " channels and patterns";
        expect(tooMany, listener, "SUBSCRIBE x y");
        expect(tooMany, listener, "PSUBSCRIBE x y");
        // What is named twice, or listened to already, counts once.
        listener.line("SUBSCRIBE x x c0");
        for (var name : List.of("x", "x", "c0")) {
            assertEquals(List.of("push", "subscribe", name, (long) Limits.RESP_SUBSCRIPTIONS_MAX),
                    listener.read());
        }
        expect(tooMany, listener, "PSUBSCRIBE x");
        expect(List.of("push", "subscribe", "x", (long) Limits.RESP_SUBSCRIPTIONS_MAX), listener,
                "SUBSCRIBE x");
    }

    @Test
    void namesOfChannelsHaveBounds() throws Exception {
        listener.say("HELLO 3");
        int most = Limits.DEFAULT.channelBytesMax();
        for (var command : List.of("SUBSCRIBE", "PSUBSCRIBE")) {
            assertEquals("-ERR channel of " + (most + 1) + " bytes is over the limit of " + most,
                    listener.send(command, "fine", "x".repeat(most + 1)).read());
        }
        assertEquals(0L, speaker.say("PUBLISH fine 1"));
        int fitting = Limits.RESP_SUBSCRIPTION_BYTES_MAX / most;
        for (int i = 0; i < fitting; i++) {
            var name = "%04d".formatted(i) + "x".repeat(most - 4);
            assertEquals("subscribe", ((List<?>) listener.send("SUBSCRIBE", name).read()).get(1));
        }
        var reply = (String) listener.send("SUBSCRIBE", "y".repeat(most)).read();
        assertEquals("-ERR a connection listens to channels and patterns of at most "
                + Limits.RESP_SUBSCRIPTION_BYTES_MAX + " bytes together", reply);
        // The longest key has a channel, too.
        assertEquals("subscribe", ((List<?>) speaker.send("SUBSCRIBE", "__keyspace@0__:"
                + "k".repeat(Limits.DEFAULT.keyBytesMax())).read()).get(0));
    }

    /// What is counted is what is there, in a JVM with the usual object headers; the node's are smaller.
    @Test
    void whatListeningTakesIsCounted() throws Exception {
        var random = new SplittableRandom(1);
        takesWhatIsCounted("SUBSCRIBE", (client, i) -> client + ":" + i);
        takesWhatIsCounted("PSUBSCRIBE", (client, i) -> client + ":" + i + "*");
        takesWhatIsCounted("PSUBSCRIBE",
                (client, i) -> client + ":" + i + "x".repeat(230) + "*");
        takesWhatIsCounted("PSUBSCRIBE",
                (client, i) -> "*" + client + ":" + i + "[a-z]" + random.nextInt(9) + "?*");
    }

    private interface Naming {
        String name(int client, int number);
    }

    private void takesWhatIsCounted(String command, Naming naming) throws Exception {
        int names = Limits.RESP_SUBSCRIPTIONS_MAX / 2;
        long heldBefore = node.heldBytes();
        long livingBefore = livingBytes();
        var clients = new ArrayList<RespClient>();
        try {
            for (int client = 0; client < 8; client++) {
                var each = node.connect();
                clients.add(each);
                each.say("HELLO 3");
                var words = new String[names + 1];
                words[0] = command;
                for (int i = 0; i < names; i++)
                    words[i + 1] = naming.name(client, i);
                each.send(words);
                for (int i = 0; i < names; i++)
                    assertEquals("push", ((List<?>) each.read()).getFirst());
            }
            long held = node.heldBytes() - heldBefore;
            long living = livingBytes() - livingBefore;
            var what = command + " " + naming.name(0, 0) + ": " + held + " bytes counted, "
                    + living + " bytes taken";
            assertTrue(held >= living - living / 10, what);
            assertTrue(held <= 2 * living, what);
        } finally {
            for (var each : clients)
                each.close();
        }
        FakeNode.await("nothing more to be held", () -> {
            try {
                return node.heldBytes() <= heldBefore;
            } catch (Exception broken) {
                throw new AssertionError(broken);
            }
        });
    }

    /// Objects that something refers to.
    private static long livingBytes() throws Exception {
        var histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                new Object[]{new String[0]}, new String[]{String[].class.getName()});
        return Long.parseLong(histogram.strip().lines().toList().getLast().split(" +", -1)[2]);
    }

    @Test
    void tablesOfPatternsCountAsTheirNamesDo() throws Exception {
        listener.say("HELLO 3");
        var bytes = new StringBuilder("*");
        for (int b = 'A'; b <= 'z'; b++)
            bytes.append('\\').append((char) b);
        var patterns = new ArrayList<String>(List.of("PSUBSCRIBE"));
        for (int i = 0; i < 2_000; i++)
            patterns.add(bytes + "*" + i);
        assertEquals("-ERR a connection listens to channels and patterns of at most "
                + Limits.RESP_SUBSCRIPTION_BYTES_MAX + " bytes together",
                listener.send(patterns.toArray(String[]::new)).read());
        expect(0L, speaker, "PUBSUB NUMPAT");
        long before = node.heldBytes();
        for (var command : List.of("PSUBSCRIBE", "PUNSUBSCRIBE")) {
            patterns.set(0, command);
            listener.send(patterns.subList(0, 101).toArray(String[]::new));
            for (int i = 0; i < 100; i++)
                listener.read();
            long held = node.heldBytes() - before;
            if (command.equals("PSUBSCRIBE")) {
                assertTrue(held > 100_000, held + " bytes");
            } else {
                assertTrue(held < 2_000, held + " bytes");
            }
        }
    }

    /// Each message is compared with all of them.
    @Test
    void patternsOfAllClientsHaveABound() {
        var channels = new Channels();
        var one = new Nobody();
        var other = new Nobody();
        var longest = Bytes.utf8("?".repeat(Glob.TOKENS_MAX));
        int steps = channels.compiled(longest).steps();
        assertEquals(17, steps, "a bit for each token, and one");
        subscribe(channels, longest, one);
        for (int i = steps; i < Limits.RESP_PATTERNS_MAX; i++)
            subscribe(channels, Bytes.utf8("p" + i + "*"), one);
        var refused = assertThrows(CommandError.class,
                () -> subscribe(channels, Bytes.utf8("more*"), other));
        assertEquals("ERR the clients of this port listen to at most " + Limits.RESP_PATTERNS_MAX
                + " different patterns", refused.getMessage());
        // What somebody listens to already is compared once.
        subscribe(channels, longest, other);
        channels.unsubscribePattern(longest, one);
        assertThrows(CommandError.class,
                () -> subscribe(channels, Bytes.utf8("more*"), other));
        channels.unsubscribePattern(longest, other);
        for (int i = 0; i < steps; i++)
            subscribe(channels, Bytes.utf8("more" + i + "*"), other);
        assertThrows(CommandError.class,
                () -> subscribe(channels, Bytes.utf8("more*"), other));
    }

    private static void subscribe(Channels channels, Bytes text, Channels.Subscriber who) {
        var glob = channels.compiled(text);
        channels.requireRoom(Map.of(text, glob));
        channels.subscribePattern(text, glob, who);
    }

    private static final class Nobody implements Channels.Subscriber {
        @Override
        public void hear(@Nullable Bytes pattern, Bytes channel, Bytes message) {}

        @Override
        public void failed(Throwable why) {}
    }

    /// Under the feet of the node, which must not stop for it.
    @Test
    void whoCannotBeToldDisturbsNobodyElse() {
        var channels = new Channels();
        var heard = new ArrayList<String>();
        for (var name : List.of("first", "broken", "last")) {
            var subscriber = new Channels.Subscriber() {
                @Override
                public void hear(@Nullable Bytes pattern, Bytes channel, Bytes message) {
                    if (name.equals("broken")) throw new OutOfMemoryError("no room for buffers");
                    heard.add(name + " " + message);
                }

                @Override
                public void failed(Throwable why) {
                    heard.add(name + " " + why.getMessage());
                }
            };
            channels.subscribe(Bytes.utf8("c"), subscriber);
            var every = Bytes.utf8("*");
            channels.subscribePattern(every, channels.compiled(every), subscriber);
        }
        channels.published(Bytes.utf8("c"), Bytes.utf8("1"));
        assertEquals(List.of("first 1", "broken no room for buffers", "last 1", "first 1",
                "broken no room for buffers", "last 1"), heard);
    }

    @Test
    void listeningHasABound() throws Exception {
        listener.say("HELLO 3");
        for (int i = 0; i < Limits.RESP_SUBSCRIPTIONS_MAX; i++)
            listener.line("SUBSCRIBE c" + i);
        for (int i = 0; i < Limits.RESP_SUBSCRIPTIONS_MAX; i++)
            listener.read();
        expect("-ERR a connection listens to at most " + Limits.RESP_SUBSCRIPTIONS_MAX
                + " channels and patterns", listener, "PSUBSCRIBE x");
    }

    /// Nobody waits for whoever does not read; what it misses it must not miss unnoticed, so its connection ends.
    @Test
    void whoDoesNotReadIsCutOff() throws Exception {
        listener.say("SUBSCRIBE c");
        var message = "x".repeat(500_000);
        long sent = 0;
        while (speaker.say("PUBLISH c " + message).equals(1L)) {
            sent += message.length();
            assertTrue(sent < 1L << 30, "no bound");
        }
        assertTrue(sent >= FakeNode.BOUNDS.unsentBytesMax(), "cut off after " + sent);
        expect("+PONG", speaker, "PING");
    }

    // As a Redis Sentinel would tell.

    @Test
    void aNewLeaderIsToldUnderEveryNameThatWasAskedFor() throws Exception {
        speaker.say("SENTINEL get-master-addr-by-name cache");
        FakeNode.await("the leader seen", () -> seen());
        listener.say("SUBSCRIBE +switch-master");
        var before = (List<?>) speaker.say("SENTINEL get-master-addr-by-name mymaster");
        node.store(store -> store.leads = false);
        var told = List.of(listener.read(), listener.read());
        // The other connection is one of a client of the old leader.
        speaker.close();
        speaker = node.connect();
        var after = (List<?>) speaker.say("SENTINEL get-master-addr-by-name mymaster");
        var change = " " + before.get(0) + " " + before.get(1) + " " + after.get(0) + " "
                + after.get(1);
        assertEquals(List.of(List.of("message", "+switch-master", "mymaster" + change),
                List.of("message", "+switch-master", "cache" + change)), told);
    }

    /// Who is told too early asks a node that does not serve yet.
    @Test
    void aNewLeaderIsToldWhenItMayServe_andNotBefore() throws Exception {
        listener.say("SUBSCRIBE +switch-master mark");
        listener.read();
        node.store(store -> {
            store.leads = false;
            store.leaderServes = false;
            return true;
        });
        // That was seen when the other connection is one of a client of the old leader.
        speaker.assertEnded();
        speaker.close();
        speaker = node.connect();
        expect("null array", speaker, "SENTINEL get-master-addr-by-name mymaster");
        assertEquals(List.of("slave", "", 0L, "connect"),
                ((List<?>) speaker.say("ROLE")).subList(0, 4));
        expect(1L, speaker, "PUBLISH mark 1");
        assertEquals(List.of("message", "mark", "1"), listener.read());
        node.store(store -> store.leaderServes = true);
        assertEquals(List.of("message", "+switch-master",
                "mymaster 10.0.0.1 6400 10.0.0.2 6400"), listener.read());
        expect(List.of("10.0.0.2", "6400"), speaker,
                "SENTINEL get-master-addr-by-name mymaster");
    }

    @Test
    void aLeaderThatDiedIsDown_untilItIsBack() throws Exception {
        listener.say("PSUBSCRIBE *");
        node.store(store -> store.leads = false);
        hears("+switch-master", "mymaster 10.0.0.1 6400 10.0.0.2 6400");
        hears("+slave", "slave 10.0.0.1:6400 10.0.0.1 6400 @ mymaster 10.0.0.2 6400");
        hears("+slave", "slave 10.0.0.3:6400 10.0.0.3 6400 @ mymaster 10.0.0.2 6400");
        node.store(store -> {
            store.leads = true;
            store.silent.add(2);
            return true;
        });
        var dead = "slave 10.0.0.2:6400 10.0.0.2 6400 @ mymaster 10.0.0.1 6400";
        hears("+switch-master", "mymaster 10.0.0.2 6400 10.0.0.1 6400");
        hears("+slave", dead);
        hears("+sdown", dead);
        hears("+slave", "slave 10.0.0.3:6400 10.0.0.3 6400 @ mymaster 10.0.0.1 6400");
        node.store(store -> store.silent.remove(2));
        hears("-sdown", dead);
        node.store(store -> store.silent.add(2));
        hears("+sdown", dead);
    }

    /// Whoever is heard of by it alone is as it was.
    @Test
    void aLeaderThatHangsTakesNobodyWithIt() throws Exception {
        listener.say("PSUBSCRIBE *");
        node.store(store -> store.leads = false);
        hears("+switch-master", "mymaster 10.0.0.1 6400 10.0.0.2 6400");
        hears("+slave", "slave 10.0.0.1:6400 10.0.0.1 6400 @ mymaster 10.0.0.2 6400");
        hears("+slave", "slave 10.0.0.3:6400 10.0.0.3 6400 @ mymaster 10.0.0.2 6400");
        int looks = node.store(store -> {
            store.silent.add(3);
            store.toldAgo = Duration.ofSeconds(5);
            return store.clusterLooks;
        });
        FakeNode.await("others to be looked at",
                () -> clusterLooks() > looks + 2);
        node.store(store -> {
            store.silent.clear();
            store.silent.add(1);
            store.toldAgo = Duration.ZERO;
            return true;
        });
        hears("+sdown", "slave 10.0.0.1:6400 10.0.0.1 6400 @ mymaster 10.0.0.2 6400");
    }

    private int clusterLooks() {
        try {
            return node.store(store -> store.clusterLooks);
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    private void hears(String channel, String text) throws IOException {
        assertEquals(List.of("pmessage", "*", channel, text), listener.read());
    }

    @Test
    void lookingWhoLeadsGoesOnAfterAnError() throws Exception {
        listener.say("SUBSCRIBE +switch-master");
        node.store(store -> store.broken = true);
        FakeNode.await("a look in vain", () -> {
            try {
                return node.store(store -> store.brokenLooks) > 0;
            } catch (Exception broken) {
                throw new AssertionError(broken);
            }
        });
        node.store(store -> {
            store.broken = false;
            store.leads = false;
            return true;
        });
        assertEquals(List.of("message", "+switch-master",
                "mymaster 10.0.0.1 6400 10.0.0.2 6400"), listener.read());
    }

    private boolean seen() {
        try {
            return ((List<?>) speaker.say("SENTINEL get-master-addr-by-name cache")).size() == 2;
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void clientsOfALeaderThatLeadsNoMoreAreSentAway() throws Exception {
        listener.say("SUBSCRIBE c");
        node.hold();
        speaker.line("SET a 1");
        node.awaitHeld(1);
        node.store(store -> store.leads = false);
        node.letGo();
        assertEquals("+OK", speaker.read());
        speaker.assertEnded();
        try (var next = node.connect()) {
            expect(1L, next, "PUBLISH c 1");
        }
    }

    @Test
    void channelsAreNotListedIfTheyAreTooLong() throws Exception {
        var listeners = new ArrayList<RespClient>();
        try {
            for (int i = 0; i < 33; i++) {
                var each = node.connect();
                listeners.add(each);
                for (int j = 0; j < 128; j++) {
                    var channel = i + ":" + j + "c".repeat(8_160);
                    assertEquals(3, ((List<?>) each.send("SUBSCRIBE", channel).read()).size());
                }
            }
            var reply = (String) speaker.say("PUBSUB CHANNELS");
            assertTrue(reply.startsWith("-ERR reply of 34"), reply);
            assertTrue(reply.endsWith(" bytes is over the limit of 33554432"), reply);
            assertEquals(128, ((List<?>) speaker.say("PUBSUB CHANNELS 7:*")).size());
        } finally {
            for (var each : listeners)
                each.close();
        }
    }
}
