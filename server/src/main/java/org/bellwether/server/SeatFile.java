package org.bellwether.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.bellwether.log.Identity;
import org.bellwether.node.Seat;
import org.bellwether.raft.Membership;
import org.jspecify.annotations.Nullable;

/// What a newcomer remembers of its joining, in files beside the log: first the nonce by which it asks in, so
/// that however often it has to ask it joins once; then the list of nodes it was given, which tells it who it
/// is and whom to be linked to until its log does. With a log it has no nonce: should that be lost, nobody may come
/// back as who it was, for its votes and what it had acknowledged are lost with it.
final class SeatFile {
    private static final String NONCE = "join.nonce";
    static final String SEAT = "seat";

    private final Path dir;

    SeatFile(Path dir) {
        this.dir = dir;
    }

    /// The nonce to ask in with: the one of an earlier try if there was one.
    UUID nonce() throws StartException {
        var file = dir.resolve(NONCE);
        try {
            OwnersOnly.makeFolder(dir);
            if (Files.exists(file)) return UUID.fromString(Files.readString(file).strip());
            var nonce = UUID.randomUUID();
            keep(file, (nonce + "\n").getBytes(US_ASCII));
            return nonce;
        } catch (IOException | IllegalArgumentException broken) {
            throw new StartException("cannot use " + file + ": " + broken.getMessage(), broken);
        }
    }

    /// There is a log.
    void forgetNonce() throws IOException {
        if (Files.deleteIfExists(dir.resolve(NONCE))) DataFolder.sync(dir);
    }

    /// Kept before the log is made: who has a log knows its place.
    void keep(Membership list) throws IOException {
        byte[] encoded = list.encode();
        var file = ByteBuffer.allocate(encoded.length + 4);
        file.put(encoded).putInt(crcOf(encoded));
        keep(dir.resolve(SEAT), file.array());
    }

    /// Whole or not at all, also after a loss of power.
    private void keep(Path file, byte[] content) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh); // of an earlier try, with whatever modes
        try (var channel = FileChannel.open(fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                OwnersOnly.file())) {
            var bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining())
                channel.write(bytes);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DataFolder.sync(dir);
    }

    /// The place of a node whose log does not list it; null if nothing was kept.
    @Nullable
    Seat read(Identity identity) throws IOException {
        var file = dir.resolve(SEAT);
        if (!Files.exists(file)) return null;
        byte[] content = Files.readAllBytes(file);
        int length = content.length - 4;
        byte[] encoded = length < 0 ? new byte[0] : Arrays.copyOf(content, length);
        if (length < 0 || ByteBuffer.wrap(content).getInt(length) != crcOf(encoded))
            throw new IOException(file + " is damaged: it fails its checksum");
        var list = Membership.decode(encoded);
        var self = list.find(identity.node());
        return self == null ? null : new Seat(self, list.members());
    }

    private static int crcOf(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
