package org.bellwether.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

class MemoryStorageTest extends StorageContract {
    @Override
    protected Storage open() {
        return new MemoryStorage();
    }

    @Override
    protected @Nullable Path files() {
        return null;
    }
}
