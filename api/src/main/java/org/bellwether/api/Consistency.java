package org.bellwether.api;

/// How fresh a read must be.
public sealed interface Consistency {
    Consistency LINEARIZABLE = new Linearizable();
    Consistency LOCAL = new Local();
    Consistency LEASE = new Lease();

    /// Sees every write that was acknowledged anywhere before the read began. Any node can serve it: a
    /// replica asks the leader how far it must have applied, waits until it has, and reads its own state.
    record Linearizable() implements Consistency {}

    /// Sees as much. While lease reads are switched on for the cluster, a leader that was confirmed a moment ago
    /// serves it without asking anybody, which trusts that no two clocks run at very different rates. Wherever and
    /// whenever that is not so, it is a linearizable read.
    record Lease() implements Consistency {}

    /// Whatever this node has applied. Never waits; may be stale, and the answer says by how much.
    record Local() implements Consistency {}

    /// This node's own state, once it has applied a certain write: so whoever wrote it reads it on any replica.
    sealed interface AfterWrite extends Consistency {}

    /// The write that made this revision, and all before it.
    record AtLeast(Revision revision) implements AfterWrite {}

    /// One that is known by its token. Refused with [Refusal.Lost] if it was lost.
    record Including(Token write) implements AfterWrite {}
}
