package org.bellwether.raft;

/// How the core counts time and what it holds back, in ticks, entries and bytes. Must be equal on every
/// node, except for the sizes.
///
/// @param heartbeatTicks     between heartbeats of a leader
/// @param electionTicksMin   a follower that hears nothing waits at least this long, and less than twice it;
///                           a leader that hears no majority for this long steps down
/// @param hintTicksMax       a voter whose link to the leader closed tries after 1 to this many ticks (ADR 2)
/// @param uncommittedBytesMax a leader takes no proposals above this
/// @param windowBytesMax     committed entries kept in memory
/// @param appendBytesMax     entries in one append (at least one entry is sent)
/// @param appendsInFlightMax appends sent to one follower and not yet answered
public record RaftConfig(int heartbeatTicks, int electionTicksMin, int hintTicksMax,
        int uncommittedBytesMax, int windowBytesMax, int appendBytesMax, int appendsInFlightMax) {
    public RaftConfig {
        require(heartbeatTicks >= 1, "heartbeat must be at least one tick");
        require(electionTicksMin >= 5 * heartbeatTicks,
                "election timeout must be at least 5 × heartbeat");
        require(hintTicksMax >= 1 && hintTicksMax < electionTicksMin,
                "hint must be at least one tick and shorter than the election timeout");
        require(appendsInFlightMax >= 1, "at least one append must be allowed in flight");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }
}
