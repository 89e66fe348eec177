package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bellwether.api.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that are nearly right, made of those that clients send. Coverage leads [ParserFuzz], which is no part of this.
/// `-Dbellwether.fuzz.inputs=N` tries more of them, `-Dbellwether.fuzz.seed=S` others.
@Timeout(600)
class FuzzTest {
    private static final int INPUTS = Integer.getInteger("bellwether.fuzz.inputs", 20_000);
    private static final long SEED = Long.getLong("bellwether.fuzz.seed", System.nanoTime());
    /// Of the inputs, those that go to a process, each on a connection of its own; a disk takes longer.
    private static final int SENT_EVERY = 10;
    private static final int SENT_TO_DISK_EVERY = 20;
    private static final long GROWTH_BYTES_MAX = 4 << 20;

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
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNodeOf64MegabytesOutlivesThem(boolean whole, @TempDir Path dir) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-XX:MaxDirectMemorySize=32m", "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), FuzzedNode.class.getName()));
        if (whole) command.add(dir.resolve("node").toString());
        var process = new ProcessBuilder(command).redirectError(dir.resolve("log").toFile())
                .start();
        try (var out = process.inputReader(ISO_8859_1)) {
            var address = new Address("127.0.0.1", Integer.parseInt(out.readLine()));
            try (var proper = new RespClient(address)) {
                assail(INPUTS / (whole ? SENT_TO_DISK_EVERY : SENT_EVERY), address, proper,
                        process, out);
            }
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /// The second half takes no more memory than the first has.
    private static void assail(int sent, Address address, RespClient proper, Process process,
            BufferedReader out) throws IOException {
        var mutator = new RequestMutator(new SplittableRandom(SEED));
        for (int i = 0; i < sent / 2; i++)
            assail(address, proper, mutator.next(), i);
        long halfway = usedBytes(proper, process, out);
        for (int i = sent / 2; i < sent; i++)
            assail(address, proper, mutator.next(), i);
        long used = usedBytes(proper, process, out);
        assertTrue(used - halfway <= GROWTH_BYTES_MAX,
                "seed " + SEED + ": " + used + " bytes of heap, and " + halfway + " halfway");
    }

    /// Without any key, and any client but the proper one.
    private static long usedBytes(RespClient proper, Process process, BufferedReader out)
            throws IOException {
        assertEquals("+OK", proper.say("FLUSHALL"));
        FakeNode.await("connections to end", () -> {
            try {
                return proper.say("INFO clients").toString().contains("connected_clients:1\r\n");
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return Long.parseLong(out.readLine());
    }

    private static void assail(Address address, RespClient proper, String input, int i)
            throws IOException {
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
