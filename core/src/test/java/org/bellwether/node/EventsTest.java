package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bellwether.api.RespAddresses;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Command;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.transport.PeerMessage.Census;
import org.bellwether.transport.PeerMessage.Heard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node remembers what happened, and tells how far the others are.
@Timeout(120)
class EventsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Position AT = new Position(3, 17);

    @TempDir
    Path folder;

    // The ring.

    @Test
    void onlyTheLatestAreRemembered() {
        var log = new EventLog(Limits.EVENTS_MAX, () -> 1_000);
        for (int i = 1; i <= Limits.EVENTS_MAX + 5; i++)
            log.add(Kind.LEADER_LOST, null, i, "no. " + i);
        var all = log.after(0);
        assertEquals(Limits.EVENTS_MAX, all.size());
        assertEquals(6, all.getFirst().number());
        assertEquals("no. 6", all.getFirst().text());
        assertEquals(Limits.EVENTS_MAX + 5, all.getLast().number());
        assertEquals(2, log.after(Limits.EVENTS_MAX + 3).size());
        assertEquals(List.of(), log.after(Limits.EVENTS_MAX + 5));
        assertEquals(List.of(), log.after(Long.MAX_VALUE));
    }

    @Test
    void everyDifferenceOfTwoListsIsAnEvent() {
        var before = new Membership(new ClusterId(new UUID(1, 1)),
                List.of(member(1, true, 1), member(2, true, 2), member(3, true, 3),
                        member(4, false, 4)));
        var now = before.without(id(2)).withVoter(id(3), false).withVoter(id(4), true)
                .withAddresses(id(1), new Address("new", 1), new Address("new", 2),
                        RespAddresses.NONE)
                .with(member(5, false, 5), new UUID(0, 0)).withVotersTarget(5);
        var log = new EventLog(100, () -> 1_000);
        log.changed(before, now, AT, false);
        var kinds = log.after(0).stream().map(ClusterEvent::kind).toList();
        assertEquals(List.of(Kind.NODE_REMOVED, Kind.NODE_MOVED, Kind.NODE_DEMOTED,
                Kind.NODE_PROMOTED, Kind.NODE_JOINED, Kind.VOTERS_TARGET_CHANGED), kinds);
        for (var event : log.after(0)) {
            assertEquals(17, event.index());
            assertEquals(3, event.term());
            assertNull(event.time(), "it was not new");
        }
        log.changed(now, now, AT, true);
        assertEquals(kinds.size(), log.after(0).size());
        log.changed(now, before, AT, true);
        assertEquals(1_000, Objects.requireNonNull(log.after(0).getLast().time())
                .toEpochMilli());
    }

    @Test
    void whoeverListensHearsOfAll() {
        var log = new EventLog(2, () -> 1_000);
        var heard = new ArrayList<ClusterEvent>();
        log.listen(heard::add);
        for (int i = 1; i <= 3; i++)
            log.add(Kind.LEADER_ELECTED, id(i), i, "n" + i);
        assertEquals(3, heard.size());
    }

    // Nodes.

    @Test
    void nodesComeAndGo_andARestartTellsItAgainWithoutTimes() throws Exception {
        // Of version 1, so that no raised version is among the events.
        try (var cluster = new LocalCluster(folder, 1, ClusterConfig.DEFAULT, UpkeepConfig.DEFAULT,
                1)) {
            var first = cluster.leader();
            var second = cluster.join(first, "n2");
            await(first, Kind.NODE_PROMOTED);
            assertEquals(List.of(Kind.LEADER_ELECTED, Kind.NODE_JOINED, Kind.NODE_PROMOTED),
                    kinds(first));
            long last = 0;
            for (var event : events(first, 0)) {
                assertEquals(++last, event.number());
                var time = timeOf(event);
                assertTrue(time.toEpochMilli() > LocalCluster.WALL_ORIGIN, event.toString());
            }
            assertEquals(second.self.id(), events(first, 1).getFirst().node());
            assertEquals(List.of("2 voters: the loss of either stops writes"),
                    first.store.cluster().join().warnings());

            apply(first, new Command.SetVoters(1));
            await(first, Kind.NODE_DEMOTED);
            assertEquals(List.of(Kind.VOTERS_TARGET_CHANGED, Kind.NODE_DEMOTED),
                    kinds(first).subList(3, 5));
            assertEquals(List.of(), first.store.cluster().join().warnings());
            // Else it would say where it really is.
            second.stop();
            apply(first, new Command.Move(second.self.id(), second.self.peer(),
                    new Address("elsewhere", 80)));
            assertTrue(events(first, 5).getFirst().text().contains("elsewhere:80"));
            apply(first, new Command.Remove(second.self.id()));
            assertEquals(List.of(Kind.NODE_MOVED, Kind.NODE_REMOVED), kinds(first).subList(5, 7));

            first.stop();
            var again = cluster.start(first.self);
            cluster.leader();
            LocalCluster.await("the log to be told again",
                    () -> kinds(again).contains(Kind.NODE_REMOVED));
            for (var event : events(again, 0)) {
                assertEquals(event.kind() != Kind.LEADER_ELECTED, event.time() == null,
                        event.toString());
            }
            assertEquals(7, events(again, 0).size());
        }
    }

    /// What a newcomer finds in the log happened before it came.
    @Test
    void aNewcomerDoesNotPassOldEventsOffAsNew() throws Exception {
        try (var cluster = new LocalCluster(folder, 1)) {
            var first = cluster.leader();
            cluster.join(first, "n2").stop();
            apply(first, new Command.SetVoters(1));
            var third = cluster.join(first, "n3");
            LocalCluster.await("n3 to be ready", () -> third.view().notReady() == null);
            assertTrue(kinds(third).contains(Kind.VOTERS_TARGET_CHANGED));
            for (var event : events(third, 0)) {
                if (event.kind() != Kind.LEADER_ELECTED) assertNull(event.time(), event.toString());
            }
        }
    }

    @Test
    void aLostLeaderAndADeadVoterAreTold() throws Exception {
        var config = ClusterConfig.DEFAULT.withDeadAfter(Duration.ofSeconds(2));
        try (var cluster = new LocalCluster(folder, 3, config)) {
            var old = cluster.leader();
            var watching = cluster.replica();
            cluster.awaitReady();
            old.stop();
            await(watching, Kind.LEADER_LOST);
            var leader = cluster.leader();
            var spare = cluster.join(leader, "spare");
            await(spare, Kind.NODE_REMOVED);
            await(leader, Kind.VOTER_DEAD);
            var dead = events(leader, 0).stream()
                    .filter(event -> event.kind() == Kind.VOTER_DEAD).findFirst().orElseThrow();
            assertEquals(old.self.id(), dead.node());
            assertEquals(
                    old.self.name() + " was silent for 2000 ms or more, and is taken out for good",
                    dead.text());
            assertTrue(kinds(spare).stream().noneMatch(Kind.VOTER_DEAD::equals),
                    "only the leader knows why");
        }
    }

    // How far behind.

    @Test
    void aNodeIsLevelAsOfTheMomentWhoseCommitsItHasApplied() {
        var levels = new Levels();
        levels.noted(census(10, 0), 100);
        assertNull(levels.lastLevelNanos(id(1)), "never level yet");
        levels.noted(census(20, 9), 200);
        assertNull(levels.lastLevelNanos(id(1)));
        levels.noted(census(30, 10), 300);
        assertEquals(100, levels.lastLevelNanos(id(1)));
        levels.noted(census(40, 29), 400);
        assertEquals(100, levels.lastLevelNanos(id(1)));
        levels.noted(census(50, 35), 500);
        assertEquals(300, levels.lastLevelNanos(id(1)));
        levels.noted(census(50, 50), 600);
        assertEquals(600, levels.lastLevelNanos(id(1)));
        levels.noted(new Census(1, 50, List.of(), null), 700);
        assertNull(levels.lastLevelNanos(id(1)), "not listed any more");
    }

    @Test
    void aSilentNodeFallsBehind() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var leader = cluster.leader();
            var silent = cluster.replica();
            for (var asked : cluster.nodes()) {
                LocalCluster.await("it to be level once", () -> asked.store.cluster().join()
                        .members().stream().filter(peer -> peer.member().equals(silent.self))
                        .allMatch(peer -> peer.sinceLevel() != null));
            }
            silent.stop();
            apply(leader, new Command.Put(Bytes.utf8("k"),
                    Bytes.utf8("v")));
            for (var asked : cluster.nodes()) {
                LocalCluster.await("the silent one to be behind", () -> asked.store.cluster().join()
                        .members().stream().filter(peer -> peer.member().equals(silent.self))
                        .allMatch(peer -> peer.lag() > 0 && peer.sinceLevel() != null
                                && peer.sinceLevel().toMillis() > 300));
            }
            for (var peer : leader.store.cluster().join().members()) {
                if (peer.member().equals(leader.self))
                    assertEquals(Duration.ZERO, peer.sinceLevel());
            }
        }
    }

    /// It knows of no entry that anybody lacks. That is no sign that there is none.
    @Test
    void whoIsCutOffCallsNobodyLevel() throws Exception {
        try (var cluster = new LocalCluster(folder, 3)) {
            cluster.awaitReady();
            var alone = cluster.replica();
            LocalCluster.await("all to be level", () -> alone.store.cluster().join().members()
                    .stream().allMatch(peer -> peer.lag() == 0 && peer.sinceLevel() != null));
            assertEquals(List.of(), alone.store.cluster().join().warnings());
            for (var other : cluster.nodes())
                if (other != alone) other.stop();
            LocalCluster.await("it to see that", () -> {
                var view = alone.store.cluster().join();
                return view.members().stream().allMatch(peer -> peer.lag() == 0
                        && Objects.requireNonNull(peer.sinceLevel()).toMillis() > 300)
                        && view.warnings().stream().anyMatch(each -> each.contains("no leader"));
            });
        }
    }

    private static Instant timeOf(ClusterEvent event) {
        return Objects.requireNonNull(event.time(), event::toString);
    }

    private static Census census(long commit, long applied) {
        return new Census(1, commit, List.of(new Heard(id(1), applied, 0, null)), null);
    }

    private static void apply(LocalCluster.Running at, Command command) {
        assertInstanceOf(Outcome.Applied.class, at.store.write(command, TIMEOUT).join());
    }

    private static void await(LocalCluster.Running at, Kind kind) {
        LocalCluster.await(kind + " at " + at.self.name(), () -> kinds(at).contains(kind));
    }

    private static List<Kind> kinds(LocalCluster.Running at) {
        return events(at, 0).stream().map(ClusterEvent::kind).toList();
    }

    private static List<ClusterEvent> events(LocalCluster.Running at, long after) {
        return at.store.events(after).join();
    }

    private static NodeId id(int number) {
        return new NodeId(new UUID(9, number));
    }

    private static Member member(int number, boolean voter, int port) {
        return new Member(id(number), "n" + number, voter, new Address("peer", port),
                new Address("http", port));
    }
}
