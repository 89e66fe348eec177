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

    /// Appends an entry that nobody waits for, if this node leads and its log and tables have room.
    ///
    /// @return whether it was appended
    boolean propose(byte[] payload);

    /// Whether this node's tables are, as far as it knows, the right ones.
    boolean trusted();

    void send(NodeId to, PeerMessage message);

    /// The node cannot go on.
    void fail(Throwable why);
}
