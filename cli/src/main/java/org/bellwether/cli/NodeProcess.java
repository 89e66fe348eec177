package org.bellwether.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A node as a process of its own: the same Java and the same classes as this one, `bell serve`.
final class NodeProcess {
    /// JVM flags for nodes; `./bell` sets it, and so may anybody.
    private static final String FLAGS = "BELLWETHER_NODE_FLAGS";
    private static final String LOG = "node.log";
    private static final String PID = "node.pid";

    private NodeProcess() {}

    /// Starts a node that ends when this process does.
    static Process startTied(Path folder, List<String> options) {
        var more = new ArrayList<>(options);
        more.add("--until-eof");
        return start(folder, Redirect.PIPE, more);
    }

    /// Starts a node that outlives this process.
    static Process startFree(Path folder, List<String> options) {
        return start(folder, Redirect.from(new File("/dev/null")), options);
    }

    private static Process start(Path folder, Redirect input, List<String> more) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String set = System.getenv(FLAGS);
        if (set != null && !set.isBlank()) command.addAll(List.of(set.strip().split("\\s+")));
        command.addAll(program());
        command.addAll(List.of("serve", "--dir", folder.toString()));
        command.addAll(more);
        var log = Redirect.appendTo(folder.resolve(LOG).toFile());
        try {
            Files.createDirectories(folder);
            return new ProcessBuilder(command).redirectInput(input).redirectOutput(log)
                    .redirectError(log).start();
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot start a node: " + Reason.of(broken));
        }
    }

    /// The same that runs here. A jar says in its manifest that it calls native code; a class path cannot.
    private static List<String> program() {
        String path = System.getProperty("java.class.path");
        return path.endsWith(".jar") && !path.contains(File.pathSeparator)
                ? List.of("-jar", path)
                : List.of("--enable-native-access=ALL-UNNAMED", "-cp", path, Bell.class.getName());
    }

    /// The living process that last wrote its ID into this folder.
    static Optional<ProcessHandle> running(Path folder) {
        try {
            long pid = Long.parseLong(Files.readString(folder.resolve(PID)).strip());
            // Numbers are used again: it must at least be a Java.
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive)
                    .filter(handle -> handle.info().command().orElse("java").contains("java"));
        } catch (IOException | NumberFormatException none) {
            return Optional.empty();
        }
    }

    /// What the node said last, for whoever wonders why it ended.
    static String lastWords(Path folder) {
        try {
            var lines = Files.readAllLines(folder.resolve(LOG));
            return lines.isEmpty() ? "it said nothing" : lines.getLast();
        } catch (IOException unreadable) {
            return "its log cannot be read: " + Reason.of(unreadable);
        }
    }
}
