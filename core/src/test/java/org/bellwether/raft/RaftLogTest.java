package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the core knows of its log, whole or without its beginning.
class RaftLogTest {
    private static final ClusterId CLUSTER = new ClusterId(new UUID(2, 22));
    private static final Entry BOOTSTRAP = list(1).bootstrapEntry();

    /// A list of so many nodes.
    private static Membership list(int nodes) {
        var members = new ArrayList<Member>();
        for (int i = 1; i <= nodes; i++) {
            members.add(new Member(new NodeId(new UUID(1, i)), "n" + i, true,
                    new Address("127.0.0.1", 7500 + i), new Address("127.0.0.1", 7400 + i)));
        }
        return new Membership(CLUSTER, members);
    }

    private static Entry listAt(long term, long index, int nodes) {
        return Entry.of(new Position(term, index), Entry.Kind.MEMBERSHIP, list(nodes).encode());
    }

    private static Entry entry(long term, long index) {
        return Entry.of(new Position(term, index), Entry.Kind.COMMANDS, new byte[10]);
    }

    /// Entries 1 to 20: of term 1 from 2 on, 4 from 8, 5 from 15; lists of two nodes at 5, of three at 12.
    private static List<Entry> twenty() {
        var entries = new ArrayList<Entry>(List.of(BOOTSTRAP));
        for (long index = 2; index <= 20; index++) {
            long term = index < 8 ? 1 : index < 15 ? 4 : 5;
            entries.add(index == 5
                    ? listAt(term, index, 2)
                    : index == 12 ? listAt(term, index, 3) : entry(term, index));
        }
        return entries;
    }

    private static RaftLog whole() {
        var log = new RaftLog(Position.NONE, List.of(new Position(0, 1)), new Position(0, 1), 1,
                List.of(), List.of(BOOTSTRAP));
        for (var entry : twenty().subList(1, 20)) {
            log.append(entry);
        }
        return log;
    }

    /// The same as it is recovered after it was cut, with everything up to `commitIndex` on disk only.
    private static RaftLog cut(int base, int commitIndex) {
        var entries = twenty();
        var termStarts = new ArrayList<Position>(List.of(entries.get(base - 1).position()));
        for (var entry : entries.subList(base, 20)) {
            if (entry.term() > termStarts.getLast().term()) termStarts.add(entry.position());
        }
        var lists = new ArrayList<Entry>(List.of(BOOTSTRAP));
        if (base < 12) lists.add(entries.get(4));
        lists.add(entries.get(11));
        return new RaftLog(entries.get(base - 1).position(), termStarts,
                entries.get(19).position(), commitIndex, entries.subList(commitIndex, 20), lists);
    }

    private static List<RaftLog> beginningAfter(int base) {
        var forgot = whole();
        forgot.forgetThrough(base);
        var twice = whole();
        twice.forgetThrough(Math.max(1, base - 3));
        twice.forgetThrough(base);
        return List.of(forgot, twice, cut(base, base), cut(base, 19));
    }

    @Test
    void wholeLogBeginsAtNone() {
        var log = whole();
        assertEquals(Position.NONE, log.base());
        assertTrue(log.holds(Position.NONE));
        assertEquals(0, log.termAt(0));
        assertEquals(0, log.termAt(1));
        assertEquals(BOOTSTRAP.payload(), log.bootstrap());
    }

    @Test
    void termsAreKnownFromTheBaseOn() {
        for (int base = 5; base <= 19; base++) {
            for (var log : beginningAfter(base)) {
                assertEquals(twenty().get(base - 1).position(), log.base());
                for (int index = 0; index < base; index++) {
                    int below = index;
                    assertThrows(IllegalArgumentException.class, () -> log.termAt(below));
                    assertThrows(IllegalArgumentException.class, () -> log.positionAt(below));
                }
                for (int index = base; index <= 20; index++) {
                    assertEquals(twenty().get(index - 1).position(), log.positionAt(index));
                }
                assertThrows(IllegalArgumentException.class, () -> log.termAt(21));
            }
        }
    }

    @Test
    void whatIsInFrontOfTheBaseIsNotHeldAndYetAgreesWithTheLeader() {
        for (int base = 5; base <= 19; base++) {
            for (var log : beginningAfter(base)) {
                for (int index = 0; index <= 22; index++) {
                    for (long term = 0; term <= 6; term++) {
                        var position = new Position(term, index);
                        boolean same = index >= 1 && index <= 20
                                && twenty().get(index - 1).position().equals(position);
                        assertEquals(same && index >= base, log.holds(position));
                        assertEquals(same || index < base, log.agreesWithLeaderAt(position));
                    }
                }
            }
        }
        var log = whole();
        assertTrue(log.agreesWithLeaderAt(Position.NONE));
        assertFalse(log.agreesWithLeaderAt(new Position(1, 8)));
    }

    @Test
    void searchForTheLastCommonPositionEndsAtTheBase() {
        for (int base = 5; base <= 19; base++) {
            for (var log : beginningAfter(base)) {
                for (int index = 0; index <= 25; index++) {
                    for (long term = 0; term <= 6; term++) {
                        var found = whole().furthestNotAfter(new Position(term, index));
                        assertEquals(found.index() >= base ? found : Position.NONE,
                                log.furthestNotAfter(new Position(term, index)));
                    }
                }
            }
        }
    }

    @Test
    void listInEffectIsKeptWithEveryLaterOne() {
        for (int base = 5; base <= 19; base++) {
            for (var log : beginningAfter(base)) {
                assertEquals(list(3), log.membership());
                assertEquals(12, log.membershipIndex());
                assertEquals(base < 12 ? list(2) : null, log.previousMembership());
                if (base < 11 && log.inMemory(12)) {
                    log.truncateFrom(12);
                    assertEquals(list(2), log.membership());
                    assertEquals(5, log.membershipIndex());
                }
            }
        }
    }

    /// Newcomers begin with it.
    @Test
    void bootstrapRecordIsRememberedForEver() {
        for (var log : beginningAfter(15)) {
            assertEquals(BOOTSTRAP.payload(), log.bootstrap());
            log.reset(new Position(9, 99), listAt(8, 90, 5));
            assertEquals(BOOTSTRAP.payload(), log.bootstrap());
        }
    }

    @Test
    void logIsTruncatedToItsBaseAndGoesOn() {
        for (int base = 5; base <= 19; base++) {
            // Not the last kind: what is known to be committed is never truncated.
            for (var log : beginningAfter(base).subList(0, 3)) {
                assertEquals(twenty().subList(base, 20).stream().mapToLong(Entry::bytes).sum(),
                        log.truncateFrom(base + 1));
                assertEquals(log.base(), log.last());
                assertTrue(log.holds(log.last()));
                log.append(entry(7, base + 1));
                assertEquals(new Position(7, base + 1), log.last());
                assertEquals(log.base(), log.positionAt(base));
                assertThrows(IllegalStateException.class,
                        () -> log.truncateFrom(log.base().index()));
            }
        }
    }

    @Test
    void entriesInMemoryGoWithTheBeginning() {
        var log = whole();
        log.forgetThrough(12);
        assertFalse(log.inMemory(12));
        assertEquals(twenty().subList(12, 20), log.slice(13, 10_000));
        log.shrinkWindow(15, 0);
        assertFalse(log.inMemory(15));
        log.forgetThrough(13);
        assertEquals(twenty().subList(15, 20), log.slice(16, 10_000));
        log.forgetThrough(20);
        assertFalse(log.inMemory(20));
        assertEquals(new Position(5, 20), log.base());
        log.append(entry(5, 21));
        assertEquals(21, log.entry(21).index());
    }

    @Test
    void forgettingLessThanIsForgottenDoesNothing() {
        var log = whole();
        log.forgetThrough(10);
        log.forgetThrough(10);
        log.forgetThrough(3);
        log.forgetThrough(0);
        assertEquals(new Position(4, 10), log.base());
        assertThrows(IllegalArgumentException.class, () -> log.forgetThrough(21));
    }

    @Test
    void resetLogIsEmptyBehindItsBase() {
        for (var log : List.of(whole(), cut(10, 19), cut(10, 10))) {
            var base = new Position(6, 15);
            log.reset(base, listAt(5, 13, 4));
            assertEquals(base, log.base());
            assertEquals(base, log.last());
            assertTrue(log.holds(base));
            assertFalse(log.holds(new Position(5, 15)));
            assertFalse(log.inMemory(15));
            assertFalse(log.inMemory(16));
            assertEquals(list(4), log.membership());
            assertEquals(13, log.membershipIndex());
            assertThrows(IllegalStateException.class, () -> log.append(entry(6, 17)));
            log.append(entry(6, 16));
            log.append(listAt(7, 17, 5));
            assertEquals(list(5), log.membership());
            assertEquals(10, log.truncateFrom(16) - listAt(7, 17, 5).bytes());
            assertEquals(list(4), log.membership());
            assertEquals(base, log.last());
        }
    }

    @Test
    void logThatDoesNotBeginAtItsBaseIsRefused() {
        var last = new Position(4, 10);
        var lists = List.of(BOOTSTRAP);
        assertThrows(IllegalStateException.class, () -> new RaftLog(new Position(4, 9),
                List.of(new Position(4, 8)), last, 10, List.of(), lists));
        assertThrows(IllegalStateException.class, () -> new RaftLog(new Position(4, 9),
                List.of(), last, 10, List.of(), lists));
        assertThrows(IllegalStateException.class, () -> new RaftLog(new Position(4, 9),
                List.of(new Position(4, 9)), last, 8,
                List.of(entry(4, 9), entry(4, 10)), lists));
    }

    /// The same steps on a log that forgets and on one that does not: they tell the same of what both have.
    @Test
    void forgettingChangesNothingBehindTheBase() {
        for (long seed = 1; seed <= 300; seed++) {
            try {
                compare(new Random(seed));
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed, failed);
            }
        }
    }

    private static void compare(Random random) {
        var whole = whole();
        var forgetful = whole();
        long committed = 1;
        long term = 5;
        for (int step = 0; step < 200; step++) {
            long last = whole.last().index();
            switch (random.nextInt(6)) {
                case 0 -> {
                    committed += random.nextInt((int) (last - committed) + 1);
                    forgetful.forgetThrough(random.nextLong(committed + 1));
                }
                case 1 -> {
                    long bytesMax = random.nextInt(200);
                    whole.shrinkWindow(committed, bytesMax);
                    forgetful.shrinkWindow(committed, bytesMax);
                }
                case 2 -> {
                    if (committed < last) {
                        term++;
                        long from = committed + 1 + random.nextLong(last - committed);
                        assertEquals(whole.truncateFrom(from), forgetful.truncateFrom(from));
                    }
                }
                default -> {
                    var entry = random.nextInt(5) == 0
                            ? listAt(term, last + 1, 1 + random.nextInt(5))
                            : entry(term, last + 1);
                    whole.append(entry);
                    forgetful.append(entry);
                }
            }
            assertSame(whole, forgetful);
        }
    }

    private static void assertSame(RaftLog whole, RaftLog forgetful) {
        assertEquals(whole.last(), forgetful.last());
        assertEquals(whole.membership(), forgetful.membership());
        assertEquals(whole.membershipIndex(), forgetful.membershipIndex());
        @Nullable
        Membership previous = forgetful.previousMembership();
        if (previous != null) assertEquals(whole.previousMembership(), previous);
        for (long index = forgetful.base().index(); index <= whole.last().index(); index++) {
            assertEquals(whole.positionAt(index), forgetful.positionAt(index));
            if (forgetful.inMemory(index))
                assertEquals(whole.entry(index), forgetful.entry(index));
        }
        assertEquals(Objects.requireNonNull(whole.bootstrap()), forgetful.bootstrap());
    }
}
