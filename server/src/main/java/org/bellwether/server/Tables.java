package org.bellwether.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.disk.FolderDisk;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.rocksdb.RocksConfig;
import org.bellwether.storage.rocksdb.RocksStorage;
import org.jspecify.annotations.Nullable;

/// A node's tables, in the folder `tables` beside its log.
///
/// @param disk what tables in memory are saved to; null for others
record Tables(Storage storage, @Nullable FolderDisk disk) implements AutoCloseable {
    static final String FOLDER = "tables";
    /// What the two kinds leave in the folder.
    private static final String ROCKSDB_MARK = "active";
    private static final String ROCKSDB_STATES = "state-*";
    private static final String MEMORY_MARK = "tables";

    static Tables open(Path dir, StorageKind kind) throws StartException {
        var folder = dir.resolve(FOLDER);
        try {
            refuseOther(folder, kind);
            return switch (kind) {
                case ROCKSDB -> new Tables(RocksStorage.open(folder, RocksConfig.DEFAULT), null);
                case MEMORY -> {
                    var disk = new FolderDisk(folder);
                    try {
                        yield new Tables(new MemoryStorage(disk), disk);
                    } catch (StorageException refused) {
                        disk.close();
                        throw refused;
                    }
                }
            };
        } catch (StorageException | IOException refused) {
            throw new StartException("cannot open the tables in " + folder + ": "
                    + refused.getMessage(), refused);
        }
    }

    /// Keeps others from the tables until it is closed, and looks at nothing: whoever cannot have them must not have changed
    /// the log beside them. To be closed right before they are opened.
    ///
    /// @return null if there are none yet
    static @Nullable FolderDisk reserve(Path dir) throws StartException {
        var folder = dir.resolve(FOLDER);
        if (!Files.isDirectory(folder)) return null;
        try {
            return new FolderDisk(folder);
        } catch (IOException refused) {
            throw new StartException("cannot open the tables: " + refused.getMessage(), refused);
        }
    }

    private static void refuseOther(Path folder, StorageKind kind)
            throws StartException, IOException {
        var found = kindOf(folder);
        if (found != null && found != kind) {
            throw new StartException("the tables in " + folder + " are of --storage "
                    + found.label() + ", not " + kind.label()
                    + "; a node keeps the kind that it was begun with");
        }
    }

    /// Null if there are none yet.
    static @Nullable StorageKind kindOf(Path folder) throws IOException {
        if (Files.exists(folder.resolve(ROCKSDB_MARK)) || hasStates(folder))
            return StorageKind.ROCKSDB;
        return Files.exists(folder.resolve(MEMORY_MARK)) ? StorageKind.MEMORY : null;
    }

    /// Without the mark nobody knows which of them counts, but there are some.
    private static boolean hasStates(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return false;
        try (var states = Files.newDirectoryStream(folder, ROCKSDB_STATES)) {
            return states.iterator().hasNext();
        }
    }

    /// The storage itself is closed by the node.
    @Override
    public void close() throws IOException {
        storage.close();
        if (disk != null) disk.close();
    }
}
