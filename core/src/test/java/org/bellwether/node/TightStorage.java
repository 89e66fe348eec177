package org.bellwether.node;

import java.util.List;
import java.util.function.Supplier;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageBehindException;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.StorageFullException;
import org.bellwether.storage.View;
import org.jspecify.annotations.Nullable;

/// Tables that can be made to take nothing, which as in RocksDB shows when something is committed.
final class TightStorage implements Storage {
    private final Storage real;
    volatile Refuses refuses;
    /// Whether what lies below is silent, so that nothing that is asked for comes to hand.
    volatile boolean hangs;
    /// What whoever reads meets; null for nothing.
    volatile @Nullable StorageException damage;
    volatile boolean rotsWhatIsRestored;
    /// Whether a commit was refused.
    volatile boolean seen;

    enum Refuses {
        NOTHING, FULL, BEHIND
    }

    TightStorage(Storage real, Refuses refuses) {
        this.real = real;
        this.refuses = refuses;
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        if (damage != null) throw damage;
        return real.get(key);
    }

    @Override
    public boolean isSlow() {
        return hangs;
    }

    @Override
    public boolean isAtHand(Bytes key) {
        return !hangs;
    }

    @Override
    public void fetch(Supplier<List<Bytes>> keys, Runnable done) {
        if (!hangs) real.fetch(keys, done);
    }

    @Override
    public List<Bytes> expiring(long through, int keysMax) {
        return real.expiring(through, keysMax);
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        refuse();
        real.commit(changes, mark);
    }

    @Override
    public void replace(List<Change> changes, Mark mark) {
        refuse();
        real.replace(changes, mark);
    }

    private void refuse() throws StorageCongestedException {
        var now = refuses;
        if (now == Refuses.NOTHING) return;
        seen = true;
        var cause = new IllegalStateException("as the test wants it");
        throw now == Refuses.FULL
                ? new StorageFullException("no space left", cause)
                : new StorageBehindException("too much waits", cause);
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
        return new TightView(real.view());
    }

    private final class TightView implements View {
        private final View of;

        TightView(View of) {
            this.of = of;
        }

        @Override
        public Mark mark() {
            return of.mark();
        }

        @Override
        public @Nullable Bytes scan(Bytes from, Visitor visitor) {
            var met = damage;
            if (met != null) throw met;
            return of.scan(from, visitor);
        }

        @Override
        public void close() {
            of.close();
        }
    }

    @Override
    public boolean congested() {
        return seen && refuses != Refuses.NOTHING;
    }

    @Override
    public boolean full() {
        return seen && refuses == Refuses.FULL;
    }

    @Override
    public long durable() {
        return real.durable();
    }

    @Override
    public long flush(View now) {
        return real.flush(((TightView) now).of);
    }

    @Override
    public Restore restore() {
        var restore = real.restore();
        return rotsWhatIsRestored ? new Rotting(restore) : restore;
    }

    /// What is put cannot be read back.
    private record Rotting(Restore real) implements Restore {
        @Override
        public void put(Bytes key, Versioned value) {
            real.put(key, value);
        }

        @Override
        public void finish(Mark mark, Bytes origin) {
            throw new StorageDamagedException("a checksum does not fit");
        }

        @Override
        public void close() {
            real.close();
        }
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
