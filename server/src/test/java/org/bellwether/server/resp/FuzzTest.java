package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.api.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that are nearly right. `-Dbellwether.fuzz.inputs=N` tries more of them, `-Dbellwether.fuzz.seed=S` others.
@Timeout(600)
class FuzzTest {
    private static final int INPUTS = Integer.getInteger("bellwether.fuzz.inputs", 20_000);
    private static final long SEED = Long.getLong("bellwether.fuzz.seed", System.nanoTime());
    /// Of the inputs, those that go to a process, each on a connection of its own.
    private static final int SENT_EVERY = 10;

    /// Without an exception, and the same wherever the bytes are cut.
    @Test
    void theParserMakesTheSameOfThemHoweverTheyAreCut() {
        var random = new SplittableRandom(SEED);
        var mutator = new RequestMutator(random);
        for (int i = 0; i < INPUTS; i++) {
            var input = mutator.next();
            var whole = Conversation.of(input);
            var pieces = new Conversation();
            int piecesMax = 1 + random.nextInt(40);
            for (int at = 0; at < input.length() && !pieces.isRefused();) {
                int end = Math.min(input.length(), at + 1 + random.nextInt(piecesMax));
                pieces.say(input.substring(at, end));
                at = end;
            }
            assertEquals(whole, pieces.heard(), "seed " + SEED + ", input " + i);
        }
    }

    /// In little memory, and whoever speaks properly is answered all the time.
    @Test
    void aNodeOf64MegabytesOutlivesThem(@TempDir Path dir) throws Exception {
        var process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-XX:MaxDirectMemorySize=32m", "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), FuzzedNode.class.getName())
                .redirectError(dir.resolve("log").toFile()).start();
        try (var out = process.inputReader(ISO_8859_1)) {
            var address = new Address("127.0.0.1", Integer.parseInt(out.readLine()));
            try (var proper = new RespClient(address)) {
                assail(address, proper);
            }
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void assail(Address address, RespClient proper) throws IOException {
        var mutator = new RequestMutator(new SplittableRandom(SEED));
        for (int i = 0; i < INPUTS / SENT_EVERY; i++) {
            var input = mutator.next();
            try (var own = new Socket(address.host(), address.port())) {
                own.getOutputStream().write(input.getBytes(ISO_8859_1));
                own.shutdownOutput();
                own.setSoTimeout((int) FakeNode.HANG.toMillis());
                own.getInputStream().readAllBytes();
            } catch (IOException cut) {
                // By us, with bytes unread: a reset.
                assertTrue(String.valueOf(cut.getMessage()).matches(".*(reset|Broken pipe).*"),
                        () -> "seed " + SEED + ": " + cut);
            }
            assertEquals(List.of("+PONG", "+OK", "v" + i),
                    List.of(proper.say("PING"), proper.say("SET proper v" + i),
                            proper.say("GET proper")),
                    "seed " + SEED + ", input " + i);
        }
    }
}
