package org.bellwether.api;

import java.util.List;

/// What an applied command or a read gives back.
public sealed interface Result {
    /// A put. @param created whether the key did not exist before
    record Written(boolean created) implements Result {}

    /// A delete. @param existed whether there was something to delete
    record Deleted(boolean existed) implements Result {}

    /// What a write of [Ack#ALL] came to.
    ///
    /// @param everywhere whether every voter has it on disk; else only a majority is known to
    record Replicated(Result result, boolean everywhere) implements Result {}

    /// A newcomer was let in, now or when it asked before.
    ///
    /// @param bootstrap the first entry of the cluster's log, which every node's log begins with
    /// @param members   all nodes, the newcomer included
    record Joined(NodeId node, ClusterId cluster, Bytes bootstrap,
            List<Member> members) implements Result {
        public Joined {
            members = List.copyOf(members);
        }
    }

    /// A change to the list of nodes, or to who leads, was made.
    record Done() implements Result {
        public static final Done DONE = new Done();
    }

    /// One result for each command of a batch, in its order.
    record Batch(List<Result> results) implements Result {}

    /// A read that found the key.
    record Found(Versioned value) implements Result {}

    /// A read that found no such key.
    record Absent() implements Result {
        public static final Absent ABSENT = new Absent();
    }
}
