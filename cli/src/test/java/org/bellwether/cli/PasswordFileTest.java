package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileTest {
    private static final String LONGEST = "x".repeat(Limits.RESP_STRANGER_ARGUMENT_BYTES_MAX);

    @TempDir
    private Path dir;

    private Path file(String text) throws IOException {
        return Files.write(dir.resolve("password"), text.getBytes(ISO_8859_1));
    }

    private void reads(String password, String text) throws IOException {
        assertEquals(Bytes.wrap(password.getBytes(ISO_8859_1)), PasswordFile.read(file(text)));
    }

    @Test
    void thePasswordIsTheFirstLine() throws IOException {
        for (var end : new String[]{"", "\n", "\r\n", "\nmore", "\r\nmore\n"}) {
            reads("correct horse", "correct horse" + end);
            reads(LONGEST, LONGEST + end);
        }
        reads("a\rb", "a\rb\n");
    }

    @Test
    void aPasswordIsBytes() throws IOException {
        reads("\u00ff\u00fe\0\u0080", "\u00ff\u00fe\0\u0080\n");
    }

    @Test
    void noNodeStartsWithAPasswordThatNobodyCanGive() throws IOException {
        var limit = "over the limit of " + LONGEST.length() + " bytes";
        for (var end : new String[]{"", "\n", "\r\n", "yz\n"})
            refused(limit, file(LONGEST + "x" + end));
        refused("there is no password in ", file(""));
        refused("there is no password in ", file("\r\nx"));
        refused("no such file or folder", dir.resolve("none"));
    }

    private void refused(String why, Path file) {
        var said = Typed.run(Exit.USAGE, "serve", "--dir", dir.resolve("n").toString(),
                "--resp-password-file", file.toString());
        assertTrue(said.contains(why), said);
    }
}
