package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import org.bellwether.log.LogConfig;
import org.bellwether.node.Evidence;
import org.bellwether.storage.View;
import org.bellwether.transport.SnapshotHead;

/// Tables that turned out to be wrong, each as a backup: `bell backup --check` reads one, `bell restore` makes a
/// cluster of it to look at. The latest are kept, no more, and only where there is room: the tables that are fetched in
/// their place are to find as much again, and the log what it needs.
final class EvidenceFolder implements Evidence {
    static final String NAME = "evidence";
    private static final int FILES_MAX = 2;

    private final Path folder;
    private final LongSupplier freeBytes;

    EvidenceFolder(Path dir) {
        this(dir, () -> dir.toFile().getUsableSpace());
    }

    /// @param freeBytes on the folder's disk, now
    EvidenceFolder(Path dir, LongSupplier freeBytes) {
        this.folder = dir.resolve(NAME);
        this.freeBytes = freeBytes;
    }

    @Override
    public String keep(View tables, SnapshotHead head) throws IOException {
        OwnersOnly.makeFolder(folder);
        // By term and index, so the order of the names is that in which they were kept.
        var position = head.position();
        var file = folder.resolve(
                "tables-%020d-%020d.backup".formatted(position.term(), position.index()));
        BackupFile.keep(tables, head, file, this::refuseWithoutRoom);
        var all = kept();
        for (var old : all.subList(0, Math.max(0, all.size() - FILES_MAX)))
            Files.delete(old);
        return file.toString();
    }

    private void refuseWithoutRoom(long before, long after) throws IOException {
        long left = freeBytes.getAsLong() - (after - before);
        if (left < LogConfig.DEFAULT.freeFloorBytes() + after)
            throw new IOException("too little is free on the disk");
    }

    /// How many there are of the node in this folder.
    static int countIn(Path dir) throws IOException {
        var evidence = new EvidenceFolder(dir);
        return Files.exists(evidence.folder) ? evidence.kept().size() : 0;
    }

    private List<Path> kept() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".backup")).sorted().toList();
        }
    }
}
