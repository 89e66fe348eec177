package org.bellwether.cli;

/// How far something is that takes a while, on standard error, if somebody watches.
final class ProgressBar {
    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 100_000_000L;

    private final String what;
    private final long all;
    private final String unit;
    private final boolean watched = ProgressLine.isTerminal();
    private final ProgressLine line = new ProgressLine(System.err, watched);
    private final long startedNanos = System.nanoTime();
    private long drawnNanos;

    /// @param all how many there will be; 0 if that is not known
    ProgressBar(String what, long all, String unit) {
        this.what = what;
        this.all = all;
        this.unit = unit;
    }

    void at(long count) {
        long now = System.nanoTime();
        if (!watched || now - drawnNanos < REDRAW_NANOS) return;
        drawnNanos = now;
        double seconds = (now - startedNanos) / 1e9;
        double share = all == 0 ? 0 : Math.min(1, (double) count / all);
        line.show("%s %s %3.0f %%, %,d %s/s, %.0f s left".formatted(what, bar(share), share * 100,
                (long) (count / Math.max(seconds, 0.001)), unit,
                share == 0 ? 0 : seconds / share - seconds));
    }

    /// @param share from 0 to 1
    static String bar(double share) {
        int full = (int) (share * WIDTH);
        return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
    }

    void done() {
        line.end();
    }
}
