package org.bellwether.node;

import org.bellwether.api.NodeId;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Dice;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;

/// Makes a consensus core from what the log still knew.
@FunctionalInterface
public interface CoreFactory {
    CoreFactory STANDARD = (self, config, dice, recovered) -> new Raft(self, config, dice,
            recovered.ballot(), recovered.base(), recovered.termStarts(), recovered.last(),
            recovered.commitIndex(), recovered.tail(), recovered.memberships());

    Raft create(NodeId self, RaftConfig config, Dice dice, Recovered recovered);
}
