package org.bellwether.raft;

import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// What a node must remember before it promises anything: the latest term it has seen, and whom it voted
/// for in it (`currentTerm` and `votedFor` of Raft, figure 2).
public record Ballot(long term, @Nullable NodeId vote) {
    public static final Ballot INITIAL = new Ballot(0, null);
}
