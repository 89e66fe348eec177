package org.bellwether.server.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process that has no file descriptor left ([FewDescriptors]).
@Timeout(120)
class AcceptErrorsTest {
    private static final Path BASH = Path.of("/bin/bash");
    private static final int CLIENTS = 40;
    /// A slow machine makes it longer, and nothing makes it shorter.
    private static final long PAUSE_MILLIS = 900;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource
    void whoWaitsForADescriptorIsTriedForNowAndThen_andGetsIn(EventLoops.Kind kind)
            throws Exception {
        assumeTrue(kind.isAvailable() && Files.exists(BASH));
        var log = dir.resolve("log");
        var process = start(kind, log);
        var clients = new ArrayList<Socket>();
        try (var out = process.inputReader()) {
            int port = Integer.parseInt(out.readLine());
            for (int i = 0; i < CLIENTS; i++)
                clients.add(new Socket("127.0.0.1", port));
            for (int i = 0; i < FewDescriptors.FREE; i++)
                assertEquals(FewDescriptors.GREETING, clients.get(i).getInputStream().read());
            long gap = millisBetweenTries(process, out);
            assertTrue(gap >= PAUSE_MILLIS, gap + " ms between two tries");
            for (int i = 0; i < CLIENTS - FewDescriptors.FREE; i++)
                clients.get(i).close();
            for (var left : clients.subList(CLIENTS - FewDescriptors.FREE, CLIENTS))
                assertEquals(FewDescriptors.GREETING, left.getInputStream().read());
        } finally {
            for (var client : clients)
                client.close();
            process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        }
        assertTrue(Files.size(log) < 10_000, Files.size(log) + " bytes of log");
        var warnings = Files.readAllLines(log).stream()
                .filter(line -> line.contains("cannot accept connections at")).toList();
        assertEquals(1, warnings.size(), warnings::toString);
    }

    private static long millisBetweenTries(Process process, BufferedReader out) throws Exception {
        process.outputWriter().append('\n').flush();
        return Long.parseLong(out.readLine());
    }

    private static Process start(EventLoops.Kind kind, Path log) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = List.of(BASH.toString(), "-c", "ulimit -n 256; exec \"$@\"", "few", java,
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                FewDescriptors.class.getName(), kind.name());
        return new ProcessBuilder(command).redirectError(log.toFile()).start();
    }
}
