package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/// What the tests' processes run: the classes of this build.
///
/// Such a process does not live for long, and most of what it costs is its start. So it compiles but quickly, and finds
/// its classes parsed in a cache, which one node leaves behind when the first test needs one. The JVM makes such a cache
/// of jars only: each folder of classes becomes one.
final class BellProgram {
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED");
    private static final String FOLDERS = "program-";

    /// Made by the test that needs it first.
    private static final class Made {
        private static final BellProgram IT = make();
    }

    private final Path folder;

    /// @param folder where the jars and the cache are
    private BellProgram(Path folder) {
        this.folder = folder;
    }

    /// Options for the JVM, then what it is to run.
    static List<String> words(List<String> options) {
        var words = new ArrayList<>(Made.IT.flags());
        words.addAll(options);
        words.addAll(Made.IT.program());
        return words;
    }

    /// For the nodes that `bell dev` starts, which takes them from its environment. There blanks part them.
    static String flagsOfNodes() {
        return Made.IT.flags().stream().filter(flag -> !flag.contains(" "))
                .collect(Collectors.joining(" "));
    }

    private List<String> flags() {
        return Stream.concat(QUICK.stream(),
                // It need not be said at every start if another JVM was put in the place of this one.
                Stream.of("-XX:AOTCache=" + cache(), "-Xlog:aot=off", "-Xlog:cds=off")).toList();
    }

    private List<String> program() {
        var path = entries().stream().map(entry -> jar(entry).toString())
                .collect(Collectors.joining(File.pathSeparator));
        return List.of("-cp", path, Bell.class.getName());
    }

    private Path cache() {
        return folder.resolve("aot");
    }

    /// Of what the tests see, all but themselves.
    private static List<Path> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .filter(entry -> !entry.endsWith("test-classes") && Files.exists(entry)).toList();
    }

    private Path jar(Path entry) {
        return Files.isDirectory(entry)
                ? folder.resolve(entries().indexOf(entry) + ".jar")
                : entry;
    }

    private static BellProgram make() {
        var target = Path.of("target").toAbsolutePath();
        try {
            Files.createDirectories(target);
            // Several test runs may begin at once.
            try (var lock = FileChannel.open(target.resolve(FOLDERS + "lock"),
                    StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = lock.lock()) {
                var folder = target.resolve(FOLDERS + Long.toHexString(fingerprint()));
                var made = new BellProgram(folder);
                if (!Files.exists(made.cache())) {
                    deleteOld(target);
                    Files.createDirectories(folder);
                    for (var entry : entries())
                        if (Files.isDirectory(entry)) pack(entry, made.jar(entry));
                    made.train();
                }
                return made;
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// The JVM may not notice that a cache was made from other classes, and run those.
    private static long fingerprint() throws IOException {
        var sum = new CRC32();
        for (var entry : entries()) {
            sum.update((entry + " " + Files.getLastModifiedTime(entry)).getBytes(UTF_8));
            if (Files.isDirectory(entry)) {
                for (var file : files(entry))
                    sum.update(Files.readAllBytes(file));
            }
        }
        return sum.getValue();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (var file : files(classes)) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()
                        .replace(File.separatorChar, '/')));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
    }

    private static void deleteOld(Path target) throws IOException {
        try (var all = Files.list(target)) {
            for (var folder : all.filter(Files::isDirectory).filter(
                    each -> each.getFileName().toString().startsWith(FOLDERS)).toList())
                delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(each);
        }
    }

    /// By a newcomer, which has to ask as a client does, and comes to be the second node of a cluster: so it goes
    /// through what nodes and commands need.
    private void train() throws IOException {
        var dir = Files.createTempDirectory("bell-training");
        int port = Ports.row(4);
        try (var first = trainee(List.of(), dir, "first", port, "--new")) {
            first.awaitLine("serving");
            var made = dir.resolve("aot");
            // Linked classes are of no use to a JVM that lets a debugger in.
            var options = List.of("-XX:AOTCacheOutput=" + made, "-XX:-AOTClassLinking");
            try (var second = trainee(options, dir, "second", port + 2, "--join",
                    "127.0.0.1:" + port)) {
                second.awaitLine("n2 is level");
                second.signal("TERM");
                second.awaitExit();
                if (!Files.exists(made))
                    throw new AssertionError("no cache was made:\n" + second.text());
            }
            // In one step, so that it is whole or not there.
            var whole = Files.copy(made, folder.resolve("aot.new"));
            Files.move(whole, cache(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(dir);
        }
    }

    private BellProcess trainee(List<String> options, Path dir, String name, int port,
            String... how) {
        var words = Stream.of(QUICK, options, program()).flatMap(List::stream).toList();
        var args = Stream.concat(Stream.of("serve", "--dir", dir.resolve(name).toString(), "--http",
                "127.0.0.1:" + port, "--peer", "127.0.0.1:" + (port + 1)), Stream.of(how));
        return BellProcess.startAs(words, args.toArray(String[]::new));
    }
}
