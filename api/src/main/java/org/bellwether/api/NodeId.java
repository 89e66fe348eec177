package org.bellwether.api;

import java.util.UUID;

/// The identity of a node for its whole life: unique, and sortable by the time it was made (UUID
/// version 7, RFC 9562). A folder that was wiped gets a new one.
public record NodeId(UUID uuid) implements Comparable<NodeId> {
    public static NodeId parse(String text) {
        return new NodeId(UUID.fromString(text));
    }

    /// Unsigned order of all 128 bits, which for version 7 is the order of creation.
    @Override
    public int compareTo(NodeId other) {
        int high = Long.compareUnsigned(uuid.getMostSignificantBits(),
                other.uuid.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(uuid.getLeastSignificantBits(),
                        other.uuid.getLeastSignificantBits());
    }

    @Override
    public String toString() {
        return uuid.toString();
    }
}
