package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a newcomer must not forget.
class SeatFileTest {
    @TempDir
    Path dir;

    private Path nonceFile() {
        return dir.resolve("join.nonce");
    }

    @Test
    void whoeverAsksAgainAsksWithTheSameNonce() throws Exception {
        var first = new SeatFile(dir).nonce();
        assertEquals(first, new SeatFile(dir).nonce());
        assertEquals(first + "\n", Files.readString(nonceFile()));
    }

    /// Nobody has asked with it yet.
    @Test
    void aNonceThatWasNotKeptWholeDoesNotCount() throws Exception {
        Files.writeString(dir.resolve("join.nonce.new"), "0198");
        var nonce = new SeatFile(dir).nonce();
        assertEquals(nonce, new SeatFile(dir).nonce());
    }

    /// Another one would let this node in twice.
    @Test
    void aDamagedNonceIsNotReplaced() throws Exception {
        Files.writeString(nonceFile(), "not one");
        var refused = assertThrows(StartException.class, () -> new SeatFile(dir).nonce());
        assertTrue(String.valueOf(refused.getMessage()).contains(nonceFile().toString()),
                refused::getMessage);
        assertEquals("not one", Files.readString(nonceFile()));
    }
}
