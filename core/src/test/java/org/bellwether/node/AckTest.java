package org.bellwether.node;

import static org.bellwether.node.LocalCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bellwether.api.Ack;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How many disks a write waits for, and what is known of it afterwards.
@Timeout(120)
class AckTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Bytes KEY = Bytes.utf8("k");

    @TempDir
    Path folder;

    private static Outcome put(LocalCluster.Running at, String value, Ack ack, Duration timeout) {
        return at.store.write(new Command.Put(KEY, Bytes.utf8(value)), ack, timeout).join();
    }

    private static Token accepted(LocalCluster.Running at, String value) {
        return assertInstanceOf(Outcome.Accepted.class, put(at, value, Ack.LEADER, TIMEOUT))
                .write();
    }

    private static Result.Replicated replicated(LocalCluster.Running at, Duration timeout) {
        var applied = assertInstanceOf(Outcome.Applied.class, put(at, "all", Ack.ALL, timeout));
        var replicated = assertInstanceOf(Result.Replicated.class, applied.result());
        assertInstanceOf(Result.Written.class, replicated.result());
        return replicated;
    }

    private static Outcome read(LocalCluster.Running at, Consistency consistency,
            Duration timeout) {
        return at.store.read(new Read.Get(KEY), consistency, timeout).join();
    }

    private static void assertReads(String value, Outcome outcome) {
        var found = assertInstanceOf(Result.Found.class,
                assertInstanceOf(Outcome.Applied.class, outcome).result());
        assertEquals(Bytes.utf8(value), found.value().value());
    }

    @Test
    void whatTheLeaderAcceptsIsReadEverywhereByItsToken() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            int number = 0;
            for (var writer : List.of(cluster.leader(), cluster.replica())) {
                var token = accepted(writer, "v" + ++number);
                for (var reader : cluster.nodes())
                    assertReads("v" + number,
                            read(reader, new Consistency.Including(token), TIMEOUT));
            }
        }
    }

    @Test
    void aRevisionIsReadEverywhere() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            for (int i = 0; i < 100; i++) {
                var at = assertInstanceOf(Outcome.Applied.class,
                        put(cluster.replica(), "v" + i, Ack.QUORUM, TIMEOUT)).at();
                for (var reader : cluster.nodes())
                    assertReads("v" + i, read(reader, new Consistency.AtLeast(at), TIMEOUT));
            }
        }
    }

    @Test
    void whoWaitsForARevisionThatNobodyMakesIsToldInTime() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            put(cluster.leader(), "v", Ack.QUORUM, TIMEOUT);
            for (var consistency : List.of(new Consistency.AtLeast(new Revision(1_000_000)),
                    new Consistency.Including(new Token(1_000_000, 1_000_000)))) {
                var late = assertInstanceOf(Outcome.Overloaded.class,
                        read(cluster.leader(), consistency, Duration.ofMillis(200)));
                assertEquals(Outcome.Busy.NOT_READY, late.cause());
            }
        }
    }

    @Test
    void aWriteForAllSaysWhetherAllHaveIt() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            for (var writer : cluster.nodes())
                assertTrue(replicated(writer, TIMEOUT).everywhere());
            var third = cluster.replica();
            third.stop();
            for (var writer : cluster.nodes())
                assertFalse(replicated(writer, Duration.ofSeconds(1)).everywhere());
            var back = cluster.start(third.self);
            await("the third to be back", () -> back.view().notReady() == null);
            assertTrue(replicated(cluster.replica(), TIMEOUT).everywhere());
        }
    }

    @Test
    void onlyWhatDependsOnNothingIsAcknowledgedByTheLeaderAlone() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            var create = new Command.Put(KEY, KEY, Condition.ABSENT);
            for (var node : cluster.nodes()) {
                for (var command : List.of(create, new Command.Batch(List.of(create)),
                        new Command.SetVoters(3))) {
                    var refused = assertInstanceOf(Outcome.Refused.class,
                            node.store.write(command, Ack.LEADER, TIMEOUT).join());
                    assertInstanceOf(Refusal.Malformed.class, refused.why());
                }
                assertInstanceOf(Outcome.Accepted.class, node.store.write(
                        new Command.Batch(List.of(new Command.Put(KEY, KEY),
                                new Command.Delete(KEY))),
                        Ack.LEADER, TIMEOUT).join());
            }
        }
    }

    /// A leader that is cut off goes on accepting for as long as it takes it for the leader.
    @Test
    void whatAFailoverCutsOffIsReported() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            put(cluster.leader(), "kept", Ack.QUORUM, TIMEOUT);
            cluster.awaitReady();
            var old = cluster.leader();
            old.transport.cut = true;
            var first = accepted(old, "lost");
            var last = accepted(old, "lost too");
            await("another leader",
                    () -> cluster.nodes().stream().anyMatch(it -> it != old && it.view().leads()));
            old.transport.cut = false;
            await("the loss in the events", () -> !old.events(Kind.WRITES_LOST).isEmpty());
            var lost = old.events(Kind.WRITES_LOST).getFirst();
            assertEquals(first, new Token(lost.term(), lost.index()));
            assertTrue(lost.text().contains(first + " to " + last), lost::text);
            assertTrue(lost.text().contains("2 writes"), lost::text);
            for (var node : cluster.nodes()) {
                for (var token : List.of(first, last)) {
                    var refused = assertInstanceOf(Outcome.Refused.class,
                            read(node, new Consistency.Including(token), TIMEOUT));
                    assertEquals(new Refusal.Lost(token), refused.why());
                }
                assertReads("kept", read(node, Consistency.LINEARIZABLE, TIMEOUT));
            }
        }
    }

    /// It cannot know any more what it had acknowledged; whoever holds a token can.
    @Test
    void whatARestartedLeaderMayHaveAcknowledgedIsReported() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            put(cluster.leader(), "kept", Ack.QUORUM, TIMEOUT);
            cluster.awaitReady();
            var old = cluster.leader();
            old.transport.cut = true;
            var token = accepted(old, "lost");
            old.stop();
            assertInstanceOf(Outcome.Applied.class,
                    put(cluster.leader(), "later", Ack.QUORUM, TIMEOUT));
            var back = cluster.start(old.self);
            await("the loss in the events", () -> !back.events(Kind.TAIL_REPLACED).isEmpty());
            var refused = assertInstanceOf(Outcome.Refused.class,
                    read(back, new Consistency.Including(token), TIMEOUT));
            assertEquals(new Refusal.Lost(token), refused.why());
            assertReads("later", read(back, Consistency.LINEARIZABLE, TIMEOUT));
        }
    }
}
