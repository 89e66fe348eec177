package org.bellwether.simulation;

/// Throwables in words, with the lines that say where they came from.
final class Failures {
    private static final int LINES_MAX = 12;

    private Failures() {}

    static String describe(Throwable failure) {
        var text = new StringBuilder(failure.toString());
        int lines = 0;
        for (var frame : failure.getStackTrace()) {
            if (lines++ == LINES_MAX) break;
            text.append("\n    at ").append(frame);
        }
        if (failure.getCause() != null)
            text.append("\n  because of ").append(describe(failure.getCause()));
        return text.toString();
    }
}
