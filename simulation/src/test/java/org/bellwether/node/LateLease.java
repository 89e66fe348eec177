package org.bellwether.node;

/// Reckons from when the echoes came, which may have waited while this node was stopped and another was elected.
public final class LateLease extends Lease {
    @Override
    protected long start(long sentNanos, long echoedNanos) {
        return echoedNanos;
    }
}
