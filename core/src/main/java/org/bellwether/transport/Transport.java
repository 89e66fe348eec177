package org.bellwether.transport;

import java.util.Collection;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;

/// Carries messages between nodes. A node keeps one outgoing link to every peer and has one incoming link
/// from each; both are kept open by the transport, which reconnects with back-off.
///
/// *Threads.* Called on the node's loop; the receiver is called on it too.
/// *Order.* What one link delivers, it delivers in the order of sending, each message at most once, until
/// the link closes. Nothing is promised across links.
/// *Failure.* [#send] never blocks and never throws; a message may be lost, and the receiver is told when
/// a link closes.
public interface Transport extends AutoCloseable {
    void start(Receiver receiver);

    /// Whom to be linked to from now on; links to those no longer named are closed. The node itself is left
    /// out. A node that is not named and was not removed may still link itself to this one, and is then
    /// linked to: its list of nodes may be newer than ours.
    ///
    /// @param removed nodes that belonged once: whoever of them dials is told so
    void connect(Collection<Member> peers, Collection<NodeId> removed);

    /// Whether there is an open link to this node. What is sent without one is certainly not delivered, and
    /// nobody is told.
    boolean isLinked(NodeId to);

    /// Hands a message over for sending at the end of this loop turn ([#flush]). A [PeerMessage.Published] is dropped
    /// where more than a share of what may wait does ([org.bellwether.api.Limits#peerMessagesBytesMax]).
    void send(NodeId to, PeerMessage message);

    /// Lets everything sent in this turn leave.
    void flush();

    @Override
    void close();

    /// Whoever is told of what arrives.
    interface Receiver {
        void received(NodeId from, PeerMessage message);

        /// A link from this peer was opened. A newer link replaces an older one without a
        /// [#disconnected] in between.
        void connected(NodeId peer);

        /// The link from this peer closed, and was not replaced.
        void disconnected(NodeId peer);

        /// This peer says that this node was removed from the cluster.
        void expelled(NodeId by);

        /// The link to this peer closed: what was sent on it may or may not have arrived.
        void undelivered(NodeId peer);
    }
}
