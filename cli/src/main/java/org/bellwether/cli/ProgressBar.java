package org.bellwether.cli;

/// One line on standard error that is written over and over, if somebody watches.
final class ProgressBar {
    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 100_000_000L;

    private final String what;
    private final long all;
    private final String unit;
    private final boolean watched = isTerminal();
    private final long startedNanos = System.nanoTime();
    private long drawnNanos;
    private boolean drawn;

    /// @param all how many there will be; 0 if that is not known
    ProgressBar(String what, long all, String unit) {
        this.what = what;
        this.all = all;
        this.unit = unit;
    }

    // There is none where -Djdk.console says so.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    void at(long count) {
        long now = System.nanoTime();
        if (!watched || now - drawnNanos < REDRAW_NANOS) return;
        drawnNanos = now;
        drawn = true;
        double seconds = (now - startedNanos) / 1e9;
        double share = all == 0 ? 0 : Math.min(1, (double) count / all);
        int full = (int) (share * WIDTH);
        System.err.print("\r%s [%s%s] %3.0f %% %,d %s/s, %.0f s left ".formatted(what,
                "#".repeat(full), ".".repeat(WIDTH - full), share * 100,
                (long) (count / Math.max(seconds, 0.001)), unit,
                share == 0 ? 0 : seconds / share - seconds));
    }

    void done() {
        if (drawn) System.err.println();
    }
}
