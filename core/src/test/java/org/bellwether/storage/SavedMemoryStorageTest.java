package org.bellwether.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bellwether.disk.FolderDisk;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// Tables in memory that are saved to a real folder.
class SavedMemoryStorageTest extends StorageContract {
    @TempDir
    Path folder;

    private @Nullable FolderDisk disk;

    @Override
    protected Storage open() {
        try {
            close();
            disk = new FolderDisk(folder);
            return new MemoryStorage(disk);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    protected Path files() {
        return folder;
    }

    @AfterEach
    void close() throws IOException {
        if (disk != null) disk.close();
    }
}
