package org.bellwether.simulation;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Does what real tables do. Subclasses look on, or do harm.
class StorageAround implements Storage {
    final Storage real;

    StorageAround(Storage real) {
        this.real = real;
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        return real.get(key);
    }

    @Override
    public List<Bytes> expiring(long through, int keysMax) {
        return real.expiring(through, keysMax);
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        real.commit(changes, mark);
    }

    @Override
    public void replace(List<Change> changes, Mark mark) {
        real.replace(changes, mark);
    }

    @Override
    public Mark mark() {
        return real.mark();
    }

    @Override
    public Bytes origin() {
        return real.origin();
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
    public boolean full() {
        return real.full();
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
