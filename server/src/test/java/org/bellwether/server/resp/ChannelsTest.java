package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.bellwether.api.Limits;
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
}
