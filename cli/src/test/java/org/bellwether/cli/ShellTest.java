package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a shell can do to a command, and Java does not notice by itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShellTest {
    private final int port = Ports.row(2);
    private final String http = "127.0.0.1:" + port;
    private BellProcess node;

    @BeforeAll
    void serve(@TempDir Path dir) {
        node = BellProcess.start("serve", "--new", "--dir", dir.toString(), "--http", http,
                "--peer", "127.0.0.1:" + (port + 1));
        node.awaitLine("serving");
        Typed.run(Exit.OK, "put", "key", "value", "--node", http);
    }

    @AfterAll
    void end() {
        node.close();
    }

    /// @param line of shell, in which `"$@"` stands for the program and what it is given
    private BellProcess typed(String line, String... args) {
        var all = new ArrayList<>(List.of(args));
        if (!args[0].startsWith("--")) all.addAll(List.of("--node", http));
        return BellProcess.startIn(List.of("sh", "-c", line, "sh"), all.toArray(String[]::new));
    }

    private static String expect(int code, BellProcess command) {
        try (command) {
            assertEquals(code, command.awaitExit(), command::text);
            return command.text();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"get key", "put other value", "--help"})
    void whatCannotBeWrittenIsNoSuccess(String command) {
        var said = expect(Exit.OUTPUT, typed("exec \"$@\" > /dev/full", command.split(" ", -1)));
        assertTrue(said.contains("not all of the output could be written: No space left"), said);
    }

    /// As for many a service.
    @Test
    void whereThereIsNoHomeAJdkIsFound() throws Exception {
        var script = new ProcessBuilder("bash", "-euo", "pipefail", "-c",
                ". build/jvm.sh; find_jdk").directory(Path.of("..").toFile())
                .redirectErrorStream(true);
        var jdk = System.getProperty("java.home");
        script.environment().remove("HOME");
        script.environment().put("JAVA_HOME", jdk);
        var process = script.start();
        var said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(jdk, said.strip());
    }

    /// They take the place of ours, but for what a node is honest by.
    @ParameterizedTest
    @ValueSource(strings = {"-Xmx300m", "-Xmx300m -XX:-ExitOnOutOfMemoryError"})
    void whoeverSetsFlagsOfNodesStillHasThemEndWithTheirMemory(String set, @TempDir Path dir)
            throws Exception {
        Files.writeString(dir.resolve("release"), "JAVA_VERSION=\"25\"\n");
        var java = Files.createDirectory(dir.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$*\"; echo \"$BELLWETHER_NODE_FLAGS\"\n");
        assertTrue(java.toFile().setExecutable(true));
        var script = new ProcessBuilder("bash", "../bell", "serve").redirectErrorStream(true);
        script.environment().putAll(Map.of("JAVA_HOME", dir.toString(), "BELL_JAR",
                Files.createFile(dir.resolve("jar")).toString(), "BELLWETHER_NODE_FLAGS", set));
        var process = script.start();
        var said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), said);
        // The first are this node's, the second those that `bell dev` hands on.
        assertEquals(2, said.lines().filter(line -> line.startsWith(
                set + " -XX:+ExitOnOutOfMemoryError")).count(), said);
    }

    /// Those of the tests have 256 MB.
    @Test
    void aNodeSaysThatItsHeapIsSmallAndWhatToDo() {
        assertTrue(node.text().contains("is small for a node"), node::text);
        var said = String.valueOf(ServeCommand.smallHeap(256 << 20));
        assertTrue(said.contains("256 MB") && said.contains("JDK_JAVA_OPTIONS=-Xmx512m"), said);
        // What the serial collector makes of 512 MB.
        assertNull(ServeCommand.smallHeap(494 << 20));
    }

    @Test
    void neitherIsItWhereNobodyListens() {
        expect(Exit.OUTPUT, typed("exec \"$@\" >&-", "get", "key"));
        // Nobody told of it, but the write is done.
        expect(Exit.OUTPUT, typed("exec \"$@\" >&-", "put", "unheard", "value"));
        assertEquals("value", Typed.run(Exit.OK, "get", "unheard", "--node", http));
        // What is said where it is heard stays as it is.
        expect(Exit.NO, typed("exec \"$@\" >&-", "get", "absent"));
    }

    /// Java has already made the same of both.
    @Test
    void argumentsThatAreNoTextAreRefused() {
        for (var octal : new String[]{"376", "377"}) {
            var key = expect(Exit.USAGE,
                    typed("exec \"$@\" \"$(printf 'k\\" + octal + "')\"", "get"));
            assertTrue(key.contains("is not UTF-8") && key.contains("percent-encoded"), key);
            var value = expect(Exit.USAGE,
                    typed("exec \"$@\" \"$(printf '\\" + octal + "')\"", "put", "text"));
            assertTrue(value.contains("is not UTF-8") && value.contains("with '-'"), value);
        }
        Typed.run(Exit.NO, "get", "text", "--node", http);
        expect(Exit.OK, typed("export LC_ALL=C.UTF-8; exec \"$@\" \"$(printf 'v\\303\\244')\"",
                "put", "text"));
        assertEquals("vä", Typed.run(Exit.OK, "get", "text", "--node", http));
        expect(Exit.OK, typed("printf '\\377' | \"$@\"", "put", "bytes", "-"));
    }

    /// Neither is it read to its end, which may be none.
    @Test
    void aValueThatIsTooLargeIsRefusedBeforeItIsSent() {
        var said = expect(Exit.USAGE, typed("\"$@\" < /dev/zero", "put", "endless", "-"));
        assertTrue(said.contains("more than 1048576 bytes"), said);
        expect(Exit.USAGE, typed("head -c 1048577 /dev/zero | \"$@\"", "put", "endless", "-"));
        Typed.run(Exit.NO, "get", "endless", "--node", http);
        expect(Exit.OK, typed("head -c 1048576 /dev/zero | \"$@\"", "put", "largest", "-"));
    }

    @Test
    void aClosedInputIsNoValue() {
        var said = expect(Exit.USAGE, typed("exec \"$@\" <&-", "put", "nothing", "-"));
        assertTrue(said.contains("it is closed"), said);
        var folder = expect(Exit.USAGE, typed("exec \"$@\" < /", "put", "nothing", "-"));
        assertTrue(folder.contains("Is a directory"), folder);
        Typed.run(Exit.NO, "get", "nothing", "--node", http);
        expect(Exit.OK, typed("exec \"$@\" < /dev/null", "put", "nothing", "-"));
    }

    /// picocli's own idea of it is that the file holds more arguments.
    @Test
    void aValueThatBeginsWithAtIsItself(@TempDir Path dir) throws IOException {
        var value = "@" + Files.writeString(dir.resolve("file"), "other");
        Typed.run(Exit.OK, "put", "at", value, "--node", http);
        assertEquals(value, Typed.run(Exit.OK, "get", "at", "--node", http));
    }

    @Test
    void whoFollowsEndsWhenNobodyReads() {
        try (var following = typed("\"$@\" | head -n 1", "events", "--follow")) {
            following.awaitLine("20");
            var state = new AtomicBoolean();
            Await.until("an end without a reader", () -> {
                // Something to tell of.
                state.set(!state.get());
                Typed.run(Exit.OK, "lease", state.get() ? "on" : "off", "--node", http);
                return !following.isAlive();
            });
        }
    }
}
