package org.bellwether.simulation;

import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;

/// Takes over a snapshot's keys, and not how far the log is applied in them: goes on counting from where it was.
final class PositionlessStorage extends StorageAround {
    PositionlessStorage(Storage real) {
        super(real);
    }

    @Override
    public Restore restore() {
        return new Misplaced(super.restore(), applied());
    }

    private record Misplaced(Restore restore, long before) implements Restore {
        @Override
        public void put(Bytes key, Versioned value) {
            restore.put(key, value);
        }

        @Override
        public void finish(Mark mark, Bytes origin) {
            restore.finish(mark.at(before), origin);
        }

        @Override
        public void close() {
            restore.close();
        }
    }

    @Override
    public void install(Restore restore) {
        super.install(((Misplaced) restore).restore);
    }
}
