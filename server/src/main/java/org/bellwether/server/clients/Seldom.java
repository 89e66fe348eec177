package org.bellwether.server.clients;

import org.slf4j.Logger;

/// A line in the log that others can make us write as often as they like: once a minute.
public final class Seldom {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final Logger log;
    private long lastNanos = System.nanoTime() - MINUTE_NANOS;

    public Seldom(Logger log) {
        this.log = log;
    }

    public void warn(String line, Object... parts) {
        if (isDue()) log.warn(line, parts);
    }

    public void error(String line, Throwable why) {
        if (isDue()) log.error(line, why);
    }

    private boolean isDue() {
        long now = System.nanoTime();
        if (now - lastNanos < MINUTE_NANOS) return false;
        lastNanos = now;
        return true;
    }
}
