package org.bellwether.cli;

/// How `bell` ends. Scripts rely on these numbers.
final class Exit {
    static final int OK = 0;
    /// The answer is no: the key is absent, a condition did not hold, the cluster is not in a state in which that can be
    /// done; or something is wrong with what was looked at: damage, nodes that differ, a seed that breaks a rule.
    static final int NO = 1;
    /// The request makes no sense, or a node cannot start from what it was given.
    static final int USAGE = 2;
    /// The write may or may not have happened, or nobody can say any more whether it was kept.
    static final int UNKNOWN = 3;
    /// Nothing happened: nobody reachable, no leader, no room.
    static final int UNAVAILABLE = 4;
    /// A node was removed from its cluster.
    static final int REMOVED = 5;
    /// A node had to stop: its disk failed, or an invariant broke.
    static final int HALTED = 70;
    /// What was asked for is done, a write too; but not all of what it says about it could be written to standard
    /// output. The number is that of `EX_IOERR` in BSD's sysexits, as the one above is that of `EX_SOFTWARE`.
    static final int OUTPUT = 74;

    private Exit() {}
}
