package org.bellwether.raft;

/// Where chance comes from: the core has none of its own, so that a seed replays it.
@FunctionalInterface
public interface Dice {
    /// A number from 0 (inclusive) to `bound` (exclusive), each as likely.
    int roll(int bound);
}
