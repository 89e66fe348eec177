package org.bellwether.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A folder that is a small file system of its own, for each process that is started with [#before]: no other sees what
/// it has there.
record SmallDisk(Path dir) {
    /// To be put before a program, see [BellProcess#startIn].
    List<String> before() {
        return before(300);
    }

    List<String> before(int mebibytes) {
        return List.of("unshare", "-Urm", "sh", "-c",
                "mount -t tmpfs -o size=" + mebibytes + "m none \"$0\" && exec \"$@\"",
                dir.toString());
    }

    /// Skips the test where mounting is not allowed.
    void require() throws IOException, InterruptedException {
        Process trial;
        try {
            var command = new ArrayList<>(before());
            command.add("true");
            trial = new ProcessBuilder(command).start();
        } catch (IOException noSuchProgram) {
            assumeTrue(false, "not run: no unshare here");
            return;
        }
        assumeTrue(trial.waitFor(10, TimeUnit.SECONDS) && trial.exitValue() == 0,
                "not run: mounting is not allowed here");
    }

    private Path filler(BellProcess node) {
        return Path.of("/proc/" + node.pid() + "/root" + dir.toAbsolutePath(), "filler");
    }

    /// To the last byte.
    void fill(BellProcess node) throws IOException {
        try (var out = FileChannel.open(filler(node), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocate(1 << 20);
            while (true) {
                out.write(zeros.rewind());
            }
        } catch (IOException full) {
            if (!Files.exists(filler(node))) throw full;
        }
    }

    void makeRoom(BellProcess node) throws IOException {
        Files.delete(filler(node));
    }
}
