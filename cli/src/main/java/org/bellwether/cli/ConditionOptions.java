package org.bellwether.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What must hold of the key for a write to happen.
final class ConditionOptions {
    @Option(names = "--if-match", paramLabel = "REVISION",
            description = "Only if the key was last modified at this revision; '*' for any.")
    private @Nullable String match;

    @Option(names = "--if-absent", description = "Only if there is no such key.")
    private boolean absent;

    Map<String, String> headers() {
        String wanted = match;
        if (wanted != null && absent)
            throw new Failure(Exit.USAGE, "--if-match and --if-absent exclude each other");
        if (absent) return Map.of("If-None-Match", "*");
        if (wanted == null) return Map.of();
        if (!wanted.equals("*") && !wanted.matches("\\d{1,19}"))
            throw new Failure(Exit.USAGE, "--if-match takes a revision or '*', got '" + wanted
                    + "'");
        return Map.of("If-Match", wanted.equals("*") ? "*" : '"' + wanted + '"');
    }
}
