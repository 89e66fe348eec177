package org.bellwether.api;

/// What is applied on this node, change by change.
///
/// *Threads.* As [KeyValueStore]: everything on the node's loop.
/// *Order.* That of the log. Every node tells the same changes in the same order, each when it has applied them; what
/// is applied while nobody follows is told to nobody.
public interface ChangeFeed {
    /// From now on it is told.
    void follow(Follower follower);

    /// From now on it is not. Of one that does not follow, nothing is changed.
    void unfollow(Follower follower);

    /// Whoever wants to know. It must not write from within, and the node stops if it throws.
    interface Follower {
        void changed(KeyChange change);

        /// Every key was removed at once.
        void cleared(Revision at);

        /// A snapshot took the place of the tables: what changed until this revision is not told.
        void jumped(Revision to);
    }
}
