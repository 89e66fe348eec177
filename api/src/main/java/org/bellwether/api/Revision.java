package org.bellwether.api;

/// A value of the store's write counter: one 64-bit count over all writes of all keys, starting at 1.
/// A command that changes nothing takes no revision.
public record Revision(long number) implements Comparable<Revision> {
    /// The revision of a store that was never written to.
    public static final Revision NONE = new Revision(0);

    public Revision {
        if (number < 0) {
            throw new IllegalArgumentException("a revision is not negative: " + number);
        }
    }

    public Revision next() {
        return new Revision(number + 1);
    }

    @Override
    public int compareTo(Revision other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
