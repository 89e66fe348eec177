package org.bellwether.server.transport;

import java.time.Duration;
import java.util.function.Consumer;

/// Lines for the log about what strangers do, at most a few in any interval: whoever can reach the port
/// can cause them, and must not fill the disk with them.
final class Warnings {
    static final int LINES_MAX = 20;
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Consumer<String> log;
    private long since = System.nanoTime();
    private int lines;
    private int left;

    Warnings(Consumer<String> log) {
        this.log = log;
    }

    void warn(String line) {
        long now = System.nanoTime();
        if (now - since >= INTERVAL.toNanos()) {
            if (left > 0) log.accept(left + " more warnings about peer links were left out");
            since = now;
            lines = 0;
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
