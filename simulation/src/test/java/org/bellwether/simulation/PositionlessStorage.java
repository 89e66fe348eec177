package org.bellwether.simulation;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Real tables that take over a snapshot's keys, and not how far the log is applied in them: they go on counting
/// from where they were.
record PositionlessStorage(Storage real) implements Storage {
    @Override
    public Restore restore() {
        return new Misplaced(real.restore(), real.applied());
    }

    private record Misplaced(Restore restore, long before) implements Restore {
        @Override
        public void put(Bytes key, Versioned value) {
            restore.put(key, value);
        }

        @Override
        public void finish(long applied, Revision revision, Bytes origin) {
            restore.finish(before, revision, origin);
        }

        @Override
        public void close() {
            restore.close();
        }
    }

    @Override
    public void install(Restore restore) {
        real.install(((Misplaced) restore).restore);
    }

    @Override
    public void commit(List<Change> changes, long applied, Revision revision) {
        real.commit(changes, applied, revision);
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        return real.get(key);
    }

    @Override
    public long applied() {
        return real.applied();
    }

    @Override
    public Revision revision() {
        return real.revision();
    }

    @Override
    public Bytes origin() {
        return real.origin();
    }

    @Override
    public long size() {
        return real.size();
    }

    @Override
    public View view() {
        return real.view();
    }

    @Override
    public boolean congested() {
        return real.congested();
    }

    @Override
    public long durable() {
        return real.durable();
    }

    @Override
    public long flush(View now) {
        return real.flush(now);
    }

    @Override
    public void close() {
        real.close();
    }
}
