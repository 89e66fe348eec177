package org.bellwether.api;

/// How fresh a read must be.
public enum Consistency {
    /// Sees every write that was acknowledged anywhere before the read began. Any node can serve it: a
    /// replica asks the leader how far it must have applied, waits until it has, and reads its own state.
    LINEARIZABLE,
    /// Whatever this node has applied. Never waits; may be stale, and the answer says by how much.
    LOCAL
}
