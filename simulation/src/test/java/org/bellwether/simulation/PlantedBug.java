package org.bellwether.simulation;

import java.util.List;
import org.bellwether.node.BiasedJury;
import org.bellwether.node.CoreFactory;
import org.bellwether.node.LateLease;
import org.bellwether.raft.BuggyCore;

/// Bugs that simulation must find, each with a seed that convicts it and, to tell one conviction from
/// another, words of the verdict. `mvn -P convict verify` looks for the first such seed of each.
///
/// @param seed    convicts it
/// @param verdict words of the conviction, a regular expression
record PlantedBug(String name, long seed, String verdict, Wiring wiring) {
    static List<PlantedBug> all() {
        return List.of(
                new PlantedBug("ack before sync", 1, "which its disk has not synced",
                        cores(BuggyCore::acksBeforeSync)),

                new PlantedBug("ack before commit", 1,
                        "takes \\d+\\.\\d+ for committed; it is synced on 1 of",
                        cores(BuggyCore::commitsAlone)),

                new PlantedBug("own copy counted before sync", 1,
                        "for committed; it is synced on (1|2) of",
                        cores(BuggyCore::countsUnsyncedOwnCopy)),

                new PlantedBug("learner counted for commit", 2, "for committed; it is synced on",
                        cores(BuggyCore::countsLearners)),

                new PlantedBug("list changed before the last one is committed", 2,
                        "none of them committed|while that at .* was not committed",
                        cores(BuggyCore::changesListsAtOnce)),

                new PlantedBug("learner stands for election", 11,
                        "is no voter, by its own list", cores(BuggyCore::campaignsAsLearner)),

                new PlantedBug("sync skipped", 1, "which its disk has not synced",
                        Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::skipsSyncs))),

                new PlantedBug("vote forgotten at restart", 1, "forgot its vote",
                        Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::forgetsVote))),

                new PlantedBug("vote before sync", 35, "forgot its (term|vote)",
                        cores(BuggyCore::votesBeforeSync)),

                new PlantedBug("vote request before sync", 5, "forgot its (term|vote)",
                        cores(BuggyCore::asksBeforeSync)),

                new PlantedBug("stale read", 5,
                        "is not linearizable|went back in time|was to stay for|is there at|is gone at|acknowledged before were",
                        cores(BuggyCore::readsWithoutRound)),

                new PlantedBug("old term committed by counting", 1,
                        "by counting copies of an entry of term",
                        cores(BuggyCore::commitsOldTerms)),

                new PlantedBug("apply skipped on one node", 1,
                        "elsewhere it was|is not linearizable|contradict each other",
                        Wiring.REAL.withStorages(
                                (node, real) -> node == 0 ? new ForgetfulStorage(real) : real)),

                new PlantedBug("snapshot installed without its position", 12,
                        "to a snapshot of|tables as of",
                        Wiring.REAL.withStorages(Wiring.PerNode.each(PositionlessStorage::new))),

                new PlantedBug("digest majority computed with the odd leader's word", 17,
                        "takes its tables for wrong, and they are right",
                        Wiring.REAL.withJuries(BiasedJury::new)),

                new PlantedBug("lease reckoned from the echo", 6,
                        "served by lease after|is not linearizable",
                        Wiring.REAL.withLeases(LateLease::new)),

                new PlantedBug("lease outlives a transfer", 17,
                        "served by lease after|is not linearizable",
                        cores(BuggyCore::keepsLeaseInTransfer)),

                new PlantedBug("lease promise forgotten", 19,
                        "served by lease after|is not linearizable",
                        cores(BuggyCore::forgetsLeasePromise)),

                new PlantedBug("what was acknowledged is never lost", 170, "no progress",
                        cores(BuggyCore::trustsWhatWasAcknowledged)),

                new PlantedBug("a repeated question is another one", 5,
                        "no progress.*(a linearizable read on every node is answered|hold the same)",
                        cores(BuggyCore::asksAnew)),

                new PlantedBug("tail applied at restart", 1,
                        "for committed|was committed before|nobody has committed|elsewhere it was",
                        Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::appliesTail))));
    }

    private static Wiring cores(CoreFactory cores) {
        return Wiring.REAL.withCores(cores);
    }

    @Override
    public String toString() {
        return name;
    }
}
