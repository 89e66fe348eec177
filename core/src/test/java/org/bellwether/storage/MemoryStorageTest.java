package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryStorageTest extends StorageContract {
    @Override
    protected Storage open() {
        return new MemoryStorage();
    }

    @Override
    protected @Nullable Path files() {
        return null;
    }

    /// Somebody may look again and again where nobody writes.
    @Test
    void viewsThatAreLeftAreNotKept() {
        try (var storage = new MemoryStorage()) {
            for (int i = 0; i < 100; i++)
                storage.view().close();
            try (var open = storage.view()) {
                assertEquals(1, storage.viewsKept());
                assertEquals(0, open.applied());
            }
        }
    }
}
