package org.bellwether.node;

import java.util.List;
import org.bellwether.api.Member;

/// A node's place in the cluster, for as long as its log does not list it: a newcomer's log begins before it
/// came.
///
/// @param contacts whom to be linked to meanwhile
public record Seat(Member self, List<Member> contacts) {
    public Seat {
        contacts = List.copyOf(contacts);
    }

    /// Of a node that its log lists.
    public static Seat of(Member self) {
        return new Seat(self, List.of());
    }
}
