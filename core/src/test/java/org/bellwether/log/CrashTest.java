package org.bellwether.log;

import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.SMALL;
import static org.bellwether.log.LogFixture.all;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.junit.jupiter.api.Test;

/// Power may go at any operation of the disk, again and again, also while a log recovers.
class CrashTest {
    private static final int SEEDS = 600;

    @Test
    void whatASyncPromisedSurvivesACrashAtAnyOperation() throws IOException {
        int crashes = 0;
        int truncations = 0;
        int rolls = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            var life = new Life(seed);
            try {
                life.run();
            } catch (IOException | RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed, failed);
            }
            crashes += life.crashes;
            truncations += life.truncations;
            rolls += life.disk.names().size() - 2;
        }
        // A run without faults would prove nothing.
        assertTrue(crashes > 2 * SEEDS, "crashes: " + crashes);
        assertTrue(truncations > SEEDS, "truncations: " + truncations);
        assertTrue(rolls > SEEDS, "rolls: " + rolls);
    }

    @Test
    void crashWhileALogIsMadeLeavesAWholeOneOrNone() throws IOException {
        int made = 0;
        for (int crashAt = 0; crashAt < 40; crashAt++) {
            for (long seed = 0; seed < 20; seed++) {
                var disk = new CrashDisk(seed);
                for (int again = crashAt; again >= 0; again -= 7) {
                    if (createOrCrash(disk, again)) made++;
                }
                if (!SegmentedLog.exists(disk))
                    SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
                var log = logOn(disk);
                log.open();
                assertEquals(texts(List.of(BOOTSTRAP)), texts(all(log)));
            }
        }
        assertTrue(made > 0);
    }

    private static boolean createOrCrash(CrashDisk disk, int crashAt) throws IOException {
        if (SegmentedLog.exists(disk)) return true;
        disk.crashAt = disk.operations + crashAt;
        try {
            SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
        } catch (CrashDisk.Crash crash) {
            disk.crash();
            return false;
        }
        disk.crash();
        assertTrue(SegmentedLog.exists(disk));
        return true;
    }

    /// Everything a log may legally look like after a crash: as the last sync left it, or after any number
    /// of the steps that were begun since.
    private static final class Model {
        final List<List<Entry>> states = new ArrayList<>();
        final List<Ballot> ballots = new ArrayList<>();

        Model(List<Entry> log, Ballot ballot) {
            promise(log, ballot);
        }

        List<Entry> latest() {
            return states.getLast();
        }

        Ballot ballot() {
            return ballots.getLast();
        }

        void begin(Persist group) {
            if (group.ballot() != null) ballots.add(group.ballot());
            if (group.truncateFrom() != 0)
                states.add(latest().subList(0, (int) group.truncateFrom() - 1));
            for (var entry : group.entries()) {
                var longer = new ArrayList<>(latest());
                longer.add(entry);
                states.add(longer);
            }
        }

        void promise(List<Entry> log, Ballot ballot) {
            states.clear();
            ballots.clear();
            states.add(log);
            ballots.add(ballot);
        }
    }

    private static final class Life {
        final CrashDisk disk;
        int crashes;
        int truncations;

        private final Random random;
        private final Model model = new Model(List.of(BOOTSTRAP), Ballot.INITIAL);
        /// What the cluster has committed. It stays so when this disk loses it: no leader of this term or
        /// a later one has anything else to send (Raft §5.4, Leader Completeness).
        private List<Entry> committed = List.of();

        Life(long seed) {
            this.random = new Random(seed);
            this.disk = new CrashDisk(seed + 1_000_000);
        }

        void run() throws IOException {
            SegmentedLog.create(disk, SMALL, IDENTITY, BOOTSTRAP);
            for (int life = 0; life < 5; life++) {
                disk.crashAt = disk.operations + random.nextInt(120);
                try {
                    live();
                } catch (CrashDisk.Crash crash) {
                    crashes++;
                }
                die();
                recover();
                // What was recovered was promised, too.
                disk.crash();
                recover();
            }
        }

        private void die() {
            if (random.nextInt(3) == 0) {
                disk.kill();
            } else {
                disk.crash();
            }
        }

        /// Opens the log, at times with crashes on the way, and compares it with what may be.
        private void recover() throws IOException {
            for (int attempt = random.nextInt(3); attempt > 0; attempt--) {
                disk.crashAt = disk.operations + random.nextInt(12);
                try {
                    logOn(disk).open();
                } catch (CrashDisk.Crash crash) {
                    crashes++;
                }
                die();
            }
            disk.crashAt = Integer.MAX_VALUE;
            var log = logOn(disk);
            var recovered = log.open();
            var found = all(log);
            assertTrue(model.ballots.contains(recovered.ballot()),
                    () -> recovered.ballot() + " is none of " + model.ballots);
            assertTrue(model.states.contains(found),
                    () -> found + " is none of " + model.states);
            assertEquals(texts(sameOf(found)), texts(found));
            assertEquals(found.getLast().position(), recovered.last());
            int stillCommitted = commonPrefix(committed, found);
            assertTrue(recovered.commitIndex() <= stillCommitted,
                    () -> recovered.commitIndex() + " of " + found + " committed, but really "
                            + committed);
            assertEquals(found.subList((int) recovered.commitIndex(), found.size()),
                    recovered.tail());
            assertEquals(termStarts(found), recovered.termStarts());
            assertEquals(List.of(BOOTSTRAP), recovered.memberships());
            model.promise(found, recovered.ballot());
        }

        private static int commonPrefix(List<Entry> left, List<Entry> right) {
            int length = 0;
            while (length < Math.min(left.size(), right.size())
                    && left.get(length).equals(right.get(length))) {
                length++;
            }
            return length;
        }

        private static List<Position> termStarts(List<Entry> entries) {
            var starts = new ArrayList<Position>();
            for (var entry : entries) {
                if (starts.isEmpty() || starts.getLast().term() != entry.term())
                    starts.add(entry.position());
            }
            return starts;
        }

        private List<Entry> sameOf(List<Entry> found) {
            return model.states.get(model.states.indexOf(found));
        }

        private void live() throws IOException {
            var log = logOn(disk);
            log.open();
            int steps = 5 + random.nextInt(60);
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(5)) {
                    case 0 -> log.prepare();
                    case 1, 2 -> {
                        var synced = log.sync();
                        assertEquals(model.latest().getLast().position(), synced.last());
                        assertEquals(model.ballot(), synced.ballot());
                        model.promise(model.latest(), model.ballot());
                    }
                    default -> {
                        var group = anyGroup();
                        model.begin(group);
                        committed = model.latest().subList(0, (int) group.commitIndex());
                        log.write(group);
                    }
                }
            }
            if (random.nextBoolean()) log.close();
        }

        /// A leader brings back what was committed and got lost, or was not there yet.
        private Persist caughtUp(int from) {
            var missing = committed.subList(from, committed.size());
            long term = missing.getLast().term();
            var ballot = term > model.ballot().term() ? new Ballot(term, null) : null;
            return new Persist(ballot, model.latest().size() > from ? from + 1 : 0, missing,
                    committed.size());
        }

        private Persist anyGroup() {
            var log = model.latest();
            int agreed = commonPrefix(committed, log);
            if (agreed < committed.size()) return caughtUp(agreed);
            var ballot = random.nextInt(4) == 0
                    ? new Ballot(model.ballot().term() + 1,
                            random.nextBoolean() ? LogFixture.NODE : null)
                    : null;
            long term = ballot == null ? model.ballot().term() : ballot.term();
            int last = log.size();
            int commitIndex = committed.size();
            long truncateFrom = 0;
            if (ballot != null && last > commitIndex + 1 && last > 1) {
                truncateFrom = Math.max(2,
                        commitIndex + 1 + random.nextInt(last - commitIndex));
                truncations++;
                last = (int) truncateFrom - 1;
            }
            var entries = new ArrayList<Entry>();
            for (int count = random.nextInt(6); count > 0; count--) {
                entries.add(entry(term, last + entries.size() + 1,
                        random.nextInt(random.nextInt(10) == 0 ? 3000 : 200)));
            }
            // May be known to be committed in the very group that brings it in place of another.
            commitIndex = Math.min(last + entries.size(), commitIndex + random.nextInt(6));
            return new Persist(ballot, truncateFrom, entries, commitIndex);
        }
    }
}
