package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `bell` in a process of its own, with what it printed, standard output and error together.
final class BellProcess implements AutoCloseable {
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private BellProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().start(this::read);
    }

    static BellProcess start(String... args) {
        return startWith(List.of(), args);
    }

    /// @param jvm options of its own for the JVM
    static BellProcess startWith(List<String> jvm, String... args) {
        return start(List.of(), BellProgram.words(jvm), BellProgram.flagsOfNodes(), args);
    }

    /// @param words what to give to `java` so that it runs bell
    static BellProcess startAs(List<String> words, String... args) {
        return start(List.of(), words, "", args);
    }

    /// @param before a program that becomes this one when it has done its work
    static BellProcess startIn(List<String> before, String... args) {
        return start(before, BellProgram.words(List.of()), BellProgram.flagsOfNodes(), args);
    }

    private static BellProcess start(List<String> before, List<String> words, String flagsOfNodes,
            String... args) {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(words);
        command.addAll(List.of(args));
        // Nodes of several tests, and several nodes of one, would all have the same port.
        if (args[0].equals("serve") && !List.of(args).contains("--resp"))
            command.addAll(List.of("--resp", "none"));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("BELLWETHER_NODE_FLAGS", flagsOfNodes);
        // RocksDB's loader starts three programs to find this out.
        builder.environment().put("ROCKSDB_MUSL_LIBC", "false");
        try {
            return new BellProcess(builder.start());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private void read() {
        try (var in = process.inputReader(UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException closed) {
            // The process is gone; what it said until then is there.
        }
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    String text() {
        return String.join("\n", lines());
    }

    /// The first line with this beginning, once it is there.
    String awaitLine(String beginning) {
        Await.until(() -> "'" + beginning + "' in:\n" + text(), () -> {
            if (!process.isAlive() && !reader.isAlive() && find(beginning).isEmpty())
                throw new AssertionError("ended without '" + beginning + "':\n" + text());
            return !find(beginning).isEmpty();
        });
        return find(beginning).getFirst();
    }

    private List<String> find(String beginning) {
        return lines().stream().filter(line -> line.startsWith(beginning)).toList();
    }

    /// How it ended, once it has and all it said was read.
    int awaitExit() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS))
                throw new AssertionError("still running:\n" + text());
            reader.join();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ended);
        }
        return process.exitValue();
    }

    void signal(String name) {
        signal(process.pid(), name);
    }

    static void signal(long pid, String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO()
                    .start().waitFor();
            if (code != 0)
                throw new AssertionError("kill -" + name + " " + pid + " ended with " + code);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ended);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    List<ProcessHandle> children() {
        return process.children().toList();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitExit();
    }
}
