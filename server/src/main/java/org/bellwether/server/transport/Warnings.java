package org.bellwether.server.transport;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/// Lines for the log about what strangers do, at most a few in any interval: whoever can reach the port
/// can cause them, and must not fill the disk with them.
final class Warnings {
    static final int LINES_MAX = 20;
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Consumer<String> log;
    private final Set<String> kinds = new HashSet<>();
    private long since = System.nanoTime();
    private int lines;
    private int left;

    Warnings(Consumer<String> log) {
        this.log = log;
    }

    /// One of each kind in an interval: whoever is refused tries again, and again.
    void warn(String kind, String line) {
        boolean isKnown = kinds.contains(kind)
                && System.nanoTime() - since < INTERVAL.toNanos();
        if (isKnown) {
            left++;
            return;
        }
        warn(line);
        if (kinds.size() < LINES_MAX) kinds.add(kind);
    }

    void warn(String line) {
        long now = System.nanoTime();
        if (now - since >= INTERVAL.toNanos()) {
            if (left > 0) log.accept(left + " more warnings about peer links were left out");
            since = now;
            lines = 0;
            kinds.clear();
            left = 0;
        }
        if (lines < LINES_MAX) {
            lines++;
            log.accept(line);
        } else {
            left++;
        }
    }
}
