package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What makes no sense together, or at all, is refused before anybody is asked, in the words of the command line.
class OptionsTest {
    private static void expectRefusal(String mention, String... args) {
        var said = Typed.run(Exit.USAGE, args);
        assertTrue(said.contains(mention), said);
    }

    @Test
    void whatIsReadAfterAWriteIsAsFreshAsThat() {
        for (var at : new String[]{"x", "", "-1", "3.", "1e3", "0.5"})
            expectRefusal("--after takes a revision like 17 or a token like 3.17", "get", "k",
                    "--after", at);
        expectRefusal("exclude each other", "get", "k", "--after", "5", "--consistency", "local");
        expectRefusal("exclude each other", "get", "k", "--after", "3.17", "--consistency",
                "linearizable");
    }
}
