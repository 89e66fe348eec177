package org.bellwether.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/// Standard output that knows why it could not be written. A [PrintStream] swallows what happens to it, and a command
/// would say that all is well while its answer is in no file: so [#check] is asked before anything is called done.
final class Output extends PrintStream {
    private final Remembering to;

    private Output(Remembering to) {
        // As Java's own does it: what is printed is there at once.
        super(new BufferedOutputStream(to), true, System.out.charset());
        this.to = to;
    }

    /// This process's.
    static Output standard() {
        return new Output(new Remembering());
    }

    /// @throws Failure if not all that was printed to standard output so far could be written
    static void check() {
        var out = System.out;
        if (!out.checkError()) return;
        throw new Failure(Exit.OUTPUT, "not all of the output could be written"
                + (out instanceof Output ours ? ours.why() : ""));
    }

    private String why() {
        return to.failure == null ? "" : ": " + to.failure.getMessage();
    }

    private static final class Remembering extends OutputStream {
        private final OutputStream out = new FileOutputStream(FileDescriptor.out);
        private @Nullable IOException failure;

        @Override
        public void write(int octet) throws IOException {
            write(new byte[]{(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException failed) {
                if (failure == null) failure = failed;
                throw failed;
            }
        }
    }
}
