package org.bellwether.api;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The list of all nodes as one node knows it: who belongs (from the log) and how they are (live).
///
/// @param leader       who leads as far as this node knows, null if nobody is known to
/// @param votersTarget how many voters the leader strives for
/// @param leaseReads   whether leaders may serve reads by lease
/// @param toldAgo      since a leader said last how the others are, if this node does not lead
/// @param warnings     what an operator should know, one sentence each
public record ClusterView(ClusterId id, long term, @Nullable NodeId leader, int votersTarget,
        boolean leaseReads, List<Peer> members, Duration toldAgo, List<String> warnings) {

    /// How one member is.
    ///
    /// @param appliedIndex  the last entry it is known to have applied
    /// @param lag           entries it is behind the furthest commit index this node knows
    /// @param lagBytes      their bytes, as the leader has counted or guessed them; -1 if nobody has
    /// @param sinceLevel    how long ago, at most, it last had applied all that the leader had committed; null if
    ///                      that was never seen
    /// @param sinceHeard    how long ago it was last heard by the leader, or by this node where this node
    ///                      is a party to it; null if never
    /// @param catchUp       null if it is not far behind, as the leader sees it
    /// @param troubles      what the leader finds wrong with it
    public record Peer(Member member, long appliedIndex, long lag, long lagBytes,
            @Nullable Duration sinceLevel, @Nullable Duration sinceHeard,
            @Nullable CatchUp catchUp, Set<Trouble> troubles) {}

    /// What somebody should look at.
    public enum Trouble {
        /// Its disk takes long to make something durable.
        SLOW_DISK("its disk is slow"),
        /// There is no room for its log, or for its tables.
        DISK_FULL("its disk is full"),
        /// It has not been level for a while, be it silent or slow.
        FAR_BEHIND("it is far behind");

        private final String text;

        Trouble(String text) {
            this.text = text;
        }

        /// A sentence, for people.
        public String text() {
            return text;
        }
    }
}
