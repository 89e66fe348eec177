package org.bellwether.api;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The list of all nodes as one node knows it: who belongs (from the log) and how they are (live).
///
/// @param leader       who leads as far as this node knows, null if nobody is known to
/// @param votersTarget how many voters the leader strives for
/// @param warnings     what an operator should know, one sentence each
public record ClusterView(ClusterId id, long term, @Nullable NodeId leader, int votersTarget,
        List<Peer> members, List<String> warnings) {

    /// How one member is.
    ///
    /// @param appliedIndex  the last entry it is known to have applied
    /// @param lag           entries it is behind the furthest commit index this node knows
    /// @param sinceLevel    how long ago, at most, it last had applied all that the leader had committed; null if
    ///                      that was never seen
    /// @param sinceHeard    how long ago it was last heard by the leader, or by this node where this node
    ///                      is a party to it; null if never
    /// @param catchUp       null if it is not far behind, as the leader sees it
    public record Peer(Member member, long appliedIndex, long lag, @Nullable Duration sinceLevel,
            @Nullable Duration sinceHeard, @Nullable CatchUp catchUp) {}
}
