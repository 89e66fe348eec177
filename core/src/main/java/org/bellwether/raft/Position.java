package org.bellwether.raft;

/// A place in the log: the term that made the entry and its index. Two logs that hold the same position
/// are the same up to it (the Log Matching Property, Raft §5.3).
public record Position(long term, long index) {
    /// Before the first entry.
    public static final Position NONE = new Position(0, 0);

    public Position {
        if (term < 0 || index < 0) {
            throw new IllegalArgumentException("not a position: term " + term + ", index " + index);
        }
    }

    /// Raft §5.4.1: the later last term wins; with equal terms the longer log wins.
    public boolean isAtLeastAsUpToDateAs(Position other) {
        return term != other.term ? term > other.term : index >= other.index;
    }

    @Override
    public String toString() {
        return term + "." + index;
    }
}
