package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `bell` knows its commands, whether one is named or not.
class BellTest {
    private static final String[] COMMANDS = {"serve", "dev", "get", "put", "delete", "status",
            "events", "leave", "remove", "transfer", "voters", "lease", "backup", "restore",
            "check",
            "recover", "verify", "simulate", "version"};

    @Test
    void helpListsAllThatIsNotHidden() {
        var help = Typed.run(Exit.OK, "--help");
        for (var command : COMMANDS)
            assertTrue(help.lines().anyMatch(line -> line.startsWith("  " + command + " ")), help);
        assertFalse(help.contains("rehearse"), help);
    }

    @Test
    void eachIsFoundByItsName_andHasTheCommonOptions() {
        for (var command : COMMANDS) {
            var help = Typed.run(Exit.OK, command, "--help");
            assertTrue(help.contains("Usage: bell " + command), help);
            assertTrue(help.contains("Exit codes: "), help);
            assertTrue(Typed.run(Exit.OK, command, "--version").startsWith("Bellwether "));
            Typed.run(Exit.USAGE, command, "--no-such-option");
        }
        assertTrue(Typed.run(Exit.OK, "dev", "add", "--help").contains("Usage: bell dev add"));
    }

    @Test
    void helpIsACommandToo() {
        for (var options : List.of(List.<String>of(), List.of("serve"), List.of("dev", "add"))) {
            var help = new ArrayList<>(List.of("help"));
            help.addAll(options);
            var asked = new ArrayList<>(options);
            asked.add("--help");
            assertEquals(Typed.run(Exit.OK, asked.toArray(String[]::new)),
                    Typed.run(Exit.OK, help.toArray(String[]::new)));
        }
        assertTrue(Typed.run(Exit.USAGE, "help", "staus").contains("bell status"));
    }

    @Test
    void whatIsUnknownIsRefused_andTheNearestIsNamed() {
        var said = Typed.run(Exit.USAGE, "staus");
        assertTrue(said.contains("bell status"), said);
        Typed.run(Exit.USAGE);
        Typed.run(Exit.USAGE, "--no-such-option");
    }
}
