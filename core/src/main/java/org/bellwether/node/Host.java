package org.bellwether.node;

import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.raft.Event;
import org.bellwether.raft.Raft;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// The node, as its parts see it. On the loop only.
interface Host {
    /// Null once the node has stopped: then nothing is to be done any more.
    @Nullable
    Raft core();

    /// Whether the log has room for whatever comes; else what is left is kept for what makes room, and for the list of nodes.
    boolean logHasRoom();

    /// Whether it has room, in what is kept if need be, for records of so many bytes.
    boolean logHasRoomFor(long recordBytes);

    void step(Event event);

    /// There is something to be done at the end of this turn.
    void scheduleTurn();

    /// Runs it, unless the node has stopped; a failure stops it.
    void guard(Runnable task);

    /// Appends an entry that nobody waits for, if this node leads and its log and tables have room.
    ///
    /// @return whether it was appended
    boolean propose(byte[] payload);

    /// The same of an entry that makes room, for which some is kept.
    boolean proposeRemoval(byte[] payload);

    /// Whether this node's tables are, as far as it knows, the right ones.
    boolean trusted();

    /// Why nothing may be answered from the tables.
    Outcome notReady();

    void send(NodeId to, PeerMessage message);

    /// The node cannot go on.
    void fail(Throwable why);
}
