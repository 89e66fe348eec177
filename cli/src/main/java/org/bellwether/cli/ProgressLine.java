package org.bellwether.cli;

import java.io.PrintStream;

/// A line that says how far something is. On a terminal it is rewritten; elsewhere, where every line stays,
/// only its first state is printed.
final class ProgressLine {
    private final PrintStream out;
    private final boolean terminal;
    private int shown;

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    // Null again where JDK 25 finds no terminal, whatever 22 to 24 did.
    @SuppressWarnings("SystemConsoleNull")
    static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    void show(String text) {
        if (terminal) {
            // What is left of a longer text before is blanked out.
            out.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
            out.flush();
        } else if (shown == 0) {
            out.println(text);
        }
        shown = text.length();
    }

    /// What is printed next stands on a line of its own.
    void end() {
        if (terminal && shown > 0) out.println();
        shown = 0;
    }
}
