package org.bellwether.simulation;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Real tables, with the invariants looking on.
record ObservedStorage(int node, Storage storage, Invariants invariants,
        World world) implements Storage {
    @Override
    public @Nullable Versioned get(Bytes key) {
        return storage.get(key);
    }

    @Override
    public void commit(List<Change> changes, long applied, Revision revision) {
        invariants.applied(node, changes, applied, revision);
        storage.commit(changes, applied, revision);
    }

    @Override
    public long applied() {
        return storage.applied();
    }

    @Override
    public Revision revision() {
        return storage.revision();
    }

    @Override
    public Bytes origin() {
        return storage.origin();
    }

    @Override
    public long size() {
        return storage.size();
    }

    @Override
    public View view() {
        return storage.view();
    }

    @Override
    public boolean congested() {
        return storage.congested();
    }

    @Override
    public long durable() {
        return storage.durable();
    }

    @Override
    public long flush(View now) {
        long durable = storage.flush(now);
        world.evidence().count(Evidence.Of.FLUSHES);
        return durable;
    }

    @Override
    public Restore restore() {
        return storage.restore();
    }

    @Override
    public void install(Restore restore) {
        storage.install(restore);
        world.evidence().count(Evidence.Of.SNAPSHOTS_INSTALLED);
        invariants.installed(node, storage);
    }

    @Override
    public void close() {
        storage.close();
    }
}
