package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/// How far something is, as it is drawn.
class ProgressTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private ProgressLine line(boolean terminal) {
        return new ProgressLine(new PrintStream(out, true, UTF_8), terminal);
    }

    private String shown() {
        return out.toString(UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void aBarFillsUp() {
        assertEquals("[" + ".".repeat(30) + "]", ProgressBar.bar(0));
        assertEquals("[" + "#".repeat(15) + ".".repeat(15) + "]", ProgressBar.bar(0.5));
        assertEquals("[" + "#".repeat(30) + "]", ProgressBar.bar(1));
    }

    @Test
    void aTerminalsLineIsRewritten() {
        var line = line(true);
        line.show("half of it");
        line.show("all");
        line.end();
        assertEquals("\rhalf of it\rall       \n", shown());
    }

    /// Where every line stays, as in a file, one is enough.
    @Test
    void elsewhereTheFirstStateIsALine() {
        var line = line(false);
        line.show("half of it");
        line.show("all");
        line.end();
        line.show("the next");
        assertEquals("half of it\nthe next\n", shown());
    }
}
