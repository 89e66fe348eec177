package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that take their time, or too many connections.
@Timeout(120)
class PatienceTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path dir;

    private TestServer server(Patience patience) throws Exception {
        return new TestServer(dir, new TestServer.Setup(1, Limits.DEFAULT, patience));
    }

    /// Sends a byte again and again until the server has had enough.
    private static void trickle(RawClient client, ScheduledExecutorService clock) {
        var _ = clock.scheduleAtFixedRate(() -> {
            try {
                client.send("x");
            } catch (IOException closed) {
                throw new UncheckedIOException(closed); // ends the schedule
            }
        }, 0, 10, TimeUnit.MILLISECONDS);
    }

    @Test
    void aHeadMustComeToItsEnd() throws Exception {
        try (var server = server(new Patience(SHORT, LONG, LONG, LONG, SHORT));
                var silent = server.connect();
                var slow = server.connect();
                var line = server.connect();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            silent.send("GET /v1/kv/k HTTP/1.1\r\nHost: h\r\n");
            line.send("GET /v1/kv/k HT");
            slow.send("GET /v1/kv/k HTTP/1.1\r\nHost: h\r\nX: ");
            trickle(slow, clock);
            slow.read().assertProblem(408, "request_timeout");
            silent.read().assertProblem(408, "request_timeout");
            silent.assertEnded();
            line.read().assertProblem(408, "request_timeout");
        }
    }

    /// "a server … SHOULD ignore at least one empty line received prior to the request-line" — RFC 9112 §2.2
    @Test
    void anEmptyLineIsNoRequest() throws Exception {
        try (var server = server(new Patience(SHORT, LONG, LONG, LONG, SHORT));
                var client = server.connect();
                var other = server.connect()) {
            client.put("/v1/kv/k", "v").send("\r\n");
            assertEquals(201, client.read().status());
            // By then a head that had begun with it would be late.
            other.send("G").read().assertProblem(408, "request_timeout");
            client.send("\r\n\r\n").get("/v1/kv/k");
            assertEquals("v", client.read().body());
            client.send("\r").endOutput().assertEnded();
        }
    }

    @Test
    void aBodyMustNotPause() throws Exception {
        try (var server = server(new Patience(SHORT, SHORT, LONG, LONG, SHORT));
                var client = server.connect()) {
            client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf");
            client.read().assertProblem(408, "nothing was done");
            client.assertEnded();
            assertEquals(0, server.revision());
        }
    }

    @Test
    void aBodyMustComeToItsEnd_howeverBusyItLooks() throws Exception {
        try (var server = server(new Patience(SHORT, LONG, SHORT, LONG, SHORT));
                var client = server.connect();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
            trickle(client, clock);
            client.read().assertProblem(408, "request_timeout");
            assertEquals(0, server.revision());
        }
    }

    @Test
    void timeThatTheStoreTakesIsNotTheClients() throws Exception {
        try (var server = server(new Patience(SHORT, SHORT, SHORT, LONG, SHORT));
                var client = server.connect()) {
            server.disk.hold();
            client.put("/v1/kv/k", "v");
            try (var other = server.connect()) {
                other.send("GET / HTTP/1.1\r\n").read().assertProblem(408, "request_timeout");
            }
            server.disk.letGo();
            assertEquals(201, client.read().status());
        }
    }

    @Test
    void anIdleConnectionIsClosed_butNotOneThatWaitsForItsReply() throws Exception {
        try (var server = server(new Patience(SHORT, LONG, LONG, SHORT, SHORT));
                var idle = server.connect();
                var waiting = server.connect()) {
            server.disk.hold();
            waiting.put("/v1/kv/k", "v");
            idle.assertEnded();
            server.disk.letGo();
            assertEquals(201, waiting.read().status());
        }
    }

    /// Nothing comes from a client that takes a backup, however long that lasts.
    @Test
    void whoeverTakesALongReplyIsNotIdle_howeverSlowly() throws Exception {
        int values = 10;
        var idle = Duration.ofSeconds(1);
        try (var server = server(new Patience(SHORT, LONG, LONG, idle, SHORT));
                var client = server.connect();
                var sleeper = server.connect()) {
            for (int i = 0; i < values; i++) {
                client.put("/v1/kv/k" + i, "v".repeat(Limits.DEFAULT.valueBytesMax()));
                assertEquals(201, client.read().status());
            }
            sleeper.holdLittle().get("/v1/backup");
            client.holdLittle().get("/v1/backup", "Connection: close");
            assertEquals(200, client.readHead().status());
            long all = client.readSlowly(512 * 1024, idle.dividedBy(8));
            long expected = (long) values * Limits.DEFAULT.valueBytesMax();
            assertTrue(all > expected, all + " bytes");
            assertTrue(takenBy(sleeper) < expected, "who takes nothing is cut off");
        }
    }

    private static long takenBy(RawClient client) {
        try {
            return client.readSlowly(1024, Duration.ZERO);
        } catch (IOException reset) {
            return 0;
        }
    }

    @Test
    void whoeverIsRefusedAndGoesOnSendingIsCutOff() throws Exception {
        try (var server = server(new Patience(SHORT, LONG, LONG, LONG, SHORT));
                var client = server.connect()) {
            client.send("garbage\r\n\r\n").read().assertProblem(400, "bad_request");
            client.assertEnded();
            assertThrows(IOException.class, () -> {
                long start = System.nanoTime();
                while (System.nanoTime() - start < TestServer.HANG.toNanos())
                    client.send("x");
            });
        }
    }

    @Test
    void connectionsAreBounded() throws Exception {
        var d = Limits.DEFAULT;
        var limits = new Limits(d.keyBytesMax(), d.valueBytesMax(), d.batchCommandsMax(),
                d.batchBytesMax(), d.timeoutMillisMax(), d.inboxCommandsMax(), d.inboxBytesMax(),
                d.pendingReadsMax(), d.forwardsMax(), d.forwardHopsMax(), d.entryBytesMax(),
                d.uncommittedBytesMax(), d.windowBytesMax(), d.appendBytesMax(),
                d.appendsInFlightMax(), d.frameBytesMax(), d.peerBufferBytesMax(),
                d.httpPipelineMax(), 3, d.httpHeaderBytesMax(), d.membersMax());
        try (var server = new TestServer(dir, new TestServer.Setup(1, limits, Patience.DEFAULT))) {
            var open = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                var client = server.connect();
                assertEquals(200, client.get("/livez").read().status());
                open.add(client);
            }
            try (var tooMany = server.connect()) {
                tooMany.assertEnded();
            }
            open.removeLast().close();
            TestServer.await("room for one more", () -> {
                try (var more = server.connect()) {
                    return more.get("/livez").read().status() == 200;
                } catch (Exception refused) {
                    return false;
                }
            });
            for (var client : open)
                client.close();
        }
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (var server = server(Patience.DEFAULT)) {
            var taken = server.address;
            var refused = assertThrows(IOException.class, () -> server.bindAgain(taken));
            assertEquals("cannot listen for HTTP on " + taken + ": the port is in use",
                    refused.getMessage());
            var unknown = assertThrows(IOException.class,
                    () -> server.bindAgain(new Address("no.such.host.invalid", 0)));
            assertEquals("cannot listen for HTTP on no.such.host.invalid:0: no such host",
                    unknown.getMessage());
        }
    }
}
