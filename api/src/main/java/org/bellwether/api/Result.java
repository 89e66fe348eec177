package org.bellwether.api;

import java.util.List;

/// What an applied command or a read gives back.
public sealed interface Result {
    /// A put. @param created whether the key did not exist before
    record Written(boolean created) implements Result {}

    /// A delete. @param existed whether there was something to delete
    record Deleted(boolean existed) implements Result {}

    /// One result for each command of a batch, in its order.
    record Batch(List<Result> results) implements Result {}

    /// A read that found the key.
    record Found(Versioned value) implements Result {}

    /// A read that found no such key.
    record Absent() implements Result {
        public static final Absent ABSENT = new Absent();
    }
}
