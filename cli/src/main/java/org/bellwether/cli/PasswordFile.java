package org.bellwether.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;

/// The password of Redis clients: the first line of a file, which ends with LF or CRLF. It is bytes, whatever characters
/// they may be.
final class PasswordFile {
    private static final int BYTES_MAX = Limits.RESP_STRANGER_ARGUMENT_BYTES_MAX;

    private PasswordFile() {}

    /// @throws Failure if there is none, or one that nobody could give: no stranger may say as much
    static Bytes read(Path file) {
        var password = line(file);
        if (password.length == 0)
            throw new Failure(Exit.USAGE, "there is no password in " + file);
        if (password.length > BYTES_MAX) {
            throw new Failure(Exit.USAGE, "the password in " + file
                    + " is over the limit of " + BYTES_MAX + " bytes");
        }
        return Bytes.wrap(password);
    }

    private static byte[] line(Path file) {
        byte[] read;
        try (var in = Files.newInputStream(file)) {
            read = in.readNBytes(BYTES_MAX + 2);
        } catch (IOException broken) {
            throw new Failure(Exit.USAGE, "cannot read " + file + ": " + Reason.of(broken));
        }
        int end = 0;
        while (end < read.length && read[end] != '\n')
            end++;
        boolean carriageReturn = end < read.length && end > 0 && read[end - 1] == '\r';
        return Arrays.copyOf(read, carriageReturn ? end - 1 : end);
    }
}
