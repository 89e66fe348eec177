package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void aBackupIsCheckedOrMade(@TempDir Path dir) throws IOException {
        var file = Files.createFile(dir.resolve("b.backup"));
        expectRefusal("not both", "backup", file.toString(), "--check", "--dir", dir.toString());
    }

    @Test
    void noMoreVotersThanNodes(@TempDir Path dir) throws IOException {
        var kept = Files.createDirectories(dir.resolve("n1"));
        int ports = Ports.row(40);
        for (var nodes : new String[]{"3", "2"}) {
            // In a process of its own: it would not end if it were not refused.
            try (var dev = BellProcess.start("dev", "--voters", "5", "--nodes", nodes, "--fresh",
                    "--dir", dir.toString(), "--http-port", Integer.toString(ports),
                    "--resp-port", Integer.toString(ports + 10), "--peer-port",
                    Integer.toString(ports + 30))) {
                assertEquals(Exit.USAGE, dev.awaitExit(), dev::text);
                assertTrue(dev.text().contains("--voters 5 is more than the " + nodes + " nodes"),
                        dev::text);
            }
        }
        assertTrue(Files.exists(kept));
    }
}
