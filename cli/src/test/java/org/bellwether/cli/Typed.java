package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/// Commands that answer and end, run in this process: to start a JVM for each takes a hundred times as long as what it
/// is to do. That `bell` is a program as well show [BellProcess], which nodes need, and the tests that are about it.
final class Typed {
    private Typed() {}

    /// What a command printed, standard output and error together, that ended with this code.
    static String run(int exit, String... args) {
        var said = new ByteArrayOutputStream();
        int code = runInto(said, args);
        assertEquals(exit, code, () -> String.join(" ", args) + ":\n" + said.toString(UTF_8));
        return said.toString(UTF_8).stripTrailing();
    }

    /// However it ended.
    static String run(String... args) {
        var said = new ByteArrayOutputStream();
        runInto(said, args);
        return said.toString(UTF_8).stripTrailing();
    }

    /// One at a time, since all of a process prints to the same place.
    private static synchronized int runInto(ByteArrayOutputStream said, String... args) {
        var out = System.out;
        var err = System.err;
        try (var into = new PrintStream(said, true, UTF_8)) {
            System.setOut(into);
            System.setErr(into);
            return Bell.execute(args);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
