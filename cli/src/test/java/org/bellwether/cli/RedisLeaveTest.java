package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What clients of Redis see of a node that leaves the cluster.
@Timeout(120)
class RedisLeaveTest {
    private static final int CLIENTS = 8;
    private static final int SOME = 100;

    @Test
    void clientsOfANodeThatLeavesAreAnsweredAndThenLeft(@TempDir Path dir) throws Exception {
        try (var cluster = TestCluster.withRedis(dir)) {
            int leader = cluster.awaitLeader(cluster.nodes());
            cluster.nodes().forEach(cluster::awaitReady);
            int going = cluster.others(leader).getFirst();
            var answered = new AtomicInteger();
            var ends = new ArrayList<CompletableFuture<String>>();
            for (int i = 0; i < CLIENTS; i++) {
                var socket = new Socket(cluster.resp(going).host(), cluster.resp(going).port());
                ends.add(CompletableFuture.supplyAsync(() -> count(socket, answered),
                        task -> Thread.ofPlatform().daemon().start(task)));
            }
            Await.until("some writes", () -> answered.get() >= SOME);
            Typed.run(Exit.OK, "leave", "--node", cluster.http(going).toString());
            cluster.dismiss(going);
            for (var end : ends)
                assertEquals("the end", end.get(60, TimeUnit.SECONDS));
            assertEquals(Exit.REMOVED, cluster.awaitExit(going));
            assertTrue(answered.get() >= SOME);
        }
    }

    /// @return how it ended: what was no number, or the end of the connection
    private static String count(Socket socket, AtomicInteger answered) {
        try (socket;
                var in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), UTF_8))) {
            while (true) {
                socket.getOutputStream().write("INCR leave\r\n".getBytes(UTF_8));
                var reply = in.readLine();
                if (reply == null) return "the end";
                if (!reply.startsWith(":")) return reply;
                answered.incrementAndGet();
            }
        } catch (IOException broken) {
            return broken.toString();
        }
    }
}
