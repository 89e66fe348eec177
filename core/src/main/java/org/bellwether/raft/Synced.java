package org.bellwether.raft;

/// What now survives power loss: the log up to `last`, and `ballot`.
public record Synced(Position last, Ballot ballot) {}
