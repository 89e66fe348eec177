package org.bellwether.log;

import static org.bellwether.log.LogFixture.BOOTSTRAP;
import static org.bellwether.log.LogFixture.IDENTITY;
import static org.bellwether.log.LogFixture.SMALL;
import static org.bellwether.log.LogFixture.after;
import static org.bellwether.log.LogFixture.all;
import static org.bellwether.log.LogFixture.entry;
import static org.bellwether.log.LogFixture.logOn;
import static org.bellwether.log.LogFixture.membership;
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
        int segments = 0;
        int cuts = 0;
        int restarts = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            var life = new Life(seed);
            try {
                life.run();
            } catch (IOException | RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed, failed);
            }
            crashes += life.crashes;
            truncations += life.truncations;
            segments += life.disk.names().size() - 2;
            cuts += life.cuts;
            restarts += life.restarts;
        }
        // A run without faults would prove nothing.
        assertTrue(crashes > 2 * SEEDS, "crashes: " + crashes);
        assertTrue(truncations > SEEDS, "truncations: " + truncations);
        assertTrue(segments > SEEDS, "segments: " + segments);
        assertTrue(cuts > SEEDS, "cuts: " + cuts);
        assertTrue(restarts > SEEDS, "restarts: " + restarts);
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

    /// A log from index 1 on, be its beginning on this disk or not, and where it may begin there.
    ///
    /// @param baseMin it begins after this index or a later one,
    /// @param baseMax up to this one
    private record State(List<Entry> log, int baseMin, int baseMax) {
        boolean allows(Position base, List<Entry> found) {
            int index = (int) base.index();
            return index >= baseMin && index <= baseMax && index <= log.size()
                    && base.equals(positionAt(index))
                    && found.equals(log.subList(index, log.size()));
        }

        Position positionAt(int index) {
            return index == 0 ? Position.NONE : log.get(index - 1).position();
        }

        Position last() {
            return positionAt(log.size());
        }

        State with(List<Entry> other) {
            return new State(other, baseMin, baseMax);
        }

        State based(int min, int max) {
            return new State(log, min, max);
        }
    }

    /// Everything a log may legally look like after a crash: as the last sync left it, or after any number
    /// of the steps that were begun since.
    private static final class Model {
        final List<State> states = new ArrayList<>();
        final List<Ballot> ballots = new ArrayList<>();

        Model(List<Entry> log, Ballot ballot) {
            promise(new State(log, 0, 0), ballot);
        }

        State latest() {
            return states.getLast();
        }

        List<Entry> log() {
            return latest().log;
        }

        Ballot ballot() {
            return ballots.getLast();
        }

        void begin(Persist group) {
            if (group.ballot() != null) ballots.add(group.ballot());
            if (group.truncateFrom() != 0)
                states.add(latest().with(log().subList(0, (int) group.truncateFrom() - 1)));
            for (var entry : group.entries()) {
                var longer = new ArrayList<>(log());
                longer.add(entry);
                states.add(latest().with(longer));
            }
        }

        void promise(State state, Ballot ballot) {
            states.clear();
            ballots.clear();
            states.add(state);
            ballots.add(ballot);
        }
    }

    private static final class Life {
        final CrashDisk disk;
        int crashes;
        int truncations;
        int cuts;
        int restarts;

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
                disk.crashAt = disk.operations + random.nextInt(240);
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
            var base = recovered.base();
            var found = after(base, log);
            assertTrue(model.ballots.contains(recovered.ballot()),
                    () -> recovered.ballot() + " is none of " + model.ballots);
            var state = model.states.reversed().stream()
                    .filter(each -> each.allows(base, found)).findFirst()
                    .orElseThrow(() -> new AssertionError(
                            base + " and " + found + " is none of " + model.states));
            var whole = state.log;
            int baseIndex = (int) base.index();
            assertEquals(texts(whole.subList(baseIndex, whole.size())), texts(found));
            assertEquals(state.last(), recovered.last());
            assertTrue(recovered.commitIndex() >= baseIndex);
            int stillCommitted = commonPrefix(committed, whole);
            assertTrue(recovered.commitIndex() <= stillCommitted,
                    () -> recovered.commitIndex() + " of " + whole + " committed, but really "
                            + committed);
            assertEquals(whole.subList((int) recovered.commitIndex(), whole.size()),
                    recovered.tail());
            assertEquals(termStarts(base, found), recovered.termStarts());
            assertEquals(texts(memberships(whole, baseIndex)), texts(recovered.memberships()));
            if (baseIndex > 0) assertEquals(List.of(), log.read(baseIndex, 1));
            model.promise(state.based(baseIndex, baseIndex), recovered.ballot());
        }

        /// The first of all, the last one up to the base, and every later one.
        private static List<Entry> memberships(List<Entry> log, int base) {
            var memberships = new ArrayList<Entry>();
            for (var entry : log) {
                if (entry.kind() != Entry.Kind.MEMBERSHIP) continue;
                if (entry.index() <= base && memberships.size() == 2) memberships.removeLast();
                memberships.add(entry);
            }
            return memberships;
        }

        private static int commonPrefix(List<Entry> left, List<Entry> right) {
            int length = 0;
            while (length < Math.min(left.size(), right.size())
                    && left.get(length).equals(right.get(length))) {
                length++;
            }
            return length;
        }

        private static List<Position> termStarts(Position base, List<Entry> entries) {
            var starts = new ArrayList<Position>();
            if (base.index() > 0) starts.add(base);
            for (var entry : entries) {
                if (starts.isEmpty() || starts.getLast().term() != entry.term())
                    starts.add(entry.position());
            }
            return starts;
        }

        private void live() throws IOException {
            var log = logOn(disk);
            log.open();
            int steps = 5 + random.nextInt(120);
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(24)) {
                    case 0 -> log.noteSynced();
                    case 1, 2, 3 -> log.prepare();
                    case 4, 5 -> cut(log);
                    case 6 -> {
                        if (random.nextInt(3) == 0) restart(log);
                    }
                    case 7, 8, 9, 10, 11, 12, 13 -> {
                        var synced = log.sync();
                        assertEquals(model.latest().last(), synced.last());
                        assertEquals(model.ballot(), synced.ballot());
                        model.promise(model.latest(), model.ballot());
                    }
                    default -> {
                        var group = anyGroup();
                        model.begin(group);
                        committed = model.log().subList(0, (int) group.commitIndex());
                        log.write(group);
                    }
                }
            }
            if (random.nextBoolean()) log.close();
        }

        private void cut(LogStore log) throws IOException {
            int cuttable = commonPrefix(committed, model.log());
            if (cuttable == 0) return;
            int through = random.nextBoolean() ? cuttable : 1 + random.nextInt(cuttable);
            model.states.replaceAll(
                    state -> state.based(state.baseMin, Math.max(state.baseMax, through)));
            int before = model.latest().baseMin;
            var base = log.cut(through, random.nextBoolean() ? 0 : random.nextInt(20_000));
            int index = (int) base.index();
            assertEquals(model.latest().positionAt(index), base);
            assertTrue(index >= before && index <= Math.max(before, through),
                    () -> base + " through " + through);
            if (index > before) cuts++;
            model.states.replaceAll(state -> state.based(index, index));
        }

        /// The cluster went on without this node, and a leader sent it a snapshot.
        private void restart(LogStore log) throws IOException {
            int known = committed.size();
            if (known == 0 || commonPrefix(committed, model.log()) < known) return;
            // As far as it is: with its own tail, or another one in its place.
            boolean keepsTail = random.nextBoolean();
            var longer = new ArrayList<>(keepsTail ? model.log() : committed);
            long term = model.ballot().term() + (keepsTail ? 0 : 1 + random.nextInt(2));
            for (int count = random.nextInt(60); count > 0; count--)
                longer.add(any(term, longer.size() + 1));
            if (longer.size() == known) return;
            committed = longer;
            int index = known + 1 + random.nextInt(longer.size() - known);
            var at = longer.get(index - 1).position();
            boolean holds = index <= model.log().size()
                    && model.latest().positionAt(index).equals(at);
            if (!holds) {
                restarts++;
                if (at.term() > model.ballot().term())
                    model.ballots.add(new Ballot(at.term(), null));
                model.states.add(new State(longer.subList(0, index), index, index));
            }
            log.restart(at, memberships(longer.subList(0, index), index).getLast());
            if (!holds) model.promise(model.latest(), model.ballot());
        }

        private Entry any(long term, long index) {
            return random.nextInt(15) == 0
                    ? membership(term, index)
                    : entry(term, index,
                            random.nextInt(random.nextInt(10) == 0 ? 3000 : 200));
        }

        /// A leader brings back what was committed and got lost, or was not there yet.
        private Persist caughtUp(int from) {
            var missing = committed.subList(from, committed.size());
            long term = missing.getLast().term();
            var ballot = term > model.ballot().term() ? new Ballot(term, null) : null;
            return new Persist(ballot, model.log().size() > from ? from + 1 : 0, missing,
                    committed.size());
        }

        private Persist anyGroup() {
            var log = model.log();
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
                entries.add(any(term, last + entries.size() + 1));
            }
            // May be known to be committed in the very group that brings it in place of another.
            commitIndex = Math.min(last + entries.size(), commitIndex + random.nextInt(6));
            return new Persist(ballot, truncateFrom, entries, commitIndex);
        }
    }
}
