package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// On file systems of their own, seen only by a child process: one that is full, and ones from which no
/// program may be run. Skipped where mounting is not allowed.
@Timeout(120)
class MountTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @BeforeEach
    void requireMounts() throws IOException, InterruptedException {
        Process trial;
        try {
            trial = new ProcessBuilder(mounted("size=1m", List.of("true"))).start();
        } catch (IOException noSuchProgram) {
            assumeTrue(false, "no unshare here");
            return;
        }
        assumeTrue(trial.waitFor(10, TimeUnit.SECONDS) && trial.exitValue() == 0,
                "mounting is not allowed");
    }

    private List<String> mounted(String options, List<String> command) {
        var all = new ArrayList<>(List.of("unshare", "-Urm", "sh", "-c",
                "mount -t tmpfs -o " + options + " none \"$0\" && exec \"$@\"", temp.toString()));
        all.addAll(command);
        return all;
    }

    private String run(String options, String what, String... javaOptions) throws IOException {
        var before = mounted(options, List.of("env", "JDK_JAVA_OPTIONS="
                + String.join(" ", javaOptions)));
        try (var child = new Child(before, MountedChild.class, what, temp.toString())) {
            return child.rest();
        }
    }

    @Test
    void aFullDiskIsToldFromABrokenOneAndIsGotOver() throws IOException {
        var output = run("size=32m", "full");
        assertTrue(output.contains("good\n"), output);
    }

    @Test
    void aTemporaryFolderWithoutProgramsDoesNotMatter() throws IOException {
        var noexec = run("size=64m,noexec", "open");
        assertTrue(noexec.contains("good\n"),
                () -> "the tables cannot have the library, the temporary folder can: " + noexec);
        var tables = Files.createTempDirectory("tables");
        try {
            var before = mounted("size=64m,noexec", List.of("env",
                    "JDK_JAVA_OPTIONS=-Djava.io.tmpdir=" + temp));
            try (var child = new Child(before, MountedChild.class, "open", tables.toString())) {
                var output = child.rest();
                assertTrue(output.contains("good\n"), output);
            }
        } finally {
            TablesFolder.removeAll(tables);
        }
    }

    @Test
    void withoutAnyPlaceForItTheLibrarysErrorSaysWhatToDo() throws IOException {
        var output = run("size=64m,noexec", "open", "-Djava.io.tmpdir=" + temp);
        assertTrue(output.contains("cannot load RocksDB's native library, neither from " + temp),
                output);
        assertTrue(output.contains("must be writable and not mounted noexec"), output);
    }
}
