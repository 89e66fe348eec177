package org.bellwether.node;

import org.bellwether.api.NodeId;
import org.bellwether.raft.Raft;

/// Proves who is there *now*: who echoes a round of heartbeats that was started after the call. That a node was heard
/// lately proves less than it seems: time is counted in ticks, and those stand still while this process does. A leader
/// that was paused wakes up believing in everybody whom it had heard before (ADR 8 has the story).
///
/// One call at a time; whoever asks first begins it.
final class RollCall {
    private static final long NONE = -1;

    private final int looksMax;
    private long calledInRound = NONE;
    private int looks;

    /// @param looksMax after so many heartbeats a call is too old to prove anything
    RollCall(int looksMax) {
        this.looksMax = looksMax;
    }

    /// Called at every heartbeat interval.
    void look() {
        if (++looks > looksMax) end();
    }

    void end() {
        calledInRound = NONE;
    }

    boolean hasAnswered(Raft core, NodeId node) {
        if (calledInRound == NONE) {
            calledInRound = core.round();
            looks = 0;
        }
        var report = core.report(node);
        return report != null && report.echoedRound() > calledInRound;
    }
}
