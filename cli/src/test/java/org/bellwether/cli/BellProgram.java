package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

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
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/// What the tests' processes run: the classes of this build.
///
/// Such a process does not live for long, and most of what it costs is its start. So it compiles but quickly, finds
/// RocksDB's native part unpacked, and its classes parsed in a cache, which one node leaves behind when the first test
/// needs one. The JVM makes such a cache of jars only: each folder of classes becomes one.
final class BellProgram {
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED",
            // What is known of earlier lives has more compiled than a short one needs.
            "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTReplayTraining");
    private static final String FOLDERS = "program-";

    /// Made by the test that needs it first.
    private static final class Made {
        private static final BellProgram IT = make("aot", List.of());
    }

    /// Linked classes save a third of a start, but are of no use to a JVM that lets a debugger in.
    private static final class MadeForDebuggers {
        private static final BellProgram IT = make("aot-unlinked",
                List.of("-XX:-AOTClassLinking"));
    }

    private final Path folder;
    private final Path cache;

    /// @param folder where the jars, the native library and the cache are
    private BellProgram(Path folder, String cache) {
        this.folder = folder;
        this.cache = folder.resolve(cache);
    }

    /// Options for the JVM, then what it is to run.
    static List<String> words(List<String> options) {
        boolean debugged = options.stream().anyMatch(option -> option.startsWith("-agentlib:jdwp"));
        var made = debugged ? MadeForDebuggers.IT : Made.IT;
        var words = new ArrayList<>(made.flags());
        words.addAll(options);
        words.addAll(made.program());
        return words;
    }

    /// For the nodes that `bell dev` starts, which takes them from its environment. There blanks part them.
    static String flagsOfNodes() {
        return Made.IT.flags().stream().filter(flag -> !flag.contains(" "))
                .collect(Collectors.joining(" "));
    }

    private List<String> flags() {
        return Stream.concat(QUICK.stream(),
                Stream.of("-Djava.library.path=" + folder, "-XX:AOTCache=" + cache,
                        // It need not be said at every start if another JVM was put in the place of this one.
                        "-Xlog:aot=off", "-Xlog:cds=off"))
                .toList();
    }

    private List<String> program() {
        var path = entries().stream().map(entry -> jar(entry).toString())
                .collect(Collectors.joining(File.pathSeparator));
        return List.of("-cp", path, Bell.class.getName());
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

    /// @param how options for the JVM that leaves the cache behind
    private static BellProgram make(String cache, List<String> how) {
        var target = Path.of("target").toAbsolutePath();
        try {
            Files.createDirectories(target);
            // Several test runs may begin at once.
            try (var lock = FileChannel.open(target.resolve(FOLDERS + "lock"),
                    StandardOpenOption.CREATE, StandardOpenOption.WRITE); var _ = lock.lock()) {
                var folder = target.resolve(FOLDERS + Long.toHexString(fingerprint()));
                var made = new BellProgram(folder, cache);
                if (!Files.exists(folder)) {
                    deleteOld(target);
                    made.unpack();
                }
                if (!Files.exists(made.cache)) made.train(how);
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

    /// The folder, in one step: so it is whole, or not there.
    private void unpack() throws IOException {
        var unfinished = new BellProgram(
                folder.resolveSibling(folder.getFileName() + ".new"), "none");
        Files.createDirectories(unfinished.folder);
        for (var entry : entries())
            if (Files.isDirectory(entry)) pack(entry, unfinished.jar(entry));
        var library = Environment.getJniLibraryFileName("rocksdb");
        try (var in = requireNonNull(RocksDB.class.getResourceAsStream("/" + library))) {
            Files.copy(in, unfinished.folder.resolve(library));
        }
        Files.move(unfinished.folder, folder, StandardCopyOption.ATOMIC_MOVE);
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
    private void train(List<String> how) throws IOException {
        var dir = Files.createTempDirectory("bell-training");
        int port = Ports.row(4);
        try (var first = trainee(List.of(), dir, "first", port, "--new")) {
            first.awaitLine("serving");
            var made = dir.resolve("aot");
            var options = Stream.concat(Stream.of("-XX:AOTCacheOutput=" + made), how.stream())
                    .toList();
            try (var second = trainee(options, dir, "second", port + 2, "--join",
                    "127.0.0.1:" + port)) {
                second.awaitLine("n2 is level");
                second.signal("TERM");
                second.awaitExit();
                if (!Files.exists(made))
                    throw new AssertionError("no cache was made:\n" + second.text());
            }
            // In one step, so that it is whole or not there.
            var whole = Files.copy(made, folder.resolve(cache.getFileName() + ".new"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.move(whole, cache, StandardCopyOption.ATOMIC_MOVE);
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
