package org.bellwether.api;

import java.util.UUID;

/// The identity of a cluster, made once when it is bootstrapped. Nodes of different clusters refuse
/// to talk to each other.
public record ClusterId(UUID uuid) {
    public static ClusterId parse(String text) {
        return new ClusterId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return uuid.toString();
    }
}
