package org.bellwether.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// What is piped into `bell`.
final class StandardInput {
    private static final Path ITSELF = Path.of("/proc/self/fd/0");

    private StandardInput() {}

    /// All of it.
    ///
    /// @throws Failure if it cannot be read, or is longer than that; or was closed before `bell` began
    static byte[] read(String what, int bytesMax) {
        if (isClosed()) {
            throw new Failure(Exit.USAGE, "cannot read " + what
                    + " from standard input: it is closed; nothing was sent");
        }
        try {
            byte[] all = System.in.readNBytes(bytesMax + 1);
            if (all.length <= bytesMax) return all;
            throw new Failure(Exit.USAGE, what + " on standard input has more than " + bytesMax
                    + " bytes, the most it may have; nothing was sent");
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot read " + what + " from standard input: "
                    + broken.getMessage() + "; nothing was sent");
        }
    }

    /// The first file that is opened then takes its number, and is one of Java's own or of ours: its bytes would be the
    /// value. Where there is no /proc, nobody can tell.
    private static boolean isClosed() {
        try {
            var file = Files.readSymbolicLink(ITSELF);
            var program = System.getProperty("java.class.path").split(File.pathSeparator, -1);
            return file.startsWith(Path.of(System.getProperty("java.home")).toRealPath())
                    || Arrays.stream(program).anyMatch(each -> isThat(file, each));
        } catch (IOException | UnsupportedOperationException noProc) {
            return false;
        }
    }

    private static boolean isThat(Path file, String entry) {
        try {
            return Files.isSameFile(file, Path.of(entry));
        } catch (IOException isNone) {
            return false;
        }
    }
}
