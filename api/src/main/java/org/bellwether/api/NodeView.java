package org.bellwether.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What one node knows of itself at this moment.
///
/// @param leader       who leads as far as this node knows, itself included; null if nobody is known to
/// @param leads        whether this node leads
/// @param leaderServes whether that leader may serve, as far as this node knows: an entry of its term is committed
/// @param revision     the store's revision, as applied here
/// @param appliedIndex the last log entry applied here
/// @param staleness    an upper bound, proven without synchronised clocks: every write acknowledged
///                     longer ago than this is visible here; null if nothing was proven yet
/// @param notReady     null if the node can serve; else why it cannot yet
public record NodeView(Member self, boolean leads, @Nullable Member leader, long term,
        boolean leaderServes, Revision revision, long appliedIndex, @Nullable Duration staleness,
        @Nullable String notReady) {}
