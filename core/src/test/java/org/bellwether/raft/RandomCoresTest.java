package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Chance against the rules: cores that crash and lose what is not synced, a network that loses, doubles and
/// reorders. One seed chooses everything and replays it. (Whole nodes are simulated elsewhere; this is small
/// and quick, and the first to look at.)
class RandomCoresTest {
    /// `-Dcores.seeds=5000` looks further.
    private static final int SEEDS = Integer.getInteger("cores.seeds", 200);
    private static final int STEPS = 15_000;
    private static final RaftConfig CONFIG = new RaftConfig(2, 10, 3, 4_096, 40, 24, 3);

    @Test
    void rulesHoldWhateverHappensAndAllAgreeAfterwards() {
        int elections = 0;
        int crashes = 0;
        int cuts = 0;
        int reads = 0;
        int reconfigurations = 0;
        int installs = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            var life = run(seed, Core.Maker.HONEST);
            elections += (int) life.cores.up().getFirst().raft().term();
            crashes += life.crashes;
            cuts += life.cuts;
            reads += life.readsServed;
            reconfigurations += life.reconfigurations;
            installs += life.installs;
        }
        // A run in which nothing happens would prove nothing.
        assertTrue(elections > 10 * SEEDS, "terms: " + elections);
        assertTrue(crashes > 20 * SEEDS, "crashes: " + crashes);
        assertTrue(cuts > SEEDS / 2, "truncations: " + cuts);
        assertTrue(reads > 50 * SEEDS, "reads: " + reads);
        assertTrue(reconfigurations > 2 * SEEDS, "reconfigurations: " + reconfigurations);
        assertTrue(installs > SEEDS / 2, "snapshots installed: " + installs);
    }

    @Test
    void sameSeedGivesTheSameRun() {
        var one = run(7, Core.Maker.HONEST);
        var other = run(7, Core.Maker.HONEST);
        assertEquals(one.cores.rules.committed(), other.cores.rules.committed());
        assertEquals(one.cores.n(1).raft().term(), other.cores.n(1).raft().term());
    }

    private static Life run(long seed, Core.Maker maker) {
        var life = new Life(seed, maker);
        try {
            life.run();
        } catch (RuntimeException | AssertionError broken) {
            throw new AssertionError("seed " + seed + " at step " + life.step, broken);
        }
        return life;
    }

    // The rules can convict.

    private static void assertConvicted(String bug, Core.Maker maker) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Life(seed, maker).run();
            } catch (RuntimeException | AssertionError _) {
                return;
            }
        }
        throw new AssertionError(SEEDS + " seeds did not find: " + bug);
    }

    /// A core with a bug planted by overriding one of [Raft]'s hooks.
    private static class Buggy extends Raft {
        Buggy(Core core, List<Position> termStarts, List<Entry> tail, List<Entry> memberships) {
            super(core.id, core.config, core::roll, core.keptBallot, core.keptBase, termStarts,
                    core.keptLast(),
                    core.keptCommit, tail, memberships);
        }
    }

    @Test
    void acknowledgementBeforeTheSyncIsConvicted() {
        assertConvicted("ack before sync",
                (core, terms, tail, lists) -> new Buggy(core, terms, tail, lists) {
                    @Override
                    Effects effects(Effects effects) {
                        var now = new ArrayList<>(effects.sendNow());
                        now.addAll(effects.sendWhenSynced());
                        return new Effects(now, effects.persist(), List.of(), effects.committed(),
                                effects.readableThrough(), effects.fetch(), effects.appended(),
                                effects.snapshotFrom());
                    }
                });
    }

    @Test
    void commitWithoutAMajorityIsConvicted() {
        assertConvicted("minority",
                (core, terms, tail, lists) -> new Buggy(core, terms, tail, lists) {
                    @Override
                    long majorityMatched(Leader leader) {
                        return syncedIndex();
                    }
                });
    }

    @Test
    void commitCountingTheOwnUnsyncedCopyIsConvicted() {
        assertConvicted("own copy",
                (core, terms, tail, lists) -> new Buggy(core, terms, tail, lists) {
                    @Override
                    long majorityMatched(Leader leader) {
                        return electorate().majorityOf(
                                id -> id.equals(self) ? last().index() : leader.matchOf(id));
                    }
                });
    }

    @Test
    void voteForgottenAtARestartIsConvicted() {
        assertConvicted("forgotten vote", (core, terms, tail, lists) -> {
            core.keptBallot = new Ballot(core.keptBallot.term(), null);
            return new Buggy(core, terms, tail, lists);
        });
    }

    /// One run: faults for a while, then peace, in which all must come to agree.
    private static final class Life {
        final Random random;
        final Cores cores;
        int step;
        int crashes;
        int cuts;
        int readsServed;
        int reconfigurations;
        int installs;
        private int written;
        private final List<Read> reads = new ArrayList<>();
        /// Copies that arrive terms later, over links and lives.
        private final List<Cores.Packet> stragglers = new ArrayList<>();
        private final int lossPercent;
        /// Where it is low, a cut lasts long enough for another to be elected beyond it.
        private final int healPermille;

        /// @param floor what was applied anywhere when the read arrived: acknowledged, perhaps
        private record Read(Core at, int life, long ticket, int floor) {}

        Life(long seed, Core.Maker maker) {
            random = new Random(seed);
            lossPercent = random.nextInt(4) * 10;
            healPermille = 1 + random.nextInt(10);
            cores = new Cores(3 + random.nextInt(3), random.nextInt(2), CONFIG, maker);
            for (var core : cores.all) {
                core.usualRoll = random::nextInt;
                core.diskWaits = true;
                core.watcher = core.watcher.andThen(effects -> {
                    var persist = effects.persist();
                    if (persist != null && persist.truncateFrom() > 0) cuts++;
                });
            }
            cores.link();
        }

        void run() {
            for (step = 0; step < STEPS; step++) {
                disturb();
                checkReads();
            }
            makePeace();
            checkReads();
            assertTrue(reads.isEmpty(), "reads left: " + reads.size());
        }

        private Core any() {
            return cores.all.get(random.nextInt(cores.all.size()));
        }

        private void disturb() {
            var core = any();
            int dice = random.nextInt(1_000);
            if (dice < 5) {
                crashOrStart(core);
            } else if (dice < 10) {
                var other = any();
                if (other != core && cores.isLinked(core, other)) cores.closeLink(core, other);
            } else if (dice < 25) {
                if (core.isUp()) cores.openLinks(core);
            } else if (dice < 28) {
                cores.isolate(core);
            } else if (dice < 28 + healPermille) {
                cores.heal();
            } else if (dice < 600) {
                if (!cores.wire.isEmpty()) deliverSome();
            } else if (core.isUp()) {
                stir(core, dice);
            }
        }

        private void crashOrStart(Core core) {
            if (!core.isUp()) {
                cores.restart(core);
            } else if (cores.up().size() > 1) {
                // Some of what was written may have reached the disk, though nobody was told.
                core.syncSilently(random.nextInt(3));
                cores.crash(core);
                crashes++;
            }
        }

        private void stir(Core core, int dice) {
            if (dice < 760) {
                core.tick();
            } else if (dice < 850) {
                core.syncGroups(1 + random.nextInt(3));
            } else if (dice < 900) {
                if (!core.unread().isEmpty()) core.readOne();
            } else if (dice < 906) {
                if (!core.applied.isEmpty()) core.cut(1 + random.nextInt(core.applied.size()));
            } else if (dice < 914) {
                fetchSnapshot(core);
            } else if (dice < 935) {
                if (core.raft().acceptsProposals()) core.propose("write " + ++written);
            } else if (dice < 955) {
                if (core.raft().acceptsReconfiguration()) reconfigure(core);
            } else if (dice < 995) {
                int floor = cores.up().stream().mapToInt(up -> up.applied.size()).max().orElse(0);
                reads.add(new Read(core, core.lives, core.read(), floor));
            } else {
                core.step(new Event.Transfer(random.nextBoolean() ? null : any().id));
            }
        }

        /// From whoever it heard of it; what that node has applied by now.
        private void fetchSnapshot(Core core) {
            var from = core.wantsSnapshotFrom;
            if (from == null || !cores.with(from).isUp()) return;
            if (cores.with(from).applied.size() > core.applied.size()) installs++;
            core.install(cores.with(from).applied);
        }

        /// Adds, promotes, demotes or removes somebody, perhaps the leader itself.
        private void reconfigure(Core leader) {
            var now = leader.raft().membership();
            var id = any().id;
            boolean spare = now.voters().size() > 1;
            Membership next = null;
            if (now.find(id) == null) {
                var back = Cores.membership(0, cores.all.size()).find(id);
                next = now.with(Objects.requireNonNull(back), id.uuid());
            } else if (!now.isVoter(id)) {
                next = random.nextInt(3) > 0 ? now.withVoter(id, true) : now.without(id);
            } else if (spare) {
                next = random.nextBoolean() ? now.withVoter(id, false) : now.without(id);
            }
            if (next == null) return;
            leader.step(new Event.Reconfigure(next));
            reconfigurations++;
        }

        private void deliverSome() {
            if (!stragglers.isEmpty() && random.nextInt(100) == 0) {
                cores.deliver(stragglers.remove(random.nextInt(stragglers.size())));
                return;
            }
            // Mostly in order, as links do; now and then not.
            int index = random.nextInt(10) == 0 ? random.nextInt(cores.wire.size()) : 0;
            var packet = cores.wire.get(index);
            boolean doubled = random.nextInt(20) == 0;
            if (!doubled) cores.wire.remove(index);
            if (random.nextInt(100) == 0) stragglers.add(packet);
            if (random.nextInt(100) >= lossPercent) cores.deliver(packet);
        }

        /// A linearizable read sees whatever was applied, so perhaps acknowledged, when it arrived.
        private void checkReads() {
            for (var reading = reads.iterator(); reading.hasNext();) {
                var read = reading.next();
                if (!read.at.isUp() || read.at.lives != read.life) {
                    reading.remove();
                } else if (read.at.mayServe(read.ticket)) {
                    assertTrue(read.at.applied.size() >= read.floor,
                            "stale read at " + read.at + ": applied " + read.at.applied.size()
                                    + ", but " + read.floor + " before it arrived");
                    readsServed++;
                    reading.remove();
                }
            }
        }

        private String states() {
            var text = new StringBuilder();
            for (var core : cores.up()) {
                text.append('\n').append(core).append(" ").append(core.raft().ballot())
                        .append(" last ").append(core.raft().last()).append(" commit ")
                        .append(core.raft().commitIndex()).append(" voters ");
                for (var voter : core.raft().membership().voters())
                    text.append(cores.with(voter)).append(' ');
            }
            return text.toString();
        }

        private void makePeace() {
            cores.heal();
            cores.snapshotsTravel = true;
            for (var core : cores.all) {
                core.diskWaits = false;
                if (!core.isUp()) core.start();
            }
            for (var core : cores.all)
                cores.openLinks(core);
            for (var core : cores.all) {
                core.sync();
                core.readAll();
            }
            cores.settle();
            // A transfer that was begun may still change the leader, and a leader that was removed leaves; then
            // no more.
            cores.run(6 * CONFIG.electionTicksMin());
            var members = cores.up().stream().filter(core -> core.raft().leads()).findFirst()
                    .orElseThrow(() -> new AssertionError("no leader in peace: " + states())).raft()
                    .membership();
            // Who was removed is told so by its peers, and stops.
            for (var core : cores.all) {
                if (members.find(core.id) == null) cores.crash(core);
            }
            var leader = cores.elect();
            leader.propose("the last word");
            cores.run(60 * CONFIG.heartbeatTicks());
            assertTrue(leader.raft().leads(), "a leader loses its office in peace");
            assertFalse(leader.raft().transferring());
            assertEquals(members, leader.raft().membership());
            for (var core : cores.up()) {
                assertEquals(leader.raft().last().index(), core.applied.size());
                assertEquals(leader.applied, core.applied);
            }
        }
    }
}
