package org.bellwether.simulation;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Real tables behind a wrapper that loses the changes of one entry in thirty, and counts on as if
/// nothing had happened: an apply error that was logged and passed over.
record ForgetfulStorage(Storage real) implements Storage {
    @Override
    public void commit(List<Change> changes, long applied, Revision revision) {
        real.commit(applied % 30 == 0 ? List.of() : changes, applied, revision);
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
    public Restore restore() {
        return real.restore();
    }

    @Override
    public void install(Restore restore) {
        real.install(restore);
    }

    @Override
    public void close() {
        real.close();
    }
}
