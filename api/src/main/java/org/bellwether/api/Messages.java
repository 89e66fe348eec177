package org.bellwether.api;

/// Messages to whoever listens at this moment, on any node (Redis's `PUBLISH`).
///
/// *Threads.* As [KeyValueStore]: everything on the node's loop.
/// *Durability.* None: a message is kept nowhere, and does not pass the log. A listener gets it once or not at
/// all; those that one node publishes come in their order, wherever they come at all. They are dropped on the way to a
/// node for which more than [Limits#peerMessagesBytesMax] wait.
public interface Messages {
    /// Hands a message to the listeners of this node, and sends it to every other node.
    ///
    /// @throws IllegalArgumentException if channel and message are longer than [Limits#messageBytesMax] together
    void publish(Bytes channel, Bytes message);

    /// From now on it is told of every message, published on whichever node.
    void listen(Listener listener);

    /// Whoever wants to know. It is told in the midst of the node's work, which ends if it throws.
    interface Listener {
        void published(Bytes channel, Bytes message);
    }
}
