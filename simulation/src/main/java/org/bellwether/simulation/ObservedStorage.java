package org.bellwether.simulation;

import java.util.List;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.View;

/// Real tables, with the invariants looking on.
final class ObservedStorage extends StorageAround {
    private final int node;
    private final Invariants invariants;
    private final World world;

    ObservedStorage(int node, Storage real, Invariants invariants, World world) {
        super(real);
        this.node = node;
        this.invariants = invariants;
        this.world = world;
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        invariants.applied(node, changes, mark);
        super.commit(changes, mark);
    }

    @Override
    public void replace(List<Change> changes, Mark mark) {
        invariants.replaced(node, changes, mark);
        super.replace(changes, mark);
    }

    @Override
    public long flush(View now) {
        long durable = super.flush(now);
        world.evidence().count(Evidence.Of.FLUSHES);
        return durable;
    }

    @Override
    public void install(Restore restore) {
        super.install(restore);
        world.evidence().count(Evidence.Of.SNAPSHOTS_INSTALLED);
        invariants.installed(node, real);
    }
}
