package org.bellwether.node;

import org.bellwether.api.NodeId;
import org.bellwether.raft.Event;
import org.bellwether.raft.Raft;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// The node, as its parts see it. On the loop only.
interface Host {
    /// Null once the node has stopped: then nothing is to be done any more.
    @Nullable
    Raft core();

    /// Whether the log has room for more than what it was given.
    boolean logHasRoom();

    void step(Event event);

    void send(NodeId to, PeerMessage message);

    /// The node cannot go on.
    void fail(Throwable why);
}
