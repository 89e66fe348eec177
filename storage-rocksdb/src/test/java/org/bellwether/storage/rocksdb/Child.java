package org.bellwether.storage.rocksdb;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Another JVM with the tests' classes; its output comes here line by line.
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Child(List<String> before, Class<?> main, String... arguments) throws IOException {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path",
                        System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
        this.output = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// @return null at its end
    @Nullable
    String line() throws IOException {
        return output.readLine();
    }

    String rest() throws IOException {
        var text = new StringBuilder();
        for (var line = line(); line != null; line = line())
            text.append(line).append('\n');
        return text.toString();
    }

    /// `kill -9`; what it has said can still be read.
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
