package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What shows only where a write takes its time, and where keys are read from views.
@Timeout(120)
class RealNodeTest {
    private RealNode node;
    private RespClient client;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        node = new RealNode(dir);
        client = node.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        node.close();
    }

    /// `GETEX` without an option reads, whatever it is in the table.
    @Test
    void aPipelineSeesItsOwnWrites_alsoByGetex() throws Exception {
        for (int i = 0; i < 100; i++) {
            client.raw(RespClient.request("SET", "k", "a" + i) + RespClient.request("GETEX", "k")
                    + RespClient.request("SET", "k", "b" + i)
                    + RespClient.request("GETEX", "k", "PERSIST")
                    + RespClient.request("GETEX", "k"));
            assertEquals("+OK", client.read());
            assertEquals("a" + i, client.read());
            assertEquals("+OK", client.read());
            assertEquals("b" + i, client.read());
            assertEquals("b" + i, client.read());
        }
    }

    /// It is drawn from a view that is older than what this client has done since.
    @Test
    void aKeyThatIsGoneIsNotDrawn() throws Exception {
        for (int i = 0; i < 40; i++)
            assertEquals("+OK", client.say("SET k" + i + " v"));
        for (int left = 40; left > 1; left--) {
            var drawn = (String) client.say("RANDOMKEY");
            assertEquals(1L, client.say("DEL " + drawn));
            var next = (String) client.say("RANDOMKEY");
            assertNotEquals(drawn, next);
            assertEquals(1L, client.say("EXISTS " + next), next);
        }
        for (int i = 0; i < 100; i++)
            assertEquals("+OK", client.say("SET n" + i + " v"));
        client.say("RANDOMKEY");
        for (int i = 0; i < 100; i++)
            client.say("DEL n" + i);
        for (int i = 0; i < 100; i++) {
            var last = (String) client.say("RANDOMKEY");
            assertEquals(1L, client.say("EXISTS " + last), last);
        }
    }

    @Test
    void noKeyIsDrawnAfterAllAreGone() throws Exception {
        for (int i = 0; i < 200; i++)
            assertEquals("+OK", client.say("SET k" + i + " v"));
        client.say("RANDOMKEY");
        assertEquals("+OK", client.say("FLUSHALL"));
        assertEquals("null", client.say("RANDOMKEY"));
        assertEquals("+OK", client.say("SET only 1"));
        for (int i = 0; i < 10; i++)
            assertEquals("only", client.say("RANDOMKEY"));
    }
}
