package org.bellwether.raft;

import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// What a node is in its current term (Raft §5.1, figure 4). These moves exist; every other one is a bug:
///
/// ```
/// Follower  → Candidate  its patience ends and it is a voter; or the leader says so (TimeoutNow)
/// Candidate → Candidate  pre-vote won: asks for real; not won in time: starts over
/// Candidate → Leader     votes of a majority, its own synced
/// Candidate → Follower   a higher term, or the leader of this term appears
/// Leader    → Follower   a higher term, no majority heard for an election timeout, or a disk that hangs
/// ```
sealed interface Role permits Follower, Candidate, Leader {
    void tick();

    void received(NodeId from, Message message);

    /// Something more is on our disk.
    void synced();

    void connected(NodeId peer);

    void disconnected(NodeId peer);

    /// A linearizable read waits for a position to wait for.
    void readArrived();

    /// Who leads in this term, as far as this node knows.
    @Nullable
    NodeId leader();
}
