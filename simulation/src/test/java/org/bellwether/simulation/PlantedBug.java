package org.bellwether.simulation;

import org.bellwether.node.CoreFactory;
import org.bellwether.raft.BuggyCore;

/// Bugs that simulation must find, each with a seed that convicts it and, to tell one conviction from
/// another, words of the verdict. `mvn -P convict verify` looks for the first such seed of each.
enum PlantedBug {
    ACK_BEFORE_SYNC(1, "which its disk has not synced", cores(BuggyCore::acksBeforeSync)),

    ACK_BEFORE_COMMIT(1, "takes 1.2 for committed; it is synced on 1 of",
            cores(BuggyCore::commitsAlone)),

    OWN_COPY_COUNTED_BEFORE_SYNC(1, "for committed; it is synced on 1 of",
            cores(BuggyCore::countsUnsyncedOwnCopy)),

    SYNC_SKIPPED(1, "which its disk has not synced",
            Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::skipsSyncs))),

    VOTE_FORGOTTEN_AT_RESTART(1, "forgot its vote",
            Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::forgetsVote))),

    VOTE_BEFORE_SYNC(2, "forgot its term", cores(BuggyCore::votesBeforeSync)),

    VOTE_REQUEST_BEFORE_SYNC(15, "forgot its term", cores(BuggyCore::asksBeforeSync)),

    STALE_READ(2, "is not linearizable", cores(BuggyCore::readsWithoutRound)),

    OLD_TERM_COMMITTED_BY_COUNTING(27, "by counting copies of an entry of term",
            cores(BuggyCore::commitsOldTerms)),

    APPLY_SKIPPED_ON_ONE_NODE(1, "elsewhere it was", Wiring.REAL.withStorages(
            (node, real) -> node == 0 ? new ForgetfulStorage(real) : real)),

    TAIL_APPLIED_AT_RESTART(1, "for committed; it is synced on",
            Wiring.REAL.withLogs(Wiring.PerNode.each(BuggyLog::appliesTail)));

    final long seed;
    final String verdict;
    final Wiring wiring;

    PlantedBug(long seed, String verdict, Wiring wiring) {
        this.seed = seed;
        this.verdict = verdict;
        this.wiring = wiring;
    }

    private static Wiring cores(CoreFactory cores) {
        return Wiring.REAL.withCores(cores);
    }
}
